using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/backend.md.</summary>
[TestClass]
public sealed class BackendExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        // Evaluate an expression immediately.
        NDArray wave = K.Eval(K.Sin(K.Arange(0, Math.PI, 0.5)));

        // A function that returns a loss and its gradient and adds to a variable on each run.
        Tensor x = K.Placeholder(null, 2);
        Variable total = K.Zeros(2);
        Tensor loss = K.Sum(K.Square(K.Cumsum(x, axis: 0)));
        using Function function = K.Function(
            [x], [loss, K.Gradients(loss, [x])[0]], [K.UpdateAdd(total, K.Sum(x, axis: 0))]);
        NDArray[] results = function.Run(new float[,] { { 1, 2 }, { 3, 4 } });
        NDArray sums = K.GetValue(total);

        // In a layer: an exponential moving average over the time steps.
        using var model = new Sequential([
            new Lambda(sequence => K.Rnn(
                (step, states) => (0.9 * states[0] + 0.1 * step, [0.9 * states[0] + 0.1 * step]),
                sequence, [K.ZerosLike(K.Sum(sequence, axis: 1))]).LastOutput, inputShape: [20, 3]),
            new Dense(1),
        ]);
        #endregion
        Assert.HasCount(7, wave.ToArray());
        Assert.AreEqual(1 + 4 + 16 + 36, results[0].Span[0]);
        CollectionAssert.AreEqual(new float[] { 10, 16, 8, 12 }, results[1].ToArray());
        CollectionAssert.AreEqual(new float[] { 4, 6 }, sums.ToArray());
        Assert.AreEqual(new Shape(null, 1), model.OutputShape);
    }
}
