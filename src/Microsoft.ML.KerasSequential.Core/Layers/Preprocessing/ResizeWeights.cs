namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The weights with which pixels along one dimension become resized ones.</summary>
internal static class ResizeWeights
{
    const string Nearest = "nearest";

    public static readonly string[] Interpolations = [Nearest, "bilinear", "bicubic", "lanczos3", "lanczos5"];

    /// <summary>The weights (old size, new size).</summary>
    /// <param name="from">The old size.</param>
    /// <param name="to">The new size.</param>
    /// <param name="interpolation">One of <see cref="Interpolations"/>.</param>
    /// <param name="antialias">Whether an image that shrinks is smoothed; irrelevant for <c>nearest</c>.</param>
    public static NDArray Of(int from, int to, string interpolation, bool antialias)
    {
        var weights = new NDArray(from, to);
        double ratio = (double)from / to, width = antialias ? Math.Max(ratio, 1) : 1;
        var column = new double[from];
        for (int i = 0; i < to; i++)
        {
            if (interpolation == Nearest)
            {
                // ⌊(i + ½)·from/to⌋, in integers, because a rounded quotient could fall on the wrong side.
                weights[(int)((2L * i + 1) * from / (2L * to)), i] = 1;
                continue;
            }
            double center = (i + 0.5) * ratio - 0.5, sum = 0;
            for (int k = 0; k < from; k++)
                sum += column[k] = Kernel(interpolation, Math.Abs(center - k) / width);
            for (int k = 0; k < from; k++) weights[k, i] = (float)(column[k] / sum);
        }
        return weights;
    }

    static double Kernel(string interpolation, double x) => interpolation switch
    {
        "bilinear" => Math.Max(0, 1 - x),
        "bicubic" => Cubic(x),
        "lanczos3" => Lanczos(3, x),
        _ => Lanczos(5, x),
    };

    /// <summary>The cubic convolution of Keys, with a slope of −½ at 1.</summary>
    static double Cubic(double x) => x >= 2 ? 0
        : x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2
        : (1.5 * x - 2.5) * x * x + 1;

    static double Lanczos(double radius, double x) => x > radius ? 0 : x <= 1e-3 ? 1
        : radius * Math.Sin(Math.PI * x) * Math.Sin(Math.PI * x / radius) / (Math.PI * Math.PI * x * x);
}
