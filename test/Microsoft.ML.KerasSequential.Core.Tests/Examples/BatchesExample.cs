using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/batches.md.</summary>
[TestClass]
public sealed class BatchesExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        K.SetRandomSeed(1);                                         // the same results in every run
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        model.Compile("sgd", "mse");

        var lines = new LineSequence();
        model.Fit(lines, epochs: 40, verbose: 0, workers: 4, maxQueueSize: 8);
        Console.WriteLine(model.Evaluate(lines, verbose: 0)["loss"]);

        IEnumerable<Batch> Endless()
        {
            for (int i = 0; ; i++) yield return lines[i % lines.Count];
        }
        model.FitGenerator(Endless(), stepsPerEpoch: 20, epochs: 2, verbose: 0, validationData: lines);

        var named = new Batch(
            new Dictionary<string, NDArray> { ["dense_1_input"] = new float[,] { { 1, 2 } } },
            new Dictionary<string, NDArray> { ["dense_1"] = new float[] { 4 } });
        model.Fit(new List<Batch> { named }, verbose: 0);

        model.Compile("sgd", "mse", targetTensors: lines);
        model.Fit(epochs: 2, verbose: 0);
        #endregion
        Assert.IsLessThan(0.05, model.Evaluate(lines, verbose: 0)["loss"]);
    }

    #region more
    // Batches of points on the plane y = x₀ + x₁ + 1. A real sequence would read them from files.
    sealed class LineSequence : BatchSequence
    {
        public override int Count => 20;

        public override Batch this[int index]
        {
            get
            {
                var random = new Random(index);
                NDArray x = new(16, 2), y = new(16, 1);
                for (int i = 0; i < 16; i++)
                    y[i, 0] = (x[i, 0] = random.NextSingle()) + (x[i, 1] = random.NextSingle()) + 1;
                return (x, y);
            }
        }
    }
    #endregion
}
