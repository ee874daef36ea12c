using System.Globalization;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Samples;

/// <summary>The main sample if ML.NET is available: from a CSV file through an ML.NET pipeline to a model that is
/// saved, loaded and evaluated.</summary>
internal static class Pipeline
{
    /// <summary>A handwritten digit: 8×8 pixels from 0 to 16, and what it shows.</summary>
    public sealed class Digit
    {
        [LoadColumn(0, 63), VectorType(64)]
        public float[] Features { get; set; } = [];

        [LoadColumn(64)]
        public float Number { get; set; }
    }

    public sealed class Reading
    {
        public float PredictedLabel { get; set; }

        public float[] Score { get; set; } = [];
    }

    public static void Run(int seed)
    {
        var ml = new MLContext(seed);
        string csv = Unpack("digits.csv.gz"), file = Path.Combine(Path.GetTempPath(), $"digits-{Guid.NewGuid():N}.zip");
        (ITransformer trained, IDataView test) = Train(ml, csv, verbose: true);

        ml.Model.Save(trained, test.Schema, file);
        ITransformer model = ml.Model.Load(file, out _);
        Console.WriteLine($"saved and loaded: {new FileInfo(file).Length / 1024} KB");

        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(model.Transform(test));
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"accuracy: {metrics.MicroAccuracy:0.0000}, log-loss: {metrics.LogLoss:0.0000} ")
            + "on digits not used in training");
        KerasSequentialTransformer network = ((IEnumerable<ITransformer>)model).OfType<KerasSequentialTransformer>()
            .Single();
        IDataView prepared = ((TransformerChain<ITransformer>)model).Take(2)
            .Aggregate(test, (view, step) => step.Transform(view));
        Console.WriteLine($"the same with Keras: {network.Evaluate(prepared)}");

        PredictionEngine<Digit, Reading> engine = ml.Model.CreatePredictionEngine<Digit, Reading>(model);
        foreach (Digit digit in ml.Data.CreateEnumerable<Digit>(ml.Data.TakeRows(test, 3), reuseRowObject: false))
        {
            Reading reading = engine.Predict(digit);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"a {digit.Number} is read as {reading.PredictedLabel} ({reading.Score.Max():P1})"));
        }
        File.Delete(file);
        File.Delete(csv);
    }

    /// <summary>Returns a pipeline trained on two thirds of the digits, and the rest.</summary>
    public static (ITransformer Model, IDataView Test) Train(MLContext ml, string csv, bool verbose)
    {
        IDataView digits = ml.Data.LoadFromTextFile<Digit>(csv, separatorChar: ',');
        DataOperationsCatalog.TrainTestData split = ml.Data.TrainTestSplit(digits, testFraction: 1.0 / 3);
        var options = new KerasSequentialOptions
        {
            InputShape = [8, 8, 1],
            Epochs = 25,
            BatchSize = 32,
            Optimizer = new Adam(),
            ValidationSplit = 0.1,
            Verbose = verbose ? 1 : 0,
            CancellationToken = Interrupt.Token,
        };
        IEstimator<ITransformer> pipeline = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Digit.Number))
            .Append(ml.Transforms.NormalizeMinMax("Features"))
            .Append(ml.MulticlassClassification.Trainers.KerasSequential(
            [
                new Conv2D(32, 3, activation: "relu"),
                new Conv2D(64, 3, activation: "relu"),
                new MaxPooling2D(2),
                new Dropout(0.25),
                new Flatten(),
                new Dense(128, activation: "relu"),
                new Dropout(0.5),
                new Dense(10, activation: "softmax"),
            ], options))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        return (pipeline.Fit(split.TrainSet), split.TestSet);
    }

    /// <summary>Unpacks a shipped file to plain text for ML.NET's loader.</summary>
    public static string Unpack(string file)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        using FileStream packed = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Data", file)),
            plain = File.Create(path);
        using var unpacking = new GZipStream(packed, CompressionMode.Decompress);
        unpacking.CopyTo(plain);
        return path;
    }
}
