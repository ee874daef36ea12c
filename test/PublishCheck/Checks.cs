using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Preprocessing;
using Microsoft.ML.KerasSequential.Utils;

namespace PublishCheck;

/// <summary>What programs do with the core, each with the resulting numbers.</summary>
static class Checks
{
    public static IEnumerable<(string Name, float[] Values)> All() =>
    [
        .. Networks.All(),
        .. ByName.All(),
        ("expressions", Expressions()),
        ("loops", Loops()),
        .. Files(),
        ("callbacks", WithCallbacks()),
        ("your own", Custom.Run()),
        ("texts", Texts()),
        ("data", Data()),
    ];

    /// <summary>Files, records, and a table that is a resource.</summary>
    static float[] Data()
    {
        CsvTable csv = CsvTable.Read(new StringReader("a,b\n1.5,x\nNA,y\n"), missingValue: -1);
        NDArray records = NDArray.FromRecords(csv.Texts("b"), t => t.Length, t => t[0]);
        return [.. csv.Columns("a").ToArray(), .. csv.Classes("b", out _).ToArray(), .. records.ToArray(),
            .. Datasets.Digits().X.Slice(7, 3).ToArray()];
    }

    /// <summary>A function of many operations, with its gradient.</summary>
    static float[] Expressions()
    {
        Tensor x = K.Placeholder(null, 5), row = K.Placeholder(5);
        Tensor y = K.Tanh(x) * row + K.Exp(-K.Square(x)) - K.Sigmoid(x / 2) + K.Softplus(x) * K.Sqrt(K.Abs(x) + 1)
            + K.Sin(x) * K.Cos(row) + K.Maximum(x, row) - K.Minimum(x, 0.25f)
            + K.Pow(K.Abs(x) + 0.5f, 1.5f) + K.Log(K.Abs(x) + 1)
            + K.Switch(K.Less(x, row), x, row) + K.Erf(x) + K.Round(x * 3) + K.Sign(x) + K.Relu(x);
        Tensor loss = K.Sum(K.Square(y)) + K.Max(x) - K.Min(x) + K.Prod(K.Abs(row) + 0.5f);
        using Function function = K.Function(
            [x, row], [y, K.Mean(y, axis: 0), K.Std(y, axis: 1), .. K.Gradients(loss, [x, row])]);
        NDArray[] results = function.Run([Program.Some(300, 5), new float[] { -1, -0.5f, 0, 0.5f, 1 }]);
        return [.. results.SelectMany(r => r.ToArray())];
    }

    static float[] Loops()
    {
        Tensor x = K.Placeholder(2, 6, 3);
        Tensor last = K.Rnn(
            (step, states) => (0.9 * states[0] + K.Tanh(step), [0.9 * states[0] + K.Tanh(step)]),
            x, [K.ZerosLike(K.Sum(x, axis: 1))]).LastOutput;
        using Function function = K.Function(
            [x], [last, K.Gradients(K.Sum(K.Square(last)), [x])[0], K.Cumsum(x, axis: 1)]);
        NDArray values = new NDArray(Program.Some(12, 3).ToArray(), 2, 6, 3);
        return [.. function.Run([values]).SelectMany(r => r.ToArray())];
    }

    static IEnumerable<(string, float[])> Files()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string Path(string name) => System.IO.Path.Combine(folder, name);
        NDArray x = Program.Some(8, 6), y = Program.Some(8, 2);
        using Sequential model = Networks.Small();
        model.Fit(x, y, epochs: 2, verbose: 0);
        yield return ("before files", model.Predict(x).ToArray());

        model.Save(Path("model.zip"));
        using (Sequential loaded = Sequential.Load(Path("model.zip")))
        {
            loaded.Fit(x, y, epochs: 1, verbose: 0, shuffle: false);
            yield return ("model file", loaded.Predict(x).ToArray());
        }
        foreach (string file in new[] { "weights.safetensors", "weights.npz" })
        {
            model.SaveWeights(Path(file));
            using Sequential blank = Sequential.FromJson(model.ToJson());
            blank.LoadWeights(Path(file));
            yield return (file, blank.Predict(x).ToArray());
        }
        using (Sequential yaml = Sequential.FromYaml(model.ToYaml()))
        {
            yaml.SetWeights(model.GetWeights());
            yield return ("yaml", yaml.Predict(x).ToArray());
        }
        model.ToOnnx(Path("model.onnx"));
        using (Sequential onnx = Sequential.FromOnnx(Path("model.onnx")))
            yield return ("onnx", onnx.Predict(x).ToArray());
        Directory.Delete(folder, recursive: true);
    }

    static float[] WithCallbacks()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string Path(string name) => System.IO.Path.Combine(folder, name);
        NDArray x = Program.Some(32, 6), y = Program.Some(32, 2);
        int batches = 0;
        Callback[] Callbacks() =>
        [
            new EarlyStopping(patience: 2, restoreBestWeights: true), new ReduceLROnPlateau(patience: 1),
            new CSVLogger(Path("log.csv")), new ModelCheckpoint(Path("best.zip"), saveBestOnly: true),
            new TensorBoard(Path("logs"), histogramFreq: 1), new TerminateOnNaN(),
            new LambdaCallback(onBatchEnd: (_, _) => batches++),
            new TrainingCheckpoint(Path("run.state"), everySteps: 3),
        ];
        using Sequential model = Networks.Small();
        History history = model.Fit(x, y, epochs: 4, verbose: 0, validationData: (x, y), callbacks: Callbacks());
        using Sequential again = Networks.Small();
        History resumed = again.Fit(x, y, epochs: 4, verbose: 0, validationData: (x, y), callbacks: Callbacks(),
            resumeFrom: Path("run.state"));
        int lines = File.ReadAllLines(Path("log.csv")).Length;
        Directory.Delete(folder, recursive: true);
        return [.. history["loss"].Concat(resumed["val_loss"]).Select(v => (float)v), batches, lines];
    }

    static float[] Texts()
    {
        string[] texts = ["The cat sat on the mat.", "A dog ran."];
        var tokenizer = new Tokenizer(oovToken: "<unknown>");
        tokenizer.FitOnTexts(texts);
        Tokenizer read = Tokenizer.FromJson(tokenizer.ToJson());
        NDArray padded = Sequence.PadSequences(read.TextsToSequences(texts), maxlen: 5);
        NDArray counts = read.TextsToMatrix(["the bird sat"], mode: "count");
        return [.. padded.ToArray(), .. counts.ToArray(), .. NpUtils.ToCategorical(new float[] { 2, 0, 1 }).ToArray()];
    }
}
