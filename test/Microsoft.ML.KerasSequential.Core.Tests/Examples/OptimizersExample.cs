using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Guide;

/// <summary>The example of docs/guide/optimizers.md.</summary>
[TestClass]
public sealed class OptimizersExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        model.Compile(new SGD(0.1, momentum: 0.9, nesterov: true, clipnorm: 1), "mse");
        var schedule = new CosineDecay(0, decaySteps: 1000, warmupTarget: 0.01, warmupSteps: 100);
        model.Compile(new AdamW(schedule, weightDecay: 0.01), "mse");
        model.Compile(new Adam(LearningRateSchedule.FromFunction(step => 0.01 / Math.Sqrt(1 + step))), "mse");

        model.Fit(new float[,] { { 1, 2 }, { 3, 4 } }, new float[] { 1, 2 }, batchSize: 1, epochs: 3, verbose: 0);
        Optimizer optimizer = model.Optimizer!;
        Console.WriteLine($"learning rate after {optimizer.Iterations} updates: {optimizer.LearningRate:0.0000}");
        #endregion
        Assert.AreEqual(6, optimizer.Iterations);
        Assert.AreEqual(0.01 / Math.Sqrt(7), optimizer.LearningRate, 1e-9);
    }
}
