using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The noise of layers in training: its mean, its variance, its shape.</summary>
[TestClass]
public sealed class NoiseTests
{
    const int Rows = 400, Columns = 250;

    [TestMethod]
    public void Gaussian_noise_has_its_standard_deviation()
    {
        (double mean, double variance) = Moments(Trained(new GaussianNoise(0.3, inputShape: [Columns]), Filled(2)));
        Assert.AreEqual(2, mean, 0.01);
        Assert.AreEqual(0.09, variance, 0.003);
    }

    [TestMethod]
    public void Gaussian_dropout_has_the_variance_of_dropout()
    {
        (double mean, double variance) = Moments(Trained(new GaussianDropout(0.2, inputShape: [Columns]), Filled(1)));
        Assert.AreEqual(1, mean, 0.01);
        Assert.AreEqual(0.25, variance, 0.01);
        Assert.IsTrue(Trained(new GaussianDropout(1, inputShape: [Columns]), Filled(1)).All(v => v == 1));
    }

    [TestMethod]
    public void Alpha_dropout_keeps_mean_and_variance_and_drops_to_the_saturation()
    {
        var random = new Random(5);
        NDArray x = Filled(0);
        foreach (ref float v in x.Span)
            v = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
                * Math.Cos(2 * Math.PI * random.NextDouble()));
        float[] y = Trained(new AlphaDropout(0.3, inputShape: [Columns]), x);
        (double mean, double variance) = Moments(y);
        Assert.AreEqual(0, mean, 0.02);
        Assert.AreEqual(1, variance, 0.03);
        float dropped = y.GroupBy(v => v).MaxBy(g => g.Count())!.Key;
        Assert.AreEqual(0.3, y.Count(v => v == dropped) / (double)y.Length, 0.01);
    }

    [TestMethod]
    public void Spatial_dropout_drops_whole_channels()
    {
        Check(new SpatialDropout1D(0.5, inputShape: [6, 5]), [6, 5], channel: 2);
        Check(new SpatialDropout2D(0.5, inputShape: [4, 3, 5]), [4, 3, 5], channel: 3);
        Check(new SpatialDropout2D(0.5, "channels_first", inputShape: [5, 4, 3]), [5, 4, 3], channel: 1);
        Check(new SpatialDropout3D(0.5, inputShape: [2, 3, 2, 5]), [2, 3, 2, 5], channel: 4);

        static void Check(Layer layer, int[] sample, int channel)
        {
            var x = new NDArray([40, .. sample]);
            x.Span.Fill(1);
            float[] y = Trained(layer, x);
            int[] shape = [40, .. sample];
            int inner = shape[(channel + 1)..].Aggregate(1, (a, b) => a * b),
                perSample = sample.Aggregate(1, (a, b) => a * b);
            var groups = Enumerable.Range(0, y.Length)
                .GroupBy(i => (Sample: i / perSample, Channel: i / inner % shape[channel]), i => y[i]).ToList();
            Assert.IsTrue(groups.All(g => g.Distinct().Count() == 1 && g.First() is 0 or 2));
            Assert.AreEqual(0.5, groups.Average(g => g.First() == 0 ? 1.0 : 0), 0.15);
        }
    }

    /// <summary>The layer's output in training.</summary>
    static float[] Trained(Layer layer, NDArray x)
    {
        float[] seen = [];
        var spy = new CustomOp("Spy", a =>
        {
            seen = a.Input(0).ToArray();
            a.Input(0).CopyTo(a.Output);
        }, a => a.OutputGradient.CopyTo(a.Gradient));
        K.SetRandomSeed(9);
        using var model = new Sequential([layer, new Lambda(v => spy.Call(v))]);
        model.Compile("sgd", "mse");
        model.TrainOnBatch(x, x);
        return seen;
    }

    static NDArray Filled(float value)
    {
        var array = new NDArray(Rows, Columns);
        array.Span.Fill(value);
        return array;
    }

    static (double Mean, double Variance) Moments(float[] values)
    {
        double mean = values.Average(v => (double)v);
        return (mean, values.Average(v => (v - mean) * (v - mean)));
    }
}
