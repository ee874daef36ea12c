using System.Text.Json;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What layers that change images at random draw: ranges, frequencies, and who gets which number.</summary>
[TestClass]
public sealed class AugmentationTests
{
    const int Count = 2000;

    static readonly (string Name, Func<int?, Layer> Make, bool SameForBatch)[] s_layers =
    [
        ("RandomFlip", seed => new RandomFlip(seed: seed), false),
        ("RandomRotation", seed => new RandomRotation(0.2, seed: seed), false),
        ("RandomZoom", seed => new RandomZoom(0.3, 0.2, seed: seed), false),
        ("RandomTranslation", seed => new RandomTranslation(0.4, 0.3, seed: seed), false),
        ("RandomShear", seed => new RandomShear(0.4, 0.3, seed: seed), false),
        ("RandomPerspective", seed => new RandomPerspective((1, 1), 0.5, seed: seed), false),
        ("RandomContrast", seed => new RandomContrast(0.5, seed: seed), false),
        ("RandomBrightness", seed => new RandomBrightness(0.3, seed: seed), false),
        ("RandomCrop", seed => new RandomCrop(3, 4, seed), false),
        ("RandomErasing", seed => new RandomErasing((1, 1), seed: seed), false),
        ("RandomHue", seed => new RandomHue(0.4, seed: seed), false),
        ("RandomSaturation", seed => new RandomSaturation((0.1, 0.9), seed: seed), false),
        ("RandomColorJitter", seed => new RandomColorJitter(brightnessFactor: 0.2, contrastFactor: 0.3, seed: seed),
            false),
        ("RandomColorDegeneration", seed => new RandomColorDegeneration(0.6, seed: seed), false),
        ("RandomGrayscale", seed => new RandomGrayscale(seed: seed), false),
        ("RandomInvert", seed => new RandomInvert(0.9, seed: seed), false),
        ("RandomPosterization", seed => new RandomPosterization(5, seed: seed), false),
        ("RandomSharpness", seed => new RandomSharpness(0.9, seed: seed), false),
        ("RandomGaussianBlur", seed => new RandomGaussianBlur((1, 1), seed: seed), true),
        ("RandomElasticTransform", seed => new RandomElasticTransform((1, 1), (0.5, 1), seed: seed), false),
        ("Solarization", seed => new Solarization(0.3, 0.6, seed: seed), false),
        ("RandAugment", seed => new RandAugment(seed: seed), false),
        ("AugMix", seed => new AugMix(chainDepth: 1, seed: seed), false),
    ];

    [TestMethod]
    [DynamicData(nameof(Layers))]
    public void Each_image_has_its_own_numbers_and_a_seed_repeats_them(string name)
    {
        (_, Func<int?, Layer> make, bool sameForBatch) = s_layers.Single(l => l.Name == name);
        const int batch = 8;
        NDArray one = Noise(1, 6, 7, 3), same = new(batch, 6, 7, 3);
        for (int i = 0; i < same.Size; i++) same.Span[i] = one.Span[i % one.Size];
        using Function function = Trained(make(5), same), again = Trained(make(5), same);
        using Function other = Trained(make(6), same);
        float[] first = function.Run(same)[0].ToArray(), second = function.Run(same)[0].ToArray();
        CollectionAssert.AreEqual(first, again.Run(same)[0].ToArray(), "the same seed");
        CollectionAssert.AreNotEqual(first, second, "another step");
        CollectionAssert.AreNotEqual(first, other.Run(same)[0].ToArray(), "another seed");
        int images = first.Chunk(first.Length / batch).Select(image => string.Join(' ', image)).Distinct().Count();
        if (sameForBatch) Assert.AreEqual(1, images);
        else Assert.IsTrue(images > 1, "All images are changed in the same way.");

        // Outside of training, only three layers act.
        if (name == "RandomCrop") return;
        using var model = new Sequential([make(5)]);
        model.Build([null, 6, 7, 3]);
        CollectionAssert.AreEqual(same.ToArray(), model.Predict(same).ToArray());
    }

    [TestMethod]
    [DataRow("horizontal", false)]
    [DataRow("vertical", false)]
    [DataRow("horizontal_and_vertical", false)]
    [DataRow("horizontal", true)]
    public void Half_of_the_images_are_mirrored(string mode, bool channelsFirst)
    {
        int[] image = channelsFirst ? [1, 2, 3] : [2, 3, 1];
        NDArray x = Repeated(image, i => i);
        float[] mirrored = mode switch
        {
            "horizontal" => [2, 1, 0, 5, 4, 3],
            "vertical" => [3, 4, 5, 0, 1, 2],
            _ => [5, 4, 3, 2, 1, 0],
        };
        string format = channelsFirst ? "channels_first" : "channels_last";
        float[][] results = [.. Run(new RandomFlip(mode, 3, format), x).Chunk(6)];
        int flipped = results.Count(r => r.SequenceEqual(mirrored));
        Assert.AreEqual(Count, flipped + results.Count(r => r.SequenceEqual([0, 1, 2, 3, 4, 5])));
        Assert.AreEqual(0.5, flipped / (double)Count, 0.04);
    }

    [TestMethod]
    public void Brightness_is_uniform_in_its_range()
    {
        float[] added = Run(new RandomBrightness((-0.1, 0.3), (0, 100), seed: 2), Repeated([1, 1, 1], _ => 50));
        Assert.IsTrue(added.All(v => v is >= 40 and <= 80));
        Assert.AreEqual(60, added.Average(), 1);
        Assert.AreEqual(0.25, added.Count(v => v < 50) / (double)Count, 0.04);
    }

    [TestMethod]
    public void Translation_moves_a_pixel_within_its_range()
    {
        // Only the pixel in the middle of 11 × 11 is 1.
        NDArray x = Repeated([11, 11, 1], i => i == 60 ? 1 : 0);
        var layer = new RandomTranslation((0.1, 0.4), (-0.3, -0.2), "constant", "nearest", seed: 1);
        int[] places = [.. Run(layer, x).Chunk(121).Select(image => Array.IndexOf(image, 1f))];
        Assert.IsTrue(places.All(p => p / 11 is >= 6 and <= 9 && p % 11 is 2 or 3),
            string.Join(' ', places.Distinct()));
        Assert.HasCount(4, places.Select(p => p / 11).Distinct().ToArray());
    }

    [TestMethod]
    public void Rotation_by_a_quarter_turns_counterclockwise()
    {
        NDArray x = Repeated([3, 3, 1], i => i);
        float[] turned = Run(new RandomRotation((0.25, 0.25), interpolation: "nearest"), x)[..9];
        CollectionAssert.AreEqual(new float[] { 2, 5, 8, 1, 4, 7, 0, 3, 6 }, turned);
    }

    [TestMethod]
    public void Crops_are_all_windows_equally_often()
    {
        NDArray x = Repeated([4, 5, 1], i => i);
        float[][] windows = [.. Run(new RandomCrop(3, 3, seed: 1), x).Chunk(9)];
        foreach (float[] window in windows)
            for (int i = 0; i < 9; i++) Assert.AreEqual(window[0] + i / 3 * 5 + i % 3, window[i]);
        var starts = windows.CountBy(w => w[0]).ToDictionary(p => p.Key, p => p.Value);
        CollectionAssert.AreEquivalent(new float[] { 0, 1, 2, 5, 6, 7 }, starts.Keys.ToArray());
        Assert.IsTrue(starts.Values.All(n => Math.Abs(n - Count / 6.0) < 80), string.Join(' ', starts.Values));
    }

    [TestMethod]
    public void Outside_of_training_a_crop_is_the_largest_window_of_its_shape_in_the_middle()
    {
        // 6 columns of 4 rows: the largest square is columns 1 to 4, halved to 2 × 2.
        using var model = new Sequential([new RandomCrop(2, 2, inputShape: [4, 6, 1])]);
        NDArray x = new(1, 4, 6, 1);
        for (int i = 0; i < x.Size; i++) x.Span[i] = i;
        CollectionAssert.AreEqual(new float[] { 4.5f, 6.5f, 16.5f, 18.5f }, model.Predict(x).ToArray());
    }

    [TestMethod]
    public void Erased_rectangles_have_the_given_sizes()
    {
        NDArray x = Repeated([20, 20, 1], _ => 9);
        float[][] images = [.. Run(new RandomErasing((0.5, 0.5), (0.25, 0.25), 3, seed: 1), x).Chunk(400)];
        Assert.AreEqual(0.5, images.Count(i => i.Contains(3)) / (double)Count, 0.04);
        foreach (float[] image in images.Where(i => i.Contains(3)))
        {
            int[] erased = [.. Enumerable.Range(0, 400).Where(i => image[i] == 3)];
            int rows = erased.Select(i => i / 20).Distinct().Count(),
                columns = erased.Select(i => i % 20).Distinct().Count();
            Assert.IsTrue(rows is 10 or 11 && columns is 10 or 11, $"{rows} × {columns}");
            Assert.HasCount(rows * columns, erased);
        }
        float[] noise = Run(new RandomErasing((1, 1), (1, 1), seed: 1), x);
        Assert.IsTrue(noise.All(v => v is >= 0 and <= 255));
        Assert.AreEqual(0.5, noise.Count(v => v == 0) / (double)noise.Length, 0.01);
    }

    [TestMethod]
    public void Mixing_blends_each_image_with_one_other_and_uses_each_once()
    {
        NDArray x = new(Count, 8, 8, 1);
        for (int i = 0; i < x.Size; i++) x.Span[i] = i / 64;
        float[][] cut = [.. Run(new CutMix((1, 1), seed: 2), x).Chunk(64)];
        var partners = new List<int>();
        for (int i = 0; i < Count; i++)
        {
            float[] others = [.. cut[i].Where(v => v != i).Distinct()];
            Assert.IsTrue(others.Length <= 1, $"image {i}");
            partners.AddRange(others.Select(v => (int)v));
        }
        Assert.HasCount(partners.Count, partners.Distinct().ToArray());
        Assert.IsTrue(partners.Count > Count / 2);
        Assert.AreEqual(0.5, cut.Select((image, i) => image.Count(v => v == i) / 64.0).Average(), 0.05);

        // In an order of 0 and 1 only, the shares can be seen.
        for (int i = 0; i < x.Size; i++) x.Span[i] = i / 64 % 2;
        float[][] mixed = [.. Run(new MixUp(0.2, seed: 3), x).Chunk(64)];
        Assert.IsTrue(mixed.All(image => image.Distinct().Count() == 1));
        double[] values = [.. mixed.Select(image => (double)image[0])];
        Assert.AreEqual(0.5, values.Average(), 0.03);
        // Half of the images meet their like; the variance of the share is 1 / (4 · 1.4).
        Assert.AreEqual(0.25 / 2 + 1 / (4 * 1.4) / 2, values.Average(v => (v - 0.5) * (v - 0.5)), 0.01);
    }

    [TestMethod]
    public void Colors_are_changed_with_their_probability()
    {
        NDArray x = Repeated([1, 1, 3], i => 10 + 20 * i);
        Assert.AreEqual(0.3,
            Run(new RandomGrayscale(0.3, seed: 1), x).Chunk(3).Count(p => p[0] == p[1]) / (double)Count, 0.04);
        // The probability is drawn from 0 to 0.6.
        Assert.AreEqual(0.3, Run(new RandomInvert(0.6, seed: 1), x).Chunk(3).Count(p => p[0] == 245) / (double)Count,
            0.04);
        float[] bits = Run(new RandomPosterization((1, 3), seed: 1), Repeated([1, 1, 1], _ => 250));
        Assert.AreEqual(0.5, bits.Count(v => v == 128) / (double)Count, 0.04);
        Assert.AreEqual(0.5, bits.Count(v => v == 192) / (double)Count, 0.04);
        float[] contrast = [.. Run(new RandomContrast((0.2, 0.4), seed: 1), Repeated([2, 1, 1], i => 100 + 20 * i))
            .Chunk(2).Select(p => (p[1] - p[0]) / 20)];
        Assert.IsTrue(contrast.All(f => f is >= 0.799f and <= 1.401f));
        Assert.AreEqual(1.1, contrast.Average(), 0.02);
    }

    [TestMethod]
    public void An_elastic_change_moves_pixels_by_blurred_distances()
    {
        // The values are the columns, so that the result shows the distances.
        const int size = 20;
        NDArray x = new(200, size, size, 1);
        for (int i = 0; i < x.Size; i++) x.Span[i] = i % size;
        float[] moved = Run(new RandomElasticTransform((1, 1), (1, 1), fillMode: "nearest", seed: 1), x);
        double square = 0;
        int counted = 0;
        for (int i = 0; i < moved.Length; i++)
        {
            if (i % size is < 7 or > 12 || i / size % size is < 7 or > 12) continue;
            square += Math.Pow(moved[i] - i % size, 2);
            counted++;
        }
        // σ = 1: seven weights per dimension; the variance of a blurred number is the sum of the squared weights.
        double[] weights = [.. Enumerable.Range(-3, 7).Select(k => Math.Exp(-0.5 * k * k))];
        double perDimension = weights.Sum(w => w * w) / Math.Pow(weights.Sum(), 2), alpha = 2;
        Assert.AreEqual(alpha * alpha * perDimension * perDimension, square / counted, 0.03);
    }

    [TestMethod]
    public void A_choice_applies_one_operation_to_each_image()
    {
        var choice = new AugmentationChoice((0, 255), (0, 0.5), "bilinear", 1, withColors: true);
        Assert.AreEqual(11, choice.Count);
        NDArray x = Noise(12, 6, 6, 3), which = new(12, 1, 1, 1);
        for (int i = 0; i < 12; i++) which.Span[i] = i + 0.5f;
        using TraceScope scope = TraceScope.Begin(training: true, 3);
        Tensor images = K.Constant(x);
        Tensor[] wanted = [choice.Apply(images, K.Constant(which)), new AutoContrast().Augment(images),
            new Equalization().Augment(images)];
        using Function function = K.Function([], wanted);
        float[][][] got = [.. function.Run().Select(r => r.ToArray().Chunk(108).ToArray())];
        float[][] before = [.. x.ToArray().Chunk(108)];
        for (int i = 0; i < 11; i++) CollectionAssert.AreNotEqual(before[i], got[0][i], $"operation {i}");
        CollectionAssert.AreEqual(got[1][5], got[0][5], "AutoContrast");
        CollectionAssert.AreEqual(got[2][6], got[0][6], "Equalization");
        CollectionAssert.AreEqual(before[11], got[0][11], "none");
    }

    [TestMethod]
    public void Policies_stay_in_the_range_and_train_before_other_layers()
    {
        NDArray x = Noise(16, 8, 8, 3);
        foreach (Layer layer in new Layer[] { new RandAugment(seed: 2), new AugMix(seed: 2) })
            Assert.IsTrue(Run(layer, x).All(v => v is >= 0 and <= 255), layer.ClassName);
        using var model = new Sequential([
            new RandomFlip(inputShape: [null, null, 3]), new RandomRotation(0.1), new RandomCrop(6, 6),
            new Conv2D(2, 3), new GlobalAveragePooling2D(), new Dense(1),
        ]);
        CollectionAssert.AreEqual(new int?[] { null, 6, 6, 3 }, model.Layers[2].OutputShape!.ToArray());
        model.Compile("sgd", "mse");
        foreach (int size in new[] { 8, 10 })
            Assert.IsTrue(double.IsFinite(model.TrainOnBatch(Noise(4, size, size + 1, 3), new NDArray(4, 1))["loss"]));
    }

    [TestMethod]
    public void Bad_arguments_name_what_is_expected()
    {
        Throws("`factor`", "(0.1, 0.2, 0.3)", () => new RandomRotation(new[] { 0.1, 0.2, 0.3 }));
        Throws("[-1, 1]", "1.5", () => new RandomRotation(1.5));
        Throws("fillMode", "mirror", () => new RandomRotation(0.1, "mirror"));
        Throws("interpolation", "cubic", () => new RandomRotation(0.1, interpolation: "cubic"));
        Throws("fillValue", "NaN", () => new RandomRotation(0.1, fillValue: double.NaN));
        Throws("channels_last", "last", () => new RandomRotation(0.1, dataFormat: "last"));
        Throws("`mode`", "both", () => new RandomFlip("both"));
        Throws("heightFactor", "(-1, 1]", () => new RandomZoom(-1));
        Throws("widthFactor", "1.2", () => new RandomZoom(0.1, 1.2));
        Throws("heightFactor", "-1.1", () => new RandomTranslation(-1.1, 0));
        Throws("widthFactor", "(0, 2)", () => new RandomTranslation(0, (0, 2)));
        Throws("[0, 1]", "-0.1", () => new RandomContrast(-0.1));
        Throws("`valueRange`", "5", () => new RandomContrast(0.1, 5));
        Throws("`valueRange`", "(1, 1)", () => new RandomBrightness(0.1, (1, 1)));
        Throws("height", "0", () => new RandomCrop(0, 2));
        Throws("`scale`", "1.5", () => new RandomErasing(scale: 1.5));
        Throws("`fillValue`", "2", () => new RandomErasing(fillValue: new float[] { 1, 2 }));
        Throws("`alpha`", "0", () => new MixUp(0));
        Throws("`factor`", "2", () => new CutMix(2));
        Throws("`xFactor`", "-0.1", () => new RandomShear(-0.1));
        Throws("`scale`", "1.1", () => new RandomPerspective(scale: 1.1));
        Throws("`factor`", "1.5", () => new RandomHue(1.5));
        Throws("`factor`", "-2", () => new RandomSaturation(-2));
        Throws("`factor`", "3", () => new RandomColorJitter(hueFactor: 3));
        Throws("`factor`", "2", () => new RandomColorDegeneration(2));
        Throws("`factor`", "1.5", () => new RandomGrayscale(1.5));
        Throws("`factor`", "-1", () => new RandomInvert(-1));
        Throws("[1, 8]", "9", () => new RandomPosterization(9));
        Throws("`factor`", "-0.5", () => new RandomSharpness(-0.5));
        Throws("`kernelSize`", "4", () => new RandomGaussianBlur(kernelSize: 4));
        Throws("`sigma`", "3", () => new RandomGaussianBlur(sigma: 3));
        Throws("`scale`", "2", () => new RandomElasticTransform(scale: 2));
        Throws("additionFactor", "-1", () => new Solarization(-1));
        Throws("bins", "0", () => new Equalization(bins: 0));
        Throws("tileGridSize", "0", () => new ContrastLimitedAdaptiveHistogramEqualization(tileGridSize: 0));
        Throws("numOps", "-1", () => new RandAugment(numOps: -1));
        Throws("interpolation", "cubic", () => new RandAugment(interpolation: "cubic"));
        Throws("numChains", "0", () => new AugMix(numChains: 0));
        Throws("`alpha`", "0", () => new AugMix(alpha: 0));
        Throws("ndim=4", "ndim=2", () => new Sequential([new RandomFlip(inputShape: [3])]).Layers[0]);
        Throws("three channels", "2", () => Build(new RandomHue(0.1), [4, 4, 2]));
        Throws("three numbers", "1 channels",
            () => Build(new RandomErasing(fillValue: new float[] { 1, 2, 3 }), [4, 4, 1]));
        Throws("\"factor\"", "RandomHue",
            () => Layer.FromConfig(JsonDocument.Parse("""{"class_name": "RandomHue", "config": {}}""").RootElement));

        static Layer Build(Layer layer, int[] image)
        {
            Trained(layer, new NDArray([1, .. image])).Dispose();
            return layer;
        }

        static void Throws(string expected, string given, Func<Layer> make)
        {
            string message = Assert.Throws<ArgumentException>(() => make()).Message;
            Assert.Contains(expected, message);
            Assert.Contains(given, message);
        }
    }

    [TestMethod]
    public void A_shear_that_Keras_wrote_as_a_range_is_read()
    {
        Layer layer = Layer.FromConfig(JsonDocument.Parse(
            """{"class_name": "RandomShear", "config": {"x_factor": [-0.3, 0.3], "y_factor": [0.1, 0.2]}}""")
            .RootElement);
        Assert.AreEqual(0.3, layer.GetConfig()["x_factor"]!.GetValue<double>());
        Assert.AreEqual("[0.1,0.2]", layer.GetConfig()["y_factor"]!.ToJsonString());
    }

    static IEnumerable<object[]> Layers => s_layers.Select(l => new object[] { l.Name });

    static float[] Run(Layer layer, NDArray x)
    {
        using Function function = Trained(layer, x);
        return function.Run(x)[0].ToArray();
    }

    static Function Trained(Layer layer, NDArray x)
    {
        using TraceScope scope = TraceScope.Begin(training: true, 7);
        Tensor input = K.Placeholder([null, .. x.Shape.ToArray().Skip(1).Select(d => (int?)d)]);
        return K.Function([input], [layer.Apply(input)]);
    }

    static NDArray Repeated(int[] image, Func<int, float> value)
    {
        var x = new NDArray([Count, .. image]);
        int size = x.Size / Count;
        for (int i = 0; i < x.Size; i++) x.Span[i] = value(i % size);
        return x;
    }

    static NDArray Noise(params int[] shape)
    {
        var random = new Random(3);
        var x = new NDArray(shape);
        foreach (ref float v in x.Span) v = random.NextSingle() * 255;
        return x;
    }
}
