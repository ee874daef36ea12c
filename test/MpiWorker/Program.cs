using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Tests;

// One rank of a run that a test starts: WORK KEY=VALUE …; it writes its results to its own files.
var settings = args.Skip(1).Select(a => a.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
string Setting(string name, string otherwise) => settings.GetValueOrDefault(name, otherwise);
int Number(string name, int otherwise) =>
    int.Parse(Setting(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

string folder = Setting("folder", ".");
Distribution ranks;
try
{
    ranks = Distribution.Mpi(TimeSpan.FromSeconds(Number("timeout", 20)),
        Enum.Parse<PredictionResults>(Setting("predictions", nameof(PredictionResults.OnRankZero))));
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine($"refused: {e.Message}");
    return 3;
}
string Own(string name) => Path.Combine(folder, $"{name}.{ranks.Rank}");

(NDArray x, NDArray y, NDArray testX, NDArray testY) = DigitsWork.Data();
// Ranks start with different weights, and must end with the same ones.
using Sequential model = DigitsWork.Model(
    Setting("model", "dense"), Setting("optimizer", "sgd"), seed: Number("seed", 1) + 100 * ranks.Rank);
model.Distribute = ranks;
try
{
    switch (args[0])
    {
        case "train":
            var callbacks = new List<Callback>();
            if (settings.TryGetValue("checkpoint", out string? checkpoint))
                callbacks.Add(new TrainingCheckpoint(checkpoint, Number("every", 10)));
            if (settings.ContainsKey("csv")) callbacks.Add(new CSVLogger(Setting("csv", "")));
            if (settings.ContainsKey("patience"))
                callbacks.Add(new EarlyStopping("val_loss", minDelta: 1, patience: Number("patience", 0)));
            if (settings.ContainsKey("stop"))
                callbacks.Add(
                    new LambdaCallback(onBatchEnd: (batch, _) =>
                        model.StopTraining |= ranks.Rank == Number("stop", 0) && batch == 5));
            // Slow enough to be killed in the middle.
            if (settings.ContainsKey("pause"))
                callbacks.Add(new LambdaCallback(onBatchEnd: (_, _) => Thread.Sleep(Number("pause", 0))));
            if (settings.ContainsKey("hang"))
                callbacks.Add(
                    new LambdaCallback(onBatchEnd: (batch, _) =>
                        Thread.Sleep(ranks.Rank == Number("hang", 0) && batch == 3 ? Timeout.Infinite : 0)));
            if (settings.ContainsKey("throw"))
                callbacks.Add(
                    new LambdaCallback(onBatchEnd: (batch, _) => Fail(ranks.Rank == Number("throw", 0) && batch == 3)));
            string? resume = settings.TryGetValue("checkpoint", out string? file) && File.Exists(file)
            && Setting("resume", "no") == "yes" ? file : null;
            int samples = x.Shape[0] - (ranks.Rank == Number("fewer", -1) ? 7 : 0);
            File.WriteAllText(Own("started"), $"{Environment.ProcessId}");
            int batch = Number("batch", 64), epochs = Number("epochs", 3);
            History history = Setting("data", "arrays") == "sequence"
                ? model.Fit(new DigitsWork.Batches(x, y, batch), epochs: epochs, verbose: 2,
                    validationData: new(new DigitsWork.Batches(testX, testY, batch)), callbacks: callbacks,
                    resumeFrom: resume)
                : model.Fit(x.Slice(0, samples), y.Slice(0, samples), batchSize: batch, epochs: epochs, verbose: 2,
                    validationData: (testX, testY), callbacks: callbacks, resumeFrom: resume);
            File.WriteAllText(Own("history"),
                JsonSerializer.Serialize(history.ToDictionary(m => m.Key, m => m.Value.ToArray())));
            break;
        case "evaluate":
            File.WriteAllText(Own("history"),
                JsonSerializer.Serialize(model.Evaluate(testX, testY, verbose: 0).ToDictionary()));
            break;
        case "predict":
            model.TrainOnBatch(x.Slice(0, 64), y.Slice(0, 64));
            NDArray scores = model.Predict(testX.Slice(0, Number("rows", testX.Shape[0])), batchSize: 50);
            File.WriteAllBytes(Own("scores"), MemoryMarshal.AsBytes(scores.Span).ToArray());
            break;
#if MLNET
        case "pipeline":
            // Without a shuffle the batches are those of one rank.
            (float[] trained, History told) = PipelineWork.Train(ranks, Setting("model", "dense"),
                Setting("rows", "all"), settings.ContainsKey("bytes") ? Number("bytes", 0) : null,
                Setting("shuffle", "no") == "yes", []);
            File.WriteAllText(Own("history"),
                JsonSerializer.Serialize(told.ToDictionary(m => m.Key, m => m.Value.ToArray())));
            File.WriteAllBytes(Own("weights"), MemoryMarshal.AsBytes(trained.AsSpan()).ToArray());
            return 0;
#endif
        default:
            throw new ArgumentException($"Unknown work {args[0]}.");
    }
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"refused: {e.Message}");
    return 3;
}
File.WriteAllBytes(Own("weights"), [.. model.GetWeights().SelectMany(w => MemoryMarshal.AsBytes(w.Span).ToArray())]);
return 0;

static void Fail(bool fails)
{
    if (fails) throw new InvalidDataException("the callback fails");
}
