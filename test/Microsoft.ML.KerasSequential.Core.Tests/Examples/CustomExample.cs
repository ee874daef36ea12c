using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Utils;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Guide;

/// <summary>The example of docs/guide/custom.md.</summary>
[TestClass]
public sealed class CustomExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        NDArray x = new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, y = new float[] { 1, 2, 3 };
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

        ActivationFunction twiceTanh = ActivationFunction.FromFunction(v => K.Tanh(v) * 2, "twice_tanh");

        using var model = new Sequential([
            new Dense(2, activation: twiceTanh, inputShape: [2]),
            new Lambda(v => cube.Call(v)),
            new Dense(1),
        ]);
        model.Compile("sgd",
            loss: Loss.FromFunction((t, p) => K.Mean(K.Abs(t - p), axis: -1)),
            metrics: Metric.FromFunction((t, p) => K.Max(K.Abs(t - p), axis: -1), "worst"));
        model.AddLoss(0.01 * K.Sum(K.Square(model.Outputs[0])));
        model.AddMetric(K.Mean(model.Outputs[0]), "mean_output");
        History history = model.Fit(x, y, epochs: 3, verbose: 0);

        using var plain = new Sequential([new Dense(2, activation: twiceTanh, inputShape: [2])]);
        using var scope = new CustomObjectScope(new() { ["twice_tanh"] = (Func<Tensor, Tensor>)(v => K.Tanh(v) * 2) });
        using Sequential read = Sequential.FromJson(plain.ToJson());
        #endregion
        CollectionAssert.AreEqual(new[] { "loss", "worst", "mean_output" }, history.Keys.ToArray());
        Assert.AreEqual(2, read.OutputShape[-1]);
    }
}
