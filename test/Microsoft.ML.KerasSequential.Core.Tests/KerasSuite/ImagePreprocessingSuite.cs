using Microsoft.ML.KerasSequential.Preprocessing;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The requirements of Keras' own tests of images in arrays.</summary>
[TestClass]
public sealed class ImagePreprocessingSuite
{
    static ImageDataGenerator Everything(string dataFormat = "channels_last") => new(featurewiseCenter: true,
        samplewiseCenter: true, featurewiseStdNormalization: true, samplewiseStdNormalization: true, rotationRange: 90,
        widthShiftRange: 0.1, heightShiftRange: 0.1, shearRange: 0.5, zoomRange: 0.2, channelShiftRange: 0.1,
        brightnessRange: (1, 5),
        cval: 0.5, horizontalFlip: true, verticalFlip: true, dataFormat: dataFormat);

    [TestMethod]
    public void Each_random_change_keeps_the_shape_and_a_zoom_of_1_the_image()
    {
        NDArray image = RecurrentTests.Values(2, 12, 12);
        foreach (ImageDataGenerator generator in new ImageDataGenerator[]
            { new(rotationRange: 45), new(widthShiftRange: 1, heightShiftRange: 1), new(shearRange: 20),
                new(channelShiftRange: 20), new(zoomEnds: (5, 5)) })
            CollectionAssert.AreEqual(image.Shape.ToArray(), generator.RandomTransform(image).Shape.ToArray());
        CollectionAssert.AreEqual(image.ToArray(),
            new ImageDataGenerator(zoomEnds: (1, 1)).RandomTransform(image).ToArray());
    }

    /// <summary>An eighth of a turn moves the corners out of a square; Keras 2.3.1 rotates about a point one pixel off,
    /// unlike its later versions.</summary>
    [TestMethod]
    public void A_square_rotates_around_its_center()
    {
        NDArray square = new([.. Enumerable.Repeat(1f, 9)], 3, 3, 1);
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 1, 1, 1, 0, 1, 0 },
            new ImageDataGenerator(fillMode: "constant").ApplyTransform(square, new(Theta: 45)).ToArray());
    }

    [TestMethod]
    public void Random_changes_depend_on_the_seed_and_need_ranges()
    {
        Shape shape = [2, 28, 28];
        ImageDataGenerator generator = Everything();
        ImageTransform one = generator.GetRandomTransform(shape, 1), other = generator.GetRandomTransform(shape, 2);
        Assert.AreEqual(one, generator.GetRandomTransform(shape, 1));
        foreach ((double a, double b)
            in new[] { (one.Theta, other.Theta), (one.Tx, other.Tx), (one.Ty, other.Ty), (one.Shear, other.Shear),
                (one.Zx, other.Zx), (one.Zy, other.Zy), (one.ChannelShiftIntensity, other.ChannelShiftIntensity),
                (one.Brightness, other.Brightness) })
        {
            Assert.AreNotEqual(0, a);
            Assert.AreNotEqual(a, b);
        }
        Assert.AreEqual(new ImageTransform(), new ImageDataGenerator().GetRandomTransform(shape, 1));
    }

    [TestMethod]
    [DataRow("channels_last", 1)]
    [DataRow("channels_last", 3)]
    [DataRow("channels_last", 4)]
    [DataRow("channels_first", 1)]
    [DataRow("channels_first", 3)]
    public void Images_with_any_number_of_channels_are_fitted_changed_and_normalized(string dataFormat, int channels)
    {
        NDArray images = dataFormat == "channels_last" ? RecurrentTests.Values(8, 10, 10, channels)
            : RecurrentTests.Values(8, channels, 10, 10);
        ImageDataGenerator generator = Everything(dataFormat);
        generator.Fit(images, augment: true, rounds: 2, seed: 3);
        NDArray all = generator.Standardize(images);
        CollectionAssert.AreEqual(images.Shape.ToArray(), all.Shape.ToArray());
        int[] image = images.Shape[1..].ToArray();
        for (int i = 0; i < 8; i++)
            CollectionAssert.AreEqual(generator.Standardize(images.Slice(i, 1).Reshape(image)).ToArray(),
                all.Slice(i, 1).ToArray());
        BatchSequence batches = generator.Flow(images, Enumerable.Range(0, 8).ToArray(), batchSize: 3, shuffle: false,
            sampleWeight: Enumerable.Range(1, 8).ToArray());
        Assert.AreEqual(8 / 3 + 1, batches.Count);
        CollectionAssert.AreEqual(images.Slice(0, 3).Shape.ToArray(), batches[0].X.Shape.ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 1, 2 }, batches[0].Y!.ToArray());
        Assert.IsNull(generator.Flow(images, batchSize: 3)[0].Y);
        BatchSequence shuffled = generator.Flow(images, Enumerable.Range(0, 8).ToArray(), batchSize: 3, seed: 5);
        float[] first = shuffled[0].Y!.ToArray();
        CollectionAssert.AreNotEqual(new float[] { 0, 1, 2 }, first);
        shuffled.OnEpochEnd();
        CollectionAssert.AreNotEqual(first, shuffled[0].Y!.ToArray());
    }

    [TestMethod]
    public void Statistics_of_changed_images_are_repeatable_and_their_own()
    {
        NDArray images = RecurrentTests.Values(4, 6, 6, 1);
        float[] Learnt(bool augment, int rounds, int? seed)
        {
            var generator =
                new ImageDataGenerator(featurewiseCenter: true, widthShiftRange: 2, fillMode: "constant", cval: 9);
            generator.Fit(images, augment, rounds, seed);
            return generator.Standardize(images).ToArray();
        }
        CollectionAssert.AreEqual(Learnt(true, 2, 1), Learnt(true, 2, 1));
        CollectionAssert.AreNotEqual(Learnt(true, 2, 1), Learnt(true, 2, 2));
        // The values from beyond the edge are large, so the mean is larger and the rest smaller.
        Assert.IsTrue(Learnt(true, 20, 1)[0] < Learnt(false, 1, null)[0] - 0.2);
        Assert.AreEqual("rounds", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Learnt(true, 0, 1))
            .ParamName);
    }

    [TestMethod]
    public void Dividing_by_the_standard_deviation_also_subtracts_the_mean()
    {
        NDArray images = RecurrentTests.Values(5, 4, 4, 1);
        double mean = images.ToArray().Average(v => (double)v),
            deviation = Math.Sqrt(images.ToArray().Average(v => Math.Pow(v - mean, 2)));
        var byFeature = new ImageDataGenerator(featurewiseStdNormalization: true);
        byFeature.Fit(images);
        Close(images.ToArray().Select(v => (v - mean) / (deviation + 1e-6)), byFeature.Standardize(images));
        NDArray one = images.Slice(0, 1).Reshape(4, 4, 1);
        double ownMean = one.ToArray().Average(v => (double)v),
            ownDeviation = Math.Sqrt(one.ToArray().Average(v => Math.Pow(v - ownMean, 2)));
        Close(one.ToArray().Select(v => (v - ownMean) / (ownDeviation + 1e-6)),
            new ImageDataGenerator(samplewiseStdNormalization: true).Standardize(one));
    }

    [TestMethod]
    public void Labels_in_pictures_keep_their_values_with_nearest_interpolation()
    {
        NDArray labels = new float[,,,]
            { { { { 2 }, { 0 }, { 2 } }, { { 1 }, { 3 }, { 2 } }, { { 3 }, { 1 }, { 0 } } } };
        var generator =
            new ImageDataGenerator(rotationRange: 90, shearRange: 10, widthShiftRange: 0.3, interpolationOrder: 0);
        for (int seed = 0; seed < 30; seed++)
            Assert.IsTrue(generator.Flow(labels, seed: seed)[0].X.ToArray().All(v => v is 0 or 1 or 2 or 3));
        CollectionAssert.AreEqual(new float[] { 2, 0, 2, 3, 1, 0, 3, 1, 0 },
            new ImageDataGenerator(interpolationOrder: 0).ApplyTransform(labels.Reshape(3, 3, 1), new(Tx: 0.4))
            .ToArray()[..3]
            .Concat(new ImageDataGenerator(interpolationOrder: 0).ApplyTransform(labels.Reshape(3, 3, 1), new(Tx: 1.4))
                .ToArray()[3..]).ToArray());
        Assert.AreEqual("interpolationOrder",
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImageDataGenerator(interpolationOrder: 3))
            .ParamName);
    }

    [TestMethod]
    public void Both_subsets_need_all_classes()
    {
        NDArray images = RecurrentTests.Values(8, 4, 4, 1);
        var generator = new ImageDataGenerator(validationSplit: 0.5);
        foreach (string subset in new[] { "training", "validation" })
        {
            ArgumentException error = Assert.ThrowsExactly<ArgumentException>(
                () => generator.Flow(images, new float[] { 0, 0, 0, 0, 1, 1, 1, 1 }, subset: subset));
            Assert.AreEqual("y", error.ParamName);
            Assert.Contains("different number of classes", error.Message);
            Batch batch = generator.Flow(images, new float[] { 0, 1, 0, 1, 1, 0, 0, 1 }, batchSize: 10, shuffle: false,
                subset: subset)[0];
            Assert.AreEqual((4, 2), (batch.X.Shape[0], batch.Y!.ToArray().Distinct().Count()));
            // Numbers to learn are not classes.
            Assert.AreEqual(
                4, generator.Flow(images, new float[] { 0.5f, 1, 2, 3, 4, 5, 6, 0.25f }, batchSize: 10,
                    subset: subset)[0].X.Shape[0]);
        }
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ImageDataGenerator(validationSplit: 5));
        Assert.ThrowsExactly<ArgumentException>(() => Everything().Fit(RecurrentTests.Values(3, 10, 10)));
        Assert.ThrowsExactly<ArgumentException>(() => Everything().Flow(RecurrentTests.Values(32, 10, 10)));
        Assert.ThrowsExactly<ArgumentException>(() => generator.Flow(images, new NDArray(9)));
    }

    static void Close(IEnumerable<double> expected, NDArray actual)
    {
        foreach ((double value, float given) in expected.Zip(actual.ToArray())) Assert.AreEqual(value, given, 1e-4);
    }
}
