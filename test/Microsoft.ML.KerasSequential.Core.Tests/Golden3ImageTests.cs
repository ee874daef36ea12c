using System.Text.Json;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Functions of images recorded from Keras 3.15 (<c>Golden/keras3/image-functions.json</c>).</summary>
[TestClass]
public sealed class Golden3ImageTests
{
    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_function_of_images_recorded_from_Keras_3_gives_the_same_numbers(string name)
    {
        JsonElement c = Load().Single(e => e.GetProperty("name").GetString() == name);
        NDArray x = GoldenCase.Array(c.GetProperty("x")), expected = GoldenCase.Array(c.GetProperty("output"));
        Tensor images = K.Placeholder([null, .. x.Shape.ToArray().Skip(1).Select(d => (int?)d)]);
        string Word(string key) => c.GetProperty(key).GetString()!;
        double Number(string key) => c.GetProperty(key).GetDouble();
        Tensor Values(string key) => K.Constant(GoldenCase.Array(c.GetProperty(key)));
        string format = Word("dataFormat");
        Tensor output = Word("function") switch
        {
            "affine" => K.AffineTransform(images, Values("transform"), Word("interpolation"), Word("fillMode"),
                Number("fillValue"), format),
            "perspective" => K.PerspectiveTransform(images, Values("start"), Values("end"), Word("interpolation"),
                Number("fillValue"), format),
            "blur" => K.GaussianBlur(images,
                (int[])[.. c.GetProperty("kernelSize").EnumerateArray().Select(s => s.GetInt32())], Values("sigma"),
                format),
            "gray" => K.RgbToGrayscale(images, format),
            "hsv" => K.RgbToHsv(images, format),
            "rgb" => K.HsvToRgb(images, format),
            "elastic" => K.ElasticTransform(images, Number("alpha"), Number("sigma"), dataFormat: format),
            string other => throw new NotSupportedException(other),
        };
        using Function function = K.Function([images], [output]);
        NDArray got = function.Run(x)[0];
        CollectionAssert.AreEqual(expected.Shape.ToArray(), got.Shape.ToArray());
        GoldenCase.AssertClose(got.Span, expected.Span, 1e-4, 1e-5, name);
    }

    [TestMethod]
    public void A_transformation_with_a_depth_divides_by_it()
    {
        double[] t = [0.9, 0.1, 0.3, -0.2, 1.1, 0.2, 0.05, -0.03];
        int height = 4, width = 5;
        NDArray x = new(1, height, width, 1), transform = new([.. t.Select(v => (float)v)], 1, 8);
        for (int i = 0; i < x.Size; i++) x.Span[i] = i * i % 7;
        NDArray got = K.Eval(K.AffineTransform(K.Constant(x), K.Constant(transform), fillMode: "nearest"));
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                double depth = t[6] * column + t[7] * row + 1;
                double from = Math.Clamp((t[3] * column + t[4] * row + t[5]) / depth, 0, height - 1),
                    across = Math.Clamp((t[0] * column + t[1] * row + t[2]) / depth, 0, width - 1);
                int top = (int)from, left = (int)across, bottom = Math.Min(top + 1, height - 1),
                    right = Math.Min(left + 1, width - 1);
                double down = from - top, aside = across - left;
                double expected = (1 - down) * ((1 - aside) * x[0, top, left, 0] + aside * x[0, top, right, 0])
                    + down * ((1 - aside) * x[0, bottom, left, 0] + aside * x[0, bottom, right, 0]);
                Assert.AreEqual(expected, got[0, row, column, 0], 1e-4, $"({row}, {column})");
            }
        }
    }

    [TestMethod]
    public void Bad_arguments_are_named()
    {
        Tensor images = K.Placeholder(null, 4, 5, 3), numbers = K.Placeholder(null, 8);
        Throws("fillMode", "edge", () => K.AffineTransform(images, numbers, fillMode: "edge"));
        Throws("interpolation", "cubic", () => K.AffineTransform(images, numbers, "cubic"));
        Throws("8 numbers", "6", () => K.AffineTransform(images, K.Placeholder(null, 6)));
        Throws("4 dimensions", "(None, 8)", () => K.AffineTransform(numbers, numbers));
        Throws("height and the width", "None",
            () => K.AffineTransform(K.Placeholder(null, null, 5, 3), numbers));
        Throws("(batch, 4, 2)", "3, 2",
            () => K.PerspectiveTransform(images, K.Placeholder(null, 3, 2), K.Placeholder(null, 4, 2)));
        Throws("odd", "4", () => K.GaussianBlur(images, 4));
        Throws("two numbers", "(3,)", () => K.GaussianBlur(images, sigma: K.Constant(1, [3])));
        Throws("sigma", "0", () => K.ElasticTransform(images, sigma: 0));
        Throws("three channels", "4", () => K.RgbToHsv(K.Placeholder(null, 2, 2, 4)));
        Throws("three channels", "2", () => K.RgbToGrayscale(K.Placeholder(null, 2, 2, 2)));
        Throws("BatchGather", "(None, 8)", () => K.BatchGather(numbers, K.Placeholder(Array.Empty<int?>())));
        Throws("alpha", "0", () => K.RandomGamma([2], 0));
        Throws("beta", "-1", () => K.RandomBeta([2], 1, -1));

        static void Throws(string expected, string given, Func<Tensor> call)
        {
            string message = Assert.Throws<ArgumentException>(() => call()).Message;
            Assert.Contains(expected, message);
            Assert.Contains(given, message);
        }
    }

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(1.0)]
    [DataRow(4.5)]
    public void Gamma_and_beta_numbers_have_their_mean_and_variance(double alpha)
    {
        (double mean, double variance) = Moments(K.RandomGamma([200_000], alpha, seed: 3));
        Assert.AreEqual(alpha, mean, 0.02 * alpha);
        Assert.AreEqual(alpha, variance, 0.04 * alpha);
        const double beta = 0.7;
        (mean, variance) = Moments(K.RandomBeta([200_000], alpha, beta, seed: 4));
        Assert.AreEqual(alpha / (alpha + beta), mean, 0.005);
        Assert.AreEqual(alpha * beta / (Math.Pow(alpha + beta, 2) * (alpha + beta + 1)), variance, 0.003);
        Assert.IsTrue(K.Eval(K.RandomBeta([1000], 1e-6, 1e-6, seed: 1)).ToArray().All(v => v is >= 0 and <= 1));

        static (double, double) Moments(Tensor numbers)
        {
            double[] values = [.. K.Eval(numbers).ToArray().Select(v => (double)v)];
            double mean = values.Average();
            return (mean, values.Average(v => (v - mean) * (v - mean)));
        }
    }

    static List<JsonElement> Load() => GoldenCase.Load(Path.Combine("keras3", "image-functions.json"));

    static IEnumerable<object[]> Cases => Load().Select(c => new object[] { c.GetProperty("name").GetString()! });
}
