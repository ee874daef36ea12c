using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Guide;

/// <summary>The example of docs/guide/weights.md.</summary>
[TestClass]
public sealed class WeightsExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        using var model = new Sequential([
            new Dense(8, activation: "gelu", kernelInitializer: "he_normal", biasInitializer: new Constant(0.1),
                inputShape: [3]),
            new Dense(4, activation: ActivationFunction.FromFunction(x => K.Maximum(x, 0.1 * x)),
                kernelRegularizer: new L1L2(l2: 0.001), kernelConstraint: new MaxNorm(maxValue: 1)),
            new Dense(1, kernelInitializer: Initializer.FromFunction(shape => new NDArray(shape)),
                kernelRegularizer: Regularizer.FromFunction(w => 0.01 * K.Sum(K.Abs(w)))),
        ]);
        model.Compile("adam", "mse");
        model.Fit(new float[,] { { 1, 2, 3 }, { 3, 2, 1 } }, new float[] { 1, 0 }, epochs: 20, verbose: 0);

        NDArray kernel = model.Layers[1].GetWeights()[0];           // columns with a norm of at most 1
        double longest = Enumerable.Range(0, 4).Max(
            c => Math.Sqrt(Enumerable.Range(0, 8).Sum(r => kernel[r, c] * kernel[r, c])));
        #endregion
        Assert.IsLessThanOrEqualTo(1.0001, longest);
    }
}
