using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Benchmarks;

/// <summary>Tables of numbers and categories through an ML.NET pipeline: 10 numbers and 3 categories, one-hot to 1010
/// columns, 64–32–1. PyTorch gets the encoded columns.</summary>
internal static class WideAndDeep
{
    const int Rows = 16_384, NumberColumns = 10, Batch = 256, Columns = 1010;

    sealed class Row
    {
        [VectorType(NumberColumns)]
        public float[] Numbers { get; set; } = [];

        [KeyType(500)]
        public uint Shop { get; set; }

        [KeyType(300)]
        public uint Article { get; set; }

        [KeyType(200)]
        public uint Town { get; set; }

        public float Label { get; set; }
    }

    public static void Run(Machine[] machines)
    {
        var table = new Table("wide and deep, through ML.NET (µs a batch of 256)", "ours", "floor", "ours / floor",
            "PyTorch", "times as fast");
        var ml = new MLContext(seed: 1);
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, Rows).Select(_ => new Row
        {
            Numbers = [.. Enumerable.Range(0, NumberColumns).Select(_ => random.NextSingle())],
            Shop = 1 + (uint)random.Next(500),
            Article = 1 + (uint)random.Next(300),
            Town = 1 + (uint)random.Next(200),
            Label = random.NextSingle(),
        })];
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        ITransformer featurizer =
            ml.Transforms.Conversion.MapKeyToVector([new InputOutputColumnPair("Shop"),
                new InputOutputColumnPair("Article"), new InputOutputColumnPair("Town")])
            .Append(ml.Transforms.Concatenate("Features", "Numbers", "Shop", "Article", "Town")).Fit(view);
        IDataView features = featurizer.Transform(view);
        foreach (Machine machine in machines)
        {
            Device.Threads = machine.Threads;
            using Torch? torch = Torch.Open(machine.Threads);
            const int epochs = 4;
            KerasSequentialTrainer trainer =
                ml.Regression.Trainers.KerasSequential([new Dense(64, activation: "relu"),
                    new Dense(32, activation: "relu"), new Dense(1)],
                new() { Optimizer = "adam", BatchSize = Batch, Epochs = epochs, Seed = 1 });
            Turns turns = Turns.Of(machine,
                () => machine.Floor(2.0 * Batch * (2 * Columns * 64 + 3 * (64 * 32 + 32)),
                    3.0 * 4 * (Columns * 64 + 64 * 32), writes: true),
                () => Timing.Microseconds(() => trainer.Fit(features)) / (epochs * Rows / Batch),
                torch is null ? null : () => torch.Ask("step wide_and_deep"));
            turns.AddTo(table, Compare.Threads(machine));
        }
        table.Print();
    }
}
