using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Utils;

namespace PublishCheck;

/// <summary>A program's own layer, metric, initializer, callback, operation and functions.</summary>
static class Custom
{
    public static float[] Run()
    {
        var cube = new CustomOp("Cube",
            forward: a =>
            {
                for (int i = 0; i < a.Output.Length; i++) a.Output[i] = MathF.Pow(a.Input(0)[i], 3);
            },
            backward: a =>
            {
                for (int i = 0; i < a.Gradient.Length; i++)
                    a.Gradient[i] = 3 * MathF.Pow(a.Input(0)[i], 2) * a.OutputGradient[i];
            });
        NDArray x = Program.Some(12, 3), y = Program.Some(12, 1);
        K.SetRandomSeed(4);
        using var model = new Sequential([
            new Dense(4, kernelInitializer: new Ramp(), inputShape: [3]), new Scale(), new Lambda(v => cube.Call(v)),
            new Dense(1),
        ]);
        var metric = new Largest();
        var counter = new Counter();
        var loss = Loss.FromFunction((t, p) => K.Mean(K.Abs(t - p), axis: -1), "distance");
        model.Compile("sgd", loss, metrics: [metric]);
        History history = model.Fit(x, y, epochs: 2, batchSize: 4, verbose: 0, callbacks: [counter]);

        using var plain = new Sequential([new Dense(2, kernelInitializer: new Ramp(), inputShape: [3]), new Scale()]);
        using var scope = new CustomObjectScope(new()
        {
            ["Scale"] = (Func<JsonElement, Layer>)(_ => new Scale()),
            ["Ramp"] = (Func<JsonElement, Initializer>)(_ => new Ramp()),
        });
        using Sequential read = Sequential.FromJson(plain.ToJson());
        IEnumerable<double> logs = history["loss"].Concat(history["largest"]);
        return [.. logs.Select(v => (float)v), counter.Batches, .. read.Predict(x).ToArray()];
    }

    sealed class Scale : Layer
    {
        Variable? _factor;

        protected override void Build(Shape input) => _factor = AddWeight("factor", [input[^1]!.Value], new Ones());

        public override Tensor Call(Tensor x) => x * _factor!;
    }

    sealed class Ramp : Initializer
    {
        public override NDArray Call(int[] shape, long seed = 0)
        {
            var values = new NDArray(shape);
            for (int i = 0; i < values.Size; i++) values.Span[i] = 0.1f * i;
            return values;
        }

        public override JsonObject GetConfig() => [];
    }

    sealed class Largest : Metric
    {
        public Largest() : base("largest") => AddState("largest");

        protected override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
            [K.Maximum(States[0], K.Max(K.Abs(yTrue - yPred)))];

        protected override Tensor Value(IReadOnlyList<Tensor> states) => states[0];
    }

    sealed class Counter : Callback
    {
        public int Batches { get; private set; }

        public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => Batches++;
    }
}
