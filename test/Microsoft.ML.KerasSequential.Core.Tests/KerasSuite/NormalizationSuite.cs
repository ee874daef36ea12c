using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of batch normalization.</summary>
[TestClass]
public sealed class NormalizationSuite
{
    [TestMethod]
    public void Batch_normalization_meets_the_requirements_of_every_layer()
    {
        Run(() => new BatchNormalization(momentum: 0.9, epsilon: 0.1, gammaRegularizer: new L1L2(l2: 0.01),
            betaRegularizer: new L1L2(l2: 0.01)), [3, 4, 2]);
        Run(() => new BatchNormalization(momentum: 0.9, epsilon: 0.1, axis: 1), [1, 4, 1]);
        Run(() => new BatchNormalization(gammaInitializer: "ones", betaInitializer: "ones",
            movingMeanInitializer: "zeros", movingVarianceInitializer: "ones"), [3, 4, 2, 4]);
        Run(() => new BatchNormalization(momentum: 0.9, epsilon: 0.1, axis: 1, scale: false, center: false),
            [3, 4, 2, 4]);
    }

    [TestMethod]
    [DataRow(new[] { 4000, 10 }, -1, "rmsprop", true)]
    [DataRow(new[] { 1000, 10, 6 }, 1, "rmsprop", true)]
    [DataRow(new[] { 1000, 3, 4, 4 }, 1, "sgd", true)]
    [DataRow(new[] { 1000, 3, 4, 4 }, -1, "sgd", false)]
    public void Outputs_have_mean_0_and_standard_deviation_1_after_training(
        int[] shape, int axis, string optimizer, bool scaled)
    {
        K.SetRandomSeed(1337);
        var normalization =
            new BatchNormalization(axis: axis, momentum: 0.8, center: scaled, scale: scaled, inputShape: shape[1..]);
        using var model = new Sequential([normalization]);
        model.Compile(optimizer, "mse");
        NDArray x = Normal(5, 10, shape);
        model.Fit(x, x, epochs: 5, verbose: 0);
        NDArray y = model.Predict(x);
        int channel = axis < 0 ? axis + shape.Length : axis;
        int channels = shape[channel], inner = shape[(channel + 1)..].Aggregate(1, (a, b) => a * b);
        for (int c = 0; c < channels; c++)
        {
            float gamma = scaled ? normalization.Weights[0].GetValue().Span[c] : 1,
                beta = scaled ? normalization.Weights[1].GetValue().Span[c] : 0;
            double[] values = [.. Enumerable.Range(0, y.Size).Where(i => i / inner % channels == c)
                .Select(i => (double)(y.Span[i] - beta) / gamma)];
            double mean = values.Average();
            Assert.AreEqual(0, mean, 0.11, $"channel {c}");
            Assert.AreEqual(1, Math.Sqrt(values.Average(v => (v - mean) * (v - mean))), 0.11, $"channel {c}");
        }
    }

    [TestMethod]
    public void Two_normalizations_of_one_axis_train_one_after_the_other()
    {
        using var model = new Sequential(
            [new BatchNormalization(axis: 1, inputShape: [10, 5, 5]),
                new BatchNormalization(axis: 1, inputShape: [10, 5, 5])]);
        model.Compile("sgd", "mse");
        NDArray x = Normal(5, 10, 20, 10, 5, 5);
        model.Fit(x, x, epochs: 1, verbose: 0);
        Assert.IsTrue(model.Predict(x).ToArray().All(float.IsFinite));
    }

    [TestMethod]
    public void A_normalization_can_be_used_in_several_models()
    {
        var shared = new BatchNormalization(inputShape: [10]);
        using var model = new Sequential([shared]);
        NDArray x = Normal(5, 10, 2, 10);
        model.Compile("sgd", "mse");
        model.TrainOnBatch(x, x);
        using var outer = new Sequential([model]);
        outer.Compile("sgd", "mse");
        float[] before = shared.Weights[2].GetValue().ToArray();
        outer.TrainOnBatch(x, x);
        CollectionAssert.AreNotEqual(before, shared.Weights[2].GetValue().ToArray());
    }

    [TestMethod]
    public void Nontrainable_layers_do_not_update_statistics()
    {
        NDArray x = Random(1, 10, 4), y = Random(1, 10, 4);
        var layer = new BatchNormalization(inputShape: [4]);
        using var model = new Sequential([layer]);
        void Trains(bool expected)
        {
            model.Compile("sgd", "mse");
            float[] before = model.Predict(x).ToArray();
            model.TrainOnBatch(x, y);
            if (expected) CollectionAssert.AreNotEqual(before, model.Predict(x).ToArray());
            else CollectionAssert.AreEqual(before, model.Predict(x).ToArray());
        }

        model.Trainable = false;
        Trains(false);
        model.Trainable = true;
        Trains(true);
        layer.Trainable = false;
        Trains(false);
    }
}
