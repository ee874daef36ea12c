using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Randomly transformed images, against the definition of each transformation.</summary>
[TestClass]
public sealed class ImageTests
{
    /// <summary>Three rows of four pixels: 0 to 11.</summary>
    static NDArray Image => new([.. Enumerable.Range(0, 12).Select(i => (float)i)], 3, 4, 1);

    [TestMethod]
    public void Shifts_flips_rotations_and_zooms_follow_their_definitions()
    {
        var generator = new ImageDataGenerator();
        float[] Changed(ImageTransform transform, ImageDataGenerator? by = null) =>
            (by ?? generator).ApplyTransform(Image, transform).ToArray();
        CollectionAssert.AreEqual(new float[] { 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8 },
            Changed(new(FlipHorizontal: true)));
        CollectionAssert.AreEqual(new float[] { 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3 },
            Changed(new(FlipVertical: true)));
        CollectionAssert.AreEqual(new float[] { 4, 5, 6, 7, 8, 9, 10, 11, 8, 9, 10, 11 }, Changed(new(Tx: 1)));
        CollectionAssert.AreEqual(new float[] { 0, 0, 1, 2, 4, 4, 5, 6, 8, 8, 9, 10 }, Changed(new(Ty: -1)));
        CollectionAssert.AreEqual(new float[] { 0.5f, 1.5f, 2.5f, 3, 4.5f, 5.5f, 6.5f, 7, 8.5f, 9.5f, 10.5f, 11 },
            Changed(new(Ty: 0.5)));
        CollectionAssert.AreEqual(new float[] { 4, 5, 6, 7, 8, 9, 10, 11, -1, -1, -1, -1 },
            Changed(new(Tx: 1), new(fillMode: "constant", cval: -1)));
        CollectionAssert.AreEqual(new float[] { 8, 9, 10, 11, 8, 9, 10, 11, 4, 5, 6, 7 },
            Changed(new(Tx: 2), new(fillMode: "reflect")));
        CollectionAssert.AreEqual(new float[] { 8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7 },
            Changed(new(Tx: 2), new(fillMode: "wrap")));
        CollectionAssert.AreEqual(new float[] { 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 11 },
            Changed(new(ChannelShiftIntensity: 2)));
        CollectionAssert.AreEqual(Image.ToArray().Select(v => 3 * v).ToArray(), Changed(new(Brightness: 3)));

        // A half turn is both flips; a quarter turn of a square its transpose, flipped.
        float[] half = Changed(new(Theta: 180));
        for (int i = 0; i < 12; i++) Assert.AreEqual(11 - i, half[i], 1e-5);
        NDArray square = new([.. Enumerable.Range(0, 9).Select(i => (float)i)], 3, 3, 1);
        float[] quarter = generator.ApplyTransform(square, new(Theta: 90)).ToArray();
        float[] expected = [6, 3, 0, 7, 4, 1, 8, 5, 2], other = [2, 5, 8, 1, 4, 7, 0, 3, 6];
        Assert.IsTrue(quarter.Zip(expected).All(p => Math.Abs(p.First - p.Second) < 1e-5)
            || quarter.Zip(other).All(p => Math.Abs(p.First - p.Second) < 1e-5));
        float[] zoomed = generator.ApplyTransform(square, new(Zx: 0.5, Zy: 0.5)).ToArray();
        CollectionAssert.AreEqual(new float[] { 2, 2.5f, 3, 3.5f, 4, 4.5f, 5, 5.5f, 6 }, zoomed);
    }

    [TestMethod]
    public void Images_are_normalized()
    {
        NDArray images = RecurrentTests.Values(6, 4, 5, 2);
        var byFeature = new ImageDataGenerator(featurewiseCenter: true, featurewiseStdNormalization: true, rescale: 3);
        Assert.Contains("Fit it first",
            Assert.ThrowsExactly<InvalidOperationException>(() => byFeature.Flow(images)).Message);
        byFeature.Fit(images);
        float[] all = byFeature.Flow(images, batchSize: 6, shuffle: false)[0].X.ToArray();
        for (int channel = 0; channel < 2; channel++)
        {
            double[] values = [.. all.Where((_, i) => i % 2 == channel).Select(v => (double)v)];
            Assert.AreEqual(0, values.Average(), 1e-5);
            Assert.AreEqual(1, Math.Sqrt(values.Average(v => v * v)), 1e-4);
        }
        var bySample = new ImageDataGenerator(samplewiseCenter: true, samplewiseStdNormalization: true,
            dataFormat: "channels_first");
        float[] one = bySample.Standardize(RecurrentTests.Values(2, 4, 5)).ToArray();
        Assert.AreEqual(0, one.Average(), 1e-5);
        Assert.AreEqual(1, Math.Sqrt(one.Average(v => v * v)), 1e-4);
        float[] own = new ImageDataGenerator(
            preprocessingFunction: image => new(image.ToArray().Select(v => -v).ToArray(), image.Shape.ToArray()),
            rescale: 2).Standardize(Image).ToArray();
        CollectionAssert.AreEqual(Image.ToArray().Select(v => -2 * v).ToArray(), own);
    }

    [TestMethod]
    public void Batches_repeat_with_the_same_seed_and_differ_in_each_epoch()
    {
        NDArray images = RecurrentTests.Values(10, 6, 6, 1),
            labels = Enumerable.Range(0, 10).Select(i => (float)i).ToArray();
        var generator = new ImageDataGenerator(rotationRange: 20, widthShiftRange: 0.2, heightShiftRange: 1,
            shearRange: 5, zoomRange: 0.2, horizontalFlip: true, channelShiftRange: 0.1, brightnessRange: (0.8, 1.2),
            validationSplit: 0.3);
        BatchSequence one = generator.Flow(images, labels, batchSize: 4, seed: 5),
            two = generator.Flow(images, labels, batchSize: 4, seed: 5);
        Assert.AreEqual(3, one.Count);
        CollectionAssert.AreEqual(one[2].X.ToArray(), two[2].X.ToArray());
        Assert.AreEqual(2, one[2].X.Rows);
        CollectionAssert.AreEquivalent(labels.ToArray(),
            Enumerable.Range(0, 3).SelectMany(i => one[i].Y!.ToArray()).ToArray());
        float[] first = one[0].X.ToArray();
        one.OnEpochEnd();
        CollectionAssert.AreNotEqual(first, one[0].X.ToArray());
        CollectionAssert.AreEquivalent(new float[] { 0, 1, 2 },
            generator.Flow(images, labels, batchSize: 9, subset: "validation")[0].Y!.ToArray());
        Assert.AreEqual(7, generator.Flow(images, labels, batchSize: 9, subset: "training")[0].X.Rows);
        Assert.ThrowsExactly<ArgumentException>(() => generator.Flow(images, new NDArray(9)));
        Assert.ThrowsExactly<ArgumentException>(() => generator.Flow(images, subset: "test"));
        Assert.ThrowsExactly<ArgumentException>(() => generator.Flow(new NDArray(3, 3)));
        Assert.ThrowsExactly<ArgumentException>(() => new ImageDataGenerator(fillMode: "mirror"));

        using var model = new Sequential([new Conv2D(2, 3, inputShape: [6, 6, 1]), new Flatten(), new Dense(1)]);
        model.Compile("sgd", "mse");
        Assert.HasCount(2, model.Fit(one, epochs: 2, verbose: 0, workers: 2)["loss"]);
    }
}
