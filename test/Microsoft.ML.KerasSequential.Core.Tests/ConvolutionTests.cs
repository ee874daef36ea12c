using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Convolution and pooling on random shapes and options against their definition in float64: 1-D to 3-D, both data
/// formats, all paddings, strides, dilation, including empty batches and spatial sizes of 1.
/// </summary>
[TestClass]
public sealed class ConvolutionTests
{
    const int Cases = 700;

    [TestMethod]
    public void Convolutions_follow_their_definition() => ForRandom(random =>
    {
        Geometry g = Geometry.Draw(random, causal: true, dilation: true);
        int filters = random.Next(1, 40);
        bool bias = random.Next(2) == 0;
        int rank = g.Size.Length;
        Layer layer = rank switch
        {
            1 => new Conv1D(filters, g.Kernel, g.Strides, g.Padding, g.Format, g.Dilation, useBias: bias),
            2 => new Conv2D(filters, g.Kernel, g.Strides, g.Padding, g.Format, g.Dilation, useBias: bias),
            _ => new Conv3D(filters, g.Kernel, g.Strides, g.Padding, g.Format, g.Dilation, useBias: bias),
        };
        using var model = new Sequential([layer]);
        if (!TryBuild(model, g)) return;
        NDArray x = g.Input(random);
        NDArray[] weights = [.. model.GetWeights()];
        foreach (NDArray w in weights) Fill(w, random);
        model.SetWeights(weights);
        double[] expected = g.Expected(x, filters,
            (window, channel, filter) => channel < 0 ? bias ? weights[1].Span[filter] : 0
            : weights[0].Span[(window * g.Channels + channel) * filters + filter]);
        Compare(model.Predict(x), expected, g);
    });

    [TestMethod]
    public void Depthwise_convolutions_follow_their_definition() => ForRandom(random =>
    {
        Geometry g = Geometry.Draw(random, causal: false, dilation: true, rank: 2);
        int multiplier = random.Next(1, 4);
        using var model = new Sequential(
            [new DepthwiseConv2D(g.Kernel, g.Strides, g.Padding, multiplier, g.Format, g.Dilation, useBias: false)]);
        if (!TryBuild(model, g)) return;
        NDArray x = g.Input(random), kernel = model.GetWeights()[0];
        Fill(kernel, random);
        model.SetWeights([kernel]);
        int outputs = g.Channels * multiplier;
        double[] expected = g.Expected(x, outputs,
            (window, channel, output) => channel >= 0 && output / multiplier == channel
            ? kernel.Span[window * outputs + output] : 0);
        Compare(model.Predict(x), expected, g);
    });

    [TestMethod]
    public void Pooling_follows_its_definition() => ForRandom(random =>
    {
        Geometry g = Geometry.Draw(random, causal: false, dilation: false);
        bool max = random.Next(2) == 0;
        Layer layer = (g.Size.Length, max) switch
        {
            (1, true) => new MaxPooling1D(g.Kernel, g.Strides, g.Padding, g.Format),
            (2, true) => new MaxPooling2D(g.Kernel, g.Strides, g.Padding, g.Format),
            (_, true) => new MaxPooling3D(g.Kernel, g.Strides, g.Padding, g.Format),
            (1, _) => new AveragePooling1D(g.Kernel, g.Strides, g.Padding, g.Format),
            (2, _) => new AveragePooling2D(g.Kernel, g.Strides, g.Padding, g.Format),
            _ => new AveragePooling3D(g.Kernel, g.Strides, g.Padding, g.Format),
        };
        using var model = new Sequential([layer]);
        if (!TryBuild(model, g)) return;
        NDArray x = g.Input(random);
        Compare(model.Predict(x), g.Pooled(x, max), g);
    });

    [TestMethod]
    public void A_transposed_convolution_is_the_gradient_of_a_convolution() => ForRandom(random =>
    {
        Geometry g = Geometry.Draw(random, causal: false, dilation: false, rank: 2);
        int filters = random.Next(1, 5);
        using var forward =
            new Sequential([new Conv2D(filters, g.Kernel, g.Strides, g.Padding, g.Format, useBias: false)]);
        if (!TryBuild(forward, g)) return;
        NDArray x = g.Input(random), kernel = forward.GetWeights()[0];
        Fill(kernel, random);
        forward.SetWeights([kernel]);
        Tensor input = K.Placeholder([.. x.Shape.ToArray().Select(d => (int?)d)]);
        using var scope = Graphs.TraceScope.Begin(training: false, 0);
        Tensor y = forward.Forward(input)[^1];
        Tensor upstream = K.Placeholder([.. y.Shape]);
        using Function gradient = K.Function([input, upstream], K.Gradients(K.Sum(y * upstream), [input]));
        var given = new NDArray([.. y.Shape.Select(d => d!.Value)]);
        Fill(given, random);

        using var transposed = new Sequential(
            [new Conv2DTranspose(g.Channels, g.Kernel, g.Strides, g.Padding, dataFormat: g.Format, useBias: false)]);
        transposed.Build([null, .. y.Shape.Skip(1)]);
        transposed.SetWeights([kernel]);
        NDArray expected = gradient.Run(x, given)[0], actual = transposed.Predict(given);
        // If the stride does not divide the input evenly, the transposed output has a different size than the input
        // had.
        if (!actual.Shape.SequenceEqual(expected.Shape)) return;
        for (int i = 0; i < actual.Size; i++)
            GoldenCase.AssertClose(actual.Span[i], expected.Span[i], 1e-4, 1e-5, $"{g}[{i}]");
    });

    static void ForRandom(Action<Random> check) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Cases).WithReplay(1, 1),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => check(new Random(seed))));

    /// <summary>
    /// A window that does not fit is an error with the layer's name; then there is nothing to compare.
    /// </summary>
    static bool TryBuild(Sequential model, Geometry g)
    {
        int?[] shape = [null, .. g.InputShape];
        if (g.Fits)
        {
            model.Build(shape);
            return true;
        }
        Assert.Contains(model.Layers[0].Name,
            Assert.ThrowsExactly<ArgumentException>(() => model.Build(shape)).Message);
        return false;
    }

    static void Compare(NDArray actual, double[] expected, Geometry g)
    {
        Assert.AreEqual(expected.Length, actual.Size, g.ToString());
        float[] values = g.ChannelsLast(actual);
        for (int i = 0; i < expected.Length; i++)
            GoldenCase.AssertClose(values[i], expected[i], 1e-4, 1e-5, $"{g}[{i}]");
    }

    static void Fill(NDArray array, Random random)
    {
        foreach (ref float v in array.Span) v = random.NextSingle() * 2 - 1;
    }

    /// <summary>A random shape with a random window over it, and what a window covers, by definition.</summary>
    sealed record Geometry(int Batch, int[] Size, int Channels, int[] Kernel, int[] Strides, int[] Dilation,
        string Padding, bool First)
    {
        public string Format => First ? "channels_first" : "channels_last";

        public int?[] InputShape =>
            First ? [Channels, .. Size.Select(s => (int?)s)] : [.. Size.Select(s => (int?)s), Channels];

        public bool Fits => Padding != "valid" || Size.Select((s, i) => s - Span(i)).All(rest => rest >= 0);

        public static Geometry Draw(Random random, bool causal, bool dilation, int? rank = null)
        {
            int r = rank ?? random.Next(1, 4);
            int[] Numbers(int low, int high) => [.. Enumerable.Range(0, r).Select(_ => random.Next(low, high))];
            int[] ones = [.. Enumerable.Repeat(1, r)];
            // Strides and dilation exclude each other.
            bool dilated = dilation && random.Next(3) == 0;
            bool single = random.Next(8) == 0;
            string padding = causal && r == 1 && random.Next(3) == 0 ? "causal" : random.Next(2) == 0 ? "same"
                : "valid";
            return new(random.Next(10) == 0 ? 0 : random.Next(1, 4), single ? ones : Numbers(1, r == 3 ? 6 : 15),
                random.Next(1, 10), Numbers(1, 4), dilated ? ones : Numbers(1, 4), dilated ? Numbers(1, 4) : ones,
                padding, padding != "causal" && random.Next(3) == 0);
        }

        public NDArray Input(Random random)
        {
            var x = new NDArray([Batch, .. InputShape.Select(d => d!.Value)]);
            Fill(x, random);
            return x;
        }

        public float[] ChannelsLast(NDArray array)
        {
            if (!First) return array.ToArray();
            int[] shape = array.Shape.ToArray();
            int places = shape[2..].Aggregate(1, (a, b) => a * b);
            var result = new float[array.Size];
            for (int i = 0; i < result.Length; i++)
            {
                int place = i % places, channel = i / places % shape[1], sample = i / places / shape[1];
                result[(sample * places + place) * shape[1] + channel] = array.Span[i];
            }
            return result;
        }

        /// <summary>A sum over what the window covers, per filter; channel −1 is the bias.</summary>
        public double[] Expected(NDArray x, int filters, Func<int, int, int, double> weight)
        {
            float[] values = ChannelsLast(x);
            return [.. Windows().SelectMany(seen => Enumerable.Range(0, filters).Select(filter =>
                weight(0, -1, filter)
                    + seen.Sum(place => place.From < 0 ? 0
                        : Enumerable.Range(0, Channels)
                        .Sum(c => values[place.From * Channels + c] * weight(place.Window, c, filter)))))];
        }

        public double[] Pooled(NDArray x, bool max)
        {
            float[] values = ChannelsLast(x);
            return [.. Windows().SelectMany(seen => Enumerable.Range(0, Channels).Select(c =>
            {
                double[] inside = [.. seen.Where(place => place.From >= 0)
                    .Select(place => (double)values[place.From * Channels + c])];
                return max ? inside.Max() : inside.Average();
            }))];
        }

        public override string ToString() =>
            $"batch {Batch}, {string.Join("×", Size)}, {Channels} channels, window {string.Join("×", Kernel)}, "
                + $"strides {string.Join("×", Strides)}, dilation {string.Join("×", Dilation)}, {Padding}, {Format}";

        int Span(int i) => (Kernel[i] - 1) * Dilation[i] + 1;

        /// <summary>
        /// For each sample and position: the index in the batch of each window element, −1 beyond the edge
        /// (TensorFlow's rule).
        /// </summary>
        IEnumerable<(int Window, int From)[]> Windows()
        {
            int rank = Size.Length, window = Product(Kernel);
            int[] counts = new int[rank], before = new int[rank];
            for (int i = 0; i < rank; i++)
            {
                counts[i] = Padding == "valid" ? (Size[i] - Span(i)) / Strides[i] + 1
                    : (Size[i] + Strides[i] - 1) / Strides[i];
                before[i] = Padding switch
                {
                    "valid" => 0,
                    "causal" => Span(i) - 1,
                    _ => Math.Max((counts[i] - 1) * Strides[i] + Span(i) - Size[i], 0) / 2
                };
            }
            for (int sample = 0; sample < Batch; sample++)
            {
                for (int position = 0; position < Product(counts); position++)
                {
                    int[] at = Unravel(position, counts);
                    yield return [.. Enumerable.Range(0, window).Select(w =>
                    {
                        int[] inside = Unravel(w, Kernel);
                        int from = sample;
                        for (int i = 0; i < rank; i++)
                        {
                            int place = at[i] * Strides[i] - before[i] + inside[i] * Dilation[i];
                            if (place < 0 || place >= Size[i]) return (w, -1);
                            from = from * Size[i] + place;
                        }
                        return (w, from);
                    })];
                }
            }
        }

        static int Product(int[] sizes) => sizes.Aggregate(1, (a, b) => a * b);

        static int[] Unravel(int index, int[] sizes)
        {
            int[] result = new int[sizes.Length];
            for (int i = sizes.Length - 1; i >= 0; i--)
            {
                result[i] = index % sizes[i];
                index /= sizes[i];
            }
            return result;
        }
    }
}
