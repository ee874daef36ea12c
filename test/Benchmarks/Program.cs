using System.Diagnostics;
using System.Globalization;
using Benchmarks;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;

// One table: our kernels and training steps beside the processor's own peak and, where python3 has it, PyTorch. An argument names a part of it.
string wanted = args.Length > 0 ? args[0] : "";
#if MLNET
if (wanted == "mlnet")
{
    if (args.Length > 1) MLNet.Part(args[1]);
    else MLNet.Run();
    return;
}
#endif
#if ILGPU
if (wanted == "gpu")
{
    Gpu.Run(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 8192, args.ElementAtOrDefault(2) ?? "");
    return;
}
#endif
int threads = Device.Threads;
Dictionary<string, double> torch = Torch.Measure(threads, wanted);
for (int round = 1; round < Timing.Rounds; round++) torch = Torch.Best(torch, Torch.Measure(threads, wanted));
Console.WriteLine($"{Device.Cpu}, {threads} threads; PyTorch: {(torch.Count > 0 ? "beside us" : "not found")}");

var table = new Table("work", "ours", "floor or peak", "ours / floor", "PyTorch", "times as fast");
// In rounds, best against best: another process may have a processor for seconds, and then takes from one of the two only.
int[] counts = threads > 1 ? [1, threads] : [1], sizes = wanted.Length > 0 ? [] : [128, 256, 512, 1024];
var peaks = new double[counts.Length];
var products = new double[counts.Length, sizes.Length];
for (int round = 0; round < Timing.Rounds; round++)
{
    for (int c = 0; c < counts.Length; c++)
    {
        Device.Threads = counts[c];
        peaks[c] = Math.Max(peaks[c], Peak.GigaflopsPerSecond(counts[c]));
        for (int s = 0; s < sizes.Length; s++) products[c, s] = Math.Max(products[c, s], MatMul(sizes[s], peaks[c]));
        peaks[c] = Math.Max(peaks[c], Peak.GigaflopsPerSecond(counts[c]));
    }
}
for (int c = 0; c < counts.Length; c++)
{
    for (int s = 0; s < sizes.Length; s++)
    {
        double ours = products[c, s];
        double? peer = torch.TryGetValue($"matmul_{sizes[s]}_{counts[c]}", out double t) ? t : null;
        table.Add($"matrix product {sizes[s]}³, {counts[c]} thread{(counts[c] > 1 ? "s" : "")} (GFLOP/s)", ours, peaks[c], ours / peaks[c], peer, ours / peer);
    }
}

double full = Enumerable.Range(0, Timing.Rounds).Select(_ => Peak.GigaflopsPerSecond(threads)).Append(peaks[^1]).Max();
Step("tabular step: batch 32, 20–64–64–1, Adam, mse (µs)", "tabular", 32, [20, 64, 64, 1], 200_000, () => Models.Tabular());
Step("mnist_mlp step: batch 128, 784–512–512–10, dropout, RMSprop (µs)", "mnist_mlp", 128, [784, 512, 512, 10], 8_000, () => Models.MnistMlp());
Sequence("mnist_cnn step: batch 128, conv 32, conv 64, pool, dense 128, dropout, Adadelta (µs)", "mnist_cnn", 128, 2 * 3.0 * 128 * (26 * 26 * 9 * 32 * (2.0 / 3) + 24 * 24 * 9 * 32 * 64 + 9216 * 128 + 128 * 10), () => Models.MnistCnn());
Sequence("imdb_lstm step: batch 32, 80 steps, embedding 20000×128, LSTM 128, Adam (µs)", "imdb_lstm", 32, 2 * 3.0 * 32 * 80 * (128 * 512 + 128 * 512), () => Models.ImdbLstm(0));
Sequence("imdb_lstm step with dropout 0.2 of inputs and states, as in Keras' example (µs)", "imdb_lstm", 32, 2 * 3.0 * 32 * 80 * (128 * 512 + 128 * 512), () => Models.ImdbLstm(0.2));
foreach (int workers in wanted.Length > 0 ? [] : new[] { 0, 4 })
{
    (Sequential model, _, _) = Models.Tabular();
    var batches = new WaitingBatches();
    model.Fit(batches, verbose: 0, workers: workers);
    double ours = Timing.Best(() => model.Fit(batches, verbose: 0, workers: workers), 1) / batches.Count * 1e6, floor = WaitingBatches.Milliseconds * 1e3 / Math.Max(1, workers);
    table.Add($"Fit over batches that wait {WaitingBatches.Milliseconds} ms each, workers: {workers} (µs a batch)", ours, floor, ours / floor, null, null);
    model.Dispose();
}
Console.WriteLine(table);

var predictions = new Table("prediction", "ours", "floor", "ours / floor", "ONNX Runtime", "of its speed");
foreach (int count in counts)
{
    Device.Threads = count;
    Predict("tabular", count, [1, 32, 1024], Models.Tabular, 2.0 * (20 * 64 + 64 * 64 + 64));
    Predict("mnist_mlp", count, [1, 32, 1024], Models.MnistMlp, 2.0 * (784 * 512 + 512 * 512 + 512 * 10));
    Predict("mnist_cnn", count, [1, 32, 128], Models.MnistCnn, 2.0 * (26 * 26 * 9 * 32 + 24 * 24 * 9 * 32 * 64 + 9216 * 128 + 128 * 10));
    Predict("imdb_lstm", count, [1, 32], () => Models.ImdbLstm(0), 2.0 * 80 * (128 * 512 + 128 * 512));
}
Console.WriteLine(predictions);

void Predict(string name, int count, int[] batches, Func<(Sequential, NDArray, NDArray)> make, double operations)
{
    if (wanted.Length > 0 && wanted != "predict" && !name.Contains(wanted, StringComparison.Ordinal)) return;
    (Sequential model, NDArray x, _) = make();
    using var scorer = Peer.Open(model, count);
    foreach (int batch in batches)
    {
        NDArray rows = x.Slice(0, Math.Min(batch, x.Shape[0]));
        double floor = operations * rows.Shape[0] / (peaks[Array.IndexOf(counts, count)] * 1e9) * 1e6;
        int repeats = (int)Math.Clamp(20_000 / floor, 1, 2000);
        double ours = double.MaxValue, peer = double.MaxValue;
        for (int round = 0; round < Timing.Rounds; round++)
        {
            ours = Math.Min(ours, Timing.Best(() => model.Predict(rows, batchSize: batch), repeats) * 1e6);
            if (scorer is not null) peer = Math.Min(peer, Timing.Best(() => scorer.Predict(rows), repeats) * 1e6);
        }
        predictions.Add($"{name}, batch {batch}, {count} thread{(count > 1 ? "s" : "")} (µs)", ours, floor, ours / floor, scorer is null ? null : peer, scorer is null ? null : peer / ours);
    }
    model.Dispose();
}

double MatMul(int n, double peak)
{
    Tensor a = K.Placeholder(n, n), b = K.Placeholder(n, n);
    using var function = Device.Cpu.Compile(new Graph([a, b], [K.Dot(a, b)], []));
    function.Prepare(1);
    float[] values = new float[n * n];
    for (int i = 0; i < values.Length; i++) values[i] = (i * 7919 % 1000) / 1000f;
    function.Write(0, values);
    function.Write(1, values);
    double work = 2.0 * n * n * n;
    int repeats = Math.Max(2, (int)(peak * 1e9 * 0.05 / work));
    return work / Timing.Best(function.Run, repeats) / 1e9;
}

void Step(string name, string key, int batch, int[] sizes, int steps, Func<(Sequential, NDArray, NDArray)> make)
{
    // Forward, gradients by the weights, and gradients by all layers' inputs but the first.
    double products = 0;
    for (int i = 0; i + 1 < sizes.Length; i++) products += (i == 0 ? 2.0 : 3.0) * batch * sizes[i] * sizes[i + 1];
    Sequence(name, key, batch, 2 * products, make, steps);
}

void Sequence(string name, string key, int batch, double operations, Func<(Sequential, NDArray, NDArray)> make, int steps = 80)
{
    if (!key.Contains(wanted, StringComparison.Ordinal)) return;
    double floor = operations / (full * 1e9) * 1e6;
    (Sequential model, NDArray x, NDArray y) = make();
    int perEpoch = x.Shape[0] / batch;
    double ours = double.MaxValue;
    for (int i = 0; i < 8; i++)
    {
        int epochs = Math.Max(1, steps / 8 / perEpoch);
        var clock = Stopwatch.StartNew();
        model.Fit(x, y, batchSize: batch, epochs: epochs, verbose: 0);
        ours = Math.Min(ours, clock.Elapsed.TotalMicroseconds / (epochs * perEpoch));
    }
    model.Dispose();
    double? peer = torch.TryGetValue(key, out double t) ? t : null;
    table.Add(name, ours, floor, ours / floor, peer, peer / ours);
}

namespace Benchmarks
{
    internal static class Models
    {
        public static (Sequential, NDArray, NDArray) Tabular()
        {
            var model = new Sequential([
                new Dense(64, activation: "relu", inputShape: [20]),
                new Dense(64, activation: "relu"),
                new Dense(1),
            ]);
            model.Compile("adam", "mse");
            return (model, Data(3200, 20), Data(3200, 1));
        }

        public static (Sequential, NDArray, NDArray) MnistMlp()
        {
            var model = new Sequential([
                new Dense(512, activation: "relu", inputShape: [784]),
                new Dropout(0.2),
                new Dense(512, activation: "relu"),
                new Dropout(0.2),
                new Dense(10, activation: "softmax"),
            ]);
            model.Compile("rmsprop", "categorical_crossentropy", metrics: ["accuracy"]);
            var y = new NDArray(12_800, 10);
            for (int i = 0; i < y.Shape[0]; i++) y[i, i * 7 % 10] = 1;
            return (model, Data(12_800, 784), y);
        }

        public static (Sequential, NDArray, NDArray) MnistCnn()
        {
            var model = new Sequential([
                new Conv2D(32, 3, activation: "relu", inputShape: [28, 28, 1]),
                new Conv2D(64, 3, activation: "relu"),
                new MaxPooling2D(2),
                new Dropout(0.25),
                new Flatten(),
                new Dense(128, activation: "relu"),
                new Dropout(0.5),
                new Dense(10, activation: "softmax"),
            ]);
            model.Compile("adadelta", "categorical_crossentropy", metrics: ["accuracy"]);
            var y = new NDArray(1280, 10);
            for (int i = 0; i < y.Shape[0]; i++) y[i, i * 7 % 10] = 1;
            return (model, Data(1280, 28, 28, 1), y);
        }

        public static (Sequential, NDArray, NDArray) ImdbLstm(double dropout)
        {
            var model = new Sequential([
                new Embedding(20_000, 128),
                new LSTM(128, dropout: dropout, recurrentDropout: dropout),
                new Dense(1, activation: "sigmoid"),
            ]);
            model.Compile("adam", "binary_crossentropy", metrics: ["accuracy"]);
            NDArray x = Data(320, 80), y = Data(320, 1);
            foreach (ref float value in x.Span) value = MathF.Floor(value * 20_000);
            foreach (ref float value in y.Span) value = MathF.Round(value);
            return (model, x, y);
        }

        public static (Sequential, NDArray, NDArray) Transformer()
        {
            var model = new Sequential([
                new TransformerEncoder(512, 8, inputShape: [64, 128]),
                new TransformerEncoder(512, 8),
                new TransformerEncoder(512, 8),
                new TransformerEncoder(512, 8),
                new GlobalAveragePooling1D(),
                new Dense(10),
            ]);
            model.Compile("adam", "mse");
            return (model, Data(1024, 64, 128), Data(1024, 10));
        }

        static NDArray Data(params int[] shape)
        {
            var random = new Random(1);
            var array = new NDArray(shape);
            foreach (ref float value in array.Span) value = random.NextSingle();
            return array;
        }
    }

    /// <summary>Batches that take their time, as those that are read from afar.</summary>
    internal sealed class WaitingBatches : BatchSequence
    {
        public const int Milliseconds = 5;

        static readonly Batch s_batch = (new NDArray(32, 20), new NDArray(32, 1));

        public override int Count => 100;

        public override Batch this[int index]
        {
            get
            {
                Thread.Sleep(Milliseconds);
                return s_batch;
            }
        }
    }

    internal static class Timing
    {
        /// <summary>How often everything is measured, ours and the peer's.</summary>
        public const int Rounds = 3;

        /// <summary>The best of several runs, in seconds a call; half a second at least, so that compiler and threads are warm.</summary>
        public static double Best(Action action, int repeats)
        {
            double best = double.MaxValue;
            var all = Stopwatch.StartNew();
            for (int i = 0; i < 12 || all.Elapsed.TotalSeconds < 0.5; i++)
            {
                var clock = Stopwatch.StartNew();
                for (int r = 0; r < repeats; r++) action();
                best = Math.Min(best, clock.Elapsed.TotalSeconds / repeats);
            }
            return best;
        }
    }

    internal sealed class Table(params string[] headers)
    {
        readonly List<string[]> _rows = [headers];

        public void Add(string name, params double?[] values) =>
            _rows.Add([name, .. values.Select(v => v is double d ? d.ToString(Math.Abs(d) >= 100 ? "0" : Math.Abs(d) >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture) : "–")]);

        public override string ToString()
        {
            int[] widths = [.. Enumerable.Range(0, headers.Length).Select(c => _rows.Max(r => r[c].Length))];
            return string.Join(Environment.NewLine, _rows.Select(r => $"| {string.Join(" | ", r.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c])))} |"));
        }
    }
}
