using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Benchmarks;

/// <summary>Measures the overhead of ML.NET: compared with the same network on arrays, and in memory.</summary>
internal static class MLNet
{
    const int Rows = 1_000_000, Features = 20, BatchSize = 32;

    const long Streamed = 2L << 30;
    const int StreamedFeatures = 250;

    sealed class Row
    {
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    /// <summary>Prints the table; the parts that measure memory run in separate processes.</summary>
    public static void Run()
    {
        var time = new Table("ML.NET", "through ML.NET", "on arrays", "through / arrays", "goal", "");
        Row[] rows = [.. Generate(Rows, Features)];
        var ml = new MLContext(seed: 1);
        IDataView view = ml.Data.LoadFromEnumerable(rows, Sized(Features));
        NDArray x = new(Rows, Features), y = new(Rows, 1);
        for (int i = 0; i < Rows; i++)
        {
            rows[i].Features.CopyTo(x.Span[(i * Features)..]);
            y.Span[i] = rows[i].Label;
        }
        KerasSequentialTrainer trainer = Trainer(ml, BatchSize);
        KerasSequentialTransformer transformer = trainer.Fit(ml.Data.TakeRows(view, 10_000));
        double fitView = double.MaxValue, fitArrays = double.MaxValue;
        for (int round = 0; round < Timing.Rounds; round++)
        {
            fitArrays = Math.Min(fitArrays, Seconds(() =>
            {
                using var model = new Sequential(Network);
                model.Compile(new Adam(), "mse");
                model.Fit(x, y, BatchSize, verbose: 0);
            }));
            fitView = Math.Min(fitView, Seconds(() => trainer.Fit(view)));
        }
        time.Add($"Fit, {Rows:N0} × {Features}, one epoch, batch {BatchSize} (ms)", fitView * 1e3, fitArrays * 1e3,
            fitView / fitArrays, 1.15, null);

        double predictView = double.MaxValue, predictArrays = double.MaxValue;
        for (int round = 0; round < Timing.Rounds; round++)
        {
            predictArrays = Math.Min(predictArrays, Seconds(() => transformer.Model.Predict(x)));
            predictView = Math.Min(predictView, Seconds(() => ReadScores(transformer.Transform(view))));
        }
        time.Add($"Transform and reading all scores (million rows a second; goal at least)", Rows / predictView / 1e6,
            Rows / predictArrays / 1e6, predictArrays / predictView, 0.7, null);
        Console.WriteLine(time);

        var memory = new Table("memory of the process", "most (MB)", "goal", "", "", "");
        memory.Add($"Fit, {Rows:N0} × {Features} from a lazy view", Megabytes("fit"),
            (double)Rows * (Features + 1) * sizeof(float) / (1 << 20) + 200, null, null, null);
        memory.Add($"Fit, a view of {Streamed >> 30} GB with a budget of 200 MB", Megabytes("stream"), 500, null,
            null, null);
        Console.WriteLine(memory);
    }

    /// <summary>Runs one part in this process; prints its peak memory.</summary>
    public static void Part(string name)
    {
        var ml = new MLContext(seed: 1);
        if (name == "fit")
        {
            Trainer(ml, 1024).Fit(ml.Data.LoadFromEnumerable(Generate(Rows, Features), Sized(Features)));
        }
        else
        {
            long rows = Streamed / ((StreamedFeatures + 1) * sizeof(float));
            Trainer(ml, 1024, 200 << 20)
                .Fit(ml.Data.LoadFromEnumerable(Generate(rows, StreamedFeatures), Sized(StreamedFeatures)));
        }
        Console.WriteLine(Child.MostMegabytes().ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    static Layer[] Network =>
        [new Dense(64, activation: "relu", inputShape: [Features]), new Dense(64, activation: "relu"), new Dense(1)];

    static KerasSequentialTrainer Trainer(MLContext ml, int batchSize, long budget = 2L << 30) =>
        ml.Regression.Trainers.KerasSequential(
        [new Dense(64, activation: "relu"), new Dense(64, activation: "relu"), new Dense(1)],
        new() { Optimizer = new Adam(), BatchSize = batchSize, MaxInMemoryBytes = budget, Seed = 1 });

    static IEnumerable<Row> Generate(long count, int features)
    {
        uint state = 1;
        for (long i = 0; i < count; i++)
        {
            var row = new Row { Features = new float[features] };
            foreach (ref float value in row.Features.AsSpan())
            {
                state = state * 1664525 + 1013904223;
                value = (state >> 8) * (2f / (1 << 24)) - 1;
            }
            row.Label = row.Features[0] * row.Features[1] + row.Features[2];
            yield return row;
        }
    }

    static SchemaDefinition Sized(int features)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Row));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return schema;
    }

    static float ReadScores(IDataView scored)
    {
        DataViewSchema.Column column = scored.Schema["Score"];
        using DataViewRowCursor cursor = scored.GetRowCursor([column]);
        ValueGetter<float> getter = cursor.GetGetter<float>(column);
        float value = 0, sum = 0;
        while (cursor.MoveNext())
        {
            getter(ref value);
            sum += value;
        }
        return sum;
    }

    static double Seconds(Action act)
    {
        GC.Collect();
        var clock = Stopwatch.StartNew();
        act();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>The peak memory of a process that runs one part.</summary>
    static double Megabytes(string part) =>
        double.Parse(Child.LastLine(_ => { }, "mlnet", part), System.Globalization.CultureInfo.InvariantCulture);
}
