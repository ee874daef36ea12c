using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Guide;

/// <summary>The example of docs/guide/recurrent.md.</summary>
[TestClass]
public sealed class RecurrentExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        using var sentences = new Sequential([
            new Embedding(5000, 32, maskZero: true),
            new Bidirectional(new LSTM(16, dropout: 0.2)),
            new Dense(1, activation: "sigmoid"),
        ]);

        var random = new Random(1);
        NDArray x = new NDArray(64, 10, 1), y = new NDArray(64, 1);
        for (int i = 0; i < 64; i++)
            for (int t = 0; t < 10; t++) y[i, 0] = 0.5f * y[i, 0] + (x[i, t, 0] = random.NextSingle());

        using var model = new Sequential([new RNN(new Leaky(4), inputShape: [null, 1]), new Dense(1)]);
        model.Compile(new Adam(0.02), "mse");
        History history = model.Fit(x, y, epochs: 40, verbose: 0);
        #endregion
        Assert.IsTrue(history["loss"][^1] < 0.1 * history["loss"][0]);
        Assert.AreEqual(1, sentences.Predict(new float[,] { { 4, 8, 15, 0, 0 } }).Size);
    }

    #region type
    /// <summary>A cell that computes state = state·decay + x·kernel at each time step.</summary>
    sealed class Leaky(int units) : Cell
    {
        Variable? _kernel, _decay;

        public override IReadOnlyList<int> StateSize => [units];

        protected override void Build(Shape inputShape)
        {
            _kernel = AddWeight("kernel", [inputShape[-1]!.Value, units]);
            _decay = AddWeight("decay", [units], "uniform");
        }

        public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
        {
            Tensor state = states[0] * _decay! + K.Dot(x, _kernel!);
            return new(state, [state]);
        }
    }
    #endregion
}
