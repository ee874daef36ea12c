namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>The windows of spectral analysis, by their names in SciPy.</summary>
internal static class SpectralWindow
{
    static readonly Dictionary<string, Func<int, double[]>> s_known = Named(
        (n => Each(n, _ => 1), ["boxcar", "box", "ones", "rect", "rectangular"]),
        (n => Each(n, i => 1 - Math.Abs(2 * i - (n - 1)) / (n + n % 2)), ["triang", "triangle", "tri"]),
        (n => Each(n, i => 1 - Math.Abs(2 * i / (n - 1) - 1)), ["bartlett", "bart", "brt"]),
        (n => Cosines(n, 0.5, 0.5), ["hann", "han"]),
        (n => Cosines(n, 0.54, 0.46), ["hamming", "hamm", "ham"]),
        (n => Cosines(n, 0.42, 0.5, 0.08), ["blackman", "black", "blk"]),
        (n => Cosines(n, 0.3635819, 0.4891775, 0.1365995, 0.0106411), ["nuttall", "nutl", "nut"]),
        (n => Cosines(n, 0.35875, 0.48829, 0.14128, 0.01168), ["blackmanharris", "blackharr", "bkh"]),
        (n => Cosines(n, 0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368), ["flattop", "flat", "flt"]),
        (n => Each(n, i => Parzen(Math.Abs(i - (n - 1) / 2.0) / (n / 2.0), n)), ["parzen", "parz", "par"]),
        (n => Each(n, i => Bohman(Math.Abs(2 * i / (n - 1) - 1))), ["bohman", "bman", "bmn"]),
        (n => Each(n, i => BartlettHann(i / (n - 1) - 0.5)), ["barthann", "brthan", "bth"]),
        (n => Each(n, i => Math.Sin(Math.PI / n * (i + 0.5))), ["cosine", "halfcosine"]),
        (n => Each(n, i => Math.Exp(-Math.Abs(i - (n - 1) / 2.0))), ["exponential", "poisson"]),
        (n => Each(n, i => Sinc(2 * i / (n - 1) - 1)), ["lanczos", "sinc"]),
        (n => Each(n, i => Tukey(Math.Min(i, n - 1 - i) / (n - 1))), ["tukey", "tuk"]));

    /// <exception cref="ArgumentException">There is no such window, or it has parameters.</exception>
    public static void Check(string name)
    {
        if (!s_known.ContainsKey(name))
            throw new ArgumentException($"Unknown window \"{name}\"; expected one of " +
                $"{string.Join(", ", s_known.Keys)}.", nameof(name));
    }

    /// <summary>The values of a window.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="length">The number of values.</param>
    /// <param name="periodic">Whether they are one period of a longer window; otherwise they are symmetric.</param>
    public static double[] Of(string name, int length, bool periodic) => length <= 1 ? Each(length, _ => 1)
        : periodic ? s_known[name](length + 1)[..^1] : s_known[name](length);

    static Dictionary<string, Func<int, double[]>> Named(
        params (Func<int, double[]> Values, string[] Names)[] windows) =>
        windows.SelectMany(w => w.Names.Select(name => (name, w.Values))).ToDictionary(w => w.name, w => w.Values);

    static double[] Each(int n, Func<double, double> value) => [.. Enumerable.Range(0, n).Select(i => value(i))];

    static double[] Cosines(int n, params double[] weights) => Each(n, i =>
        weights.Select((w, k) => w * Math.Cos(k * (2 * i / (n - 1) - 1) * Math.PI)).Sum());

    /// <summary>By the distance from the middle, relative to half the length.</summary>
    static double Parzen(double d, int n) => d > (n - 1) / 4.0 / (n / 2.0) ? 2 * Math.Pow(1 - d, 3)
        : 1 - 6 * d * d + 6 * d * d * d;

    static double Bohman(double d) => d >= 1 ? 0
        : (1 - d) * Math.Cos(Math.PI * d) + Math.Sin(Math.PI * d) / Math.PI;

    static double BartlettHann(double d) => 0.62 - 0.48 * Math.Abs(d) + 0.38 * Math.Cos(2 * Math.PI * d);

    static double Sinc(double d) => d == 0 ? 1 : Math.Sin(Math.PI * d) / (Math.PI * d);

    /// <summary>By the distance from the nearer end, relative to the length; the middle half is flat.</summary>
    static double Tukey(double d) => d >= 0.25 ? 1 : 0.5 * (1 + Math.Cos(Math.PI * (4 * d - 1)));
}
