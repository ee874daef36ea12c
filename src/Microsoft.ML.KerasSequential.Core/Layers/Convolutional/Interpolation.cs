namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Values between positions: weighted sums of the positions around, by the distance between centers.</summary>
internal static class Interpolation
{
    static readonly string[] s_known = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"];

    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static string Check(string interpolation) => s_known.Contains(interpolation) ? interpolation
        : throw new ArgumentException("`interpolation` must be \"nearest\", \"bilinear\", \"bicubic\", " +
            $"\"lanczos3\" or \"lanczos5\"; given \"{interpolation}\".", nameof(interpolation));

    /// <summary>Enlarges an axis of x.</summary>
    public static Tensor Along(Tensor x, int axis, int times, string interpolation, string owner)
    {
        int size = x.Dims[axis].Constant ?? throw new ArgumentException($"{owner} needs an input with known spatial " +
            $"sizes; given {x.Shape}.", nameof(x));
        NDArray weights = AxisProduct.Table(size, (long)size * times, owner);
        for (int to = 0; to < size * times; to++) Fill(weights, to, (to + 0.5) / times - 0.5, interpolation);
        return AxisProduct.Of(x, axis, weights);
    }

    /// <summary>Writes the weights of one new position.</summary>
    static void Fill(NDArray weights, int to, double at, string interpolation)
    {
        int size = weights.Shape[0], low = (int)Math.Floor(at);
        switch (interpolation)
        {
            case "bilinear":
                Add(low, 1 - (at - low));
                Add(low + 1, at - low);
                break;
            case "bicubic":
                for (int from = low - 1; from <= low + 2; from++) Add(from, Cubic(Math.Abs(at - from)));
                break;
            default:
                int radius = interpolation == "lanczos3" ? 3 : 5;
                int first = Math.Max(0, low - radius), last = Math.Min(size - 1, low + radius);
                double sum = 0;
                for (int from = first; from <= last; from++) sum += Lanczos(at - from, radius);
                for (int from = first; from <= last; from++) Add(from, Lanczos(at - from, radius) / sum);
                break;
        }

        // Positions beyond the edge are those at the edge.
        void Add(int from, double weight) => weights[Math.Clamp(from, 0, size - 1), to] += (float)weight;
    }

    /// <summary>Cubic convolution with the slope that PyTorch uses.</summary>
    static double Cubic(double d)
    {
        const double a = -0.75;
        return d switch
        {
            <= 1 => ((a + 2) * d - (a + 3)) * d * d + 1,
            < 2 => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a,
            _ => 0,
        };
    }

    static double Lanczos(double d, int radius)
    {
        if (Math.Abs(d) >= radius) return 0;
        double angle = Math.PI * d;
        return Math.Abs(d) < 1e-9 ? 1 : radius * Math.Sin(angle) * Math.Sin(angle / radius) / (angle * angle);
    }
}
