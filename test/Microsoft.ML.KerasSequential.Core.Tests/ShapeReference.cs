namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// An array in float64 with a shape: an independent implementation of how targets, predictions and weights are matched.
/// </summary>
internal sealed record Values64(int[] Shape, double[] Data)
{
    public int Rank => Shape.Length;

    public string Name => $"({string.Join(", ", Shape)}{(Rank == 1 ? "," : "")})";

    public static Values64 Of(NDArray array) => new([.. array.Shape], [.. array.Data.Select(v => (double)v)]);

    /// <summary>Targets and predictions with the same shape, or null.</summary>
    public static (Values64 Target, Values64 Prediction)? Meet(Values64 t, Values64 p)
    {
        if (t.Rank == p.Rank + 1 && t.Shape[^1] == 1) (t, p) = p.Rank == 1 ? (t, p.Longer()) : (t.Shorter(), p);
        else if (p.Rank == t.Rank + 1 && p.Shape[^1] == 1) (t, p) = t.Rank == 1 ? (t.Longer(), p) : (t, p.Shorter());
        return t.Shape.SequenceEqual(p.Shape) ? (t, p) : null;
    }

    /// <summary>The same for elementwise computations: with equal rank, sizes of 1 broadcast.</summary>
    public static (Values64 Target, Values64 Prediction)? MeetElements(Values64 t, Values64 p)
    {
        if (Meet(t, p) is { } equal) return equal;
        if (t.Rank != p.Rank || t.Shape.Zip(p.Shape).Any(d => d.First != d.Second && d.First != 1 && d.Second != 1))
            return null;
        var shape = new Values64([.. t.Shape.Zip(p.Shape, Math.Max)], []);
        shape = shape with { Data = new double[shape.Shape.Aggregate(1, (a, b) => a * b)] };
        return (shape with { Data = shape.Weights(t)! }, shape with { Data = shape.Weights(p)! });
    }

    /// <summary>Class indices for predictions with one more dimension, or null.</summary>
    public static (Values64 Target, Values64 Prediction)? MeetNumbers(Values64 t, Values64 p)
    {
        if (t.Rank == p.Rank && t.Shape[^1] == 1) t = t.Shorter();
        return t.Shape.SequenceEqual(p.Shape.SkipLast(1)) ? (t, p) : null;
    }

    /// <summary>One weight per value, or null.</summary>
    public double[]? Weights(Values64 weight)
    {
        int[] shape = weight.Shape;
        if (shape.Length == Rank + 1 && shape[^1] == 1) Array.Resize(ref shape, Rank);
        if (shape.Length > Rank) return null;
        for (int i = 0; i < shape.Length; i++)
            if (shape[i] != 1 && shape[i] != Shape[i]) return null;
        var result = new double[Data.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int rest = i, at = 0;
            var index = new int[Rank];
            for (int d = Rank - 1; d >= 0; d--) (index[d], rest) = (rest % Shape[d], rest / Shape[d]);
            for (int d = 0; d < shape.Length; d++) at = at * shape[d] + (shape[d] == 1 ? 0 : index[d]);
            result[i] = weight.Data[at];
        }
        return result;
    }

    /// <summary>One value per vector along the last dimension.</summary>
    public static Values64 Rows(Values64 t, Values64 p, Func<double[], double[], double> value)
    {
        int size = p.Shape[^1], rows = p.Data.Length / size;
        return new(p.Shape[..^1],
            [.. Enumerable.Range(0, rows)
                .Select(r => value(t.Data[(r * size)..((r + 1) * size)], p.Data[(r * size)..((r + 1) * size)]))]);
    }

    /// <summary>One value per class index and its vector.</summary>
    public static Values64 NumberedRows(Values64 t, Values64 p, Func<int, double[], double> value)
    {
        int size = p.Shape[^1];
        return new(p.Shape[..^1],
            [.. t.Data.Select((number, r) => value((int)number, p.Data[(r * size)..((r + 1) * size)]))]);
    }

    /// <summary>One value per element.</summary>
    public static Values64 Elements(Values64 t, Values64 p, Func<double, double, double> value) =>
        new(p.Shape, [.. t.Data.Zip(p.Data, value)]);

    Values64 Longer() => new([.. Shape, 1], Data);

    Values64 Shorter() => new(Shape[..^1], Data);
}

/// <summary>Losses and metrics in float64, from targets and predictions to values before any mean.</summary>
internal static class Reference64
{
    // In float32, the largest number after clipping is 1 − 1.19e-7.
    const double Epsilon = 1e-7f, Highest = (float)(1 - 1e-7);

    public delegate Values64? ValuesOf(Values64 target, Values64 prediction);

    public static ValuesOf Rows(Func<double[], double[], double> value) => (t, p) =>
        Values64.Meet(t, p) is var (a, b) ? Values64.Rows(a, b, value) : null;

    public static ValuesOf Mean(Func<double, double, double> value) => (t, p) =>
        Values64.MeetElements(t, p) is var (a, b) ? Values64.Rows(a, b, (x, y) => x.Zip(y, value).Average()) : null;

    public static ValuesOf Elements(Func<double, double, double> value) => (t, p) =>
        Values64.MeetElements(t, p) is var (a, b) ? Values64.Elements(a, b, value) : null;

    public static ValuesOf Numbers(Func<int, double[], double> value) => (t, p) =>
        Values64.MeetNumbers(t, p) is var (a, b) ? Values64.NumberedRows(a, b, value) : null;

    public static double Binary(double t, double p)
    {
        double clipped = Math.Clamp(p, Epsilon, Highest);
        return -t * Math.Log(clipped + Epsilon) - (1 - t) * Math.Log(1 - clipped + Epsilon);
    }

    public static double BinaryOfLogit(double t, double x) =>
        Math.Max(x, 0) - x * t + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    public static double Categorical(double[] t, double[] p) =>
        -t.Zip(p, (a, b) => a * Math.Log(Math.Clamp(b / p.Sum(), Epsilon, Highest))).Sum();

    public static double Sparse(int number, double[] p)
    {
        double[] clipped = [.. p.Select(v => Math.Clamp(v, Epsilon, Highest))];
        return -Math.Log(clipped[number] / clipped.Sum());
    }

    public static double[] LogSoftmax(double[] x) => [.. x.Select(v => v - Math.Log(x.Sum(Math.Exp)))];

    public static double Cosine(double[] t, double[] p)
    {
        static double Norm(double[] v) => Math.Sqrt(Math.Max(v.Sum(x => x * x), 1e-7));
        return t.Zip(p, (a, b) => a * b).Sum() / (Norm(t) * Norm(p));
    }

    public static double Relative(double[] t, double[] p) => t.Zip(p, (a, b) =>
    {
        double x = Math.Clamp(a, Epsilon, 1), y = Math.Clamp(b, Epsilon, 1);
        return x * Math.Log(x / y);
    }).Sum();

    public static double LogOfOne(double v) => Math.Log(1 + Math.Max(v, Epsilon));

    public static double HuberOf(double t, double p, double delta) =>
        Math.Abs(t - p) <= delta ? 0.5 * (t - p) * (t - p) : delta * (Math.Abs(t - p) - delta / 2);

    public static double CategoricalMargin(double[] t, double[] p) =>
        Math.Max(0, 1 + t.Zip(p, (a, b) => (1 - a) * b).Max() - t.Zip(p, (a, b) => a * b).Sum());

    public static int Largest(double[] values) => Array.IndexOf(values, values.Max());

    public static bool IsAmong(double[] values, int index, int k) => values.Count(v => v > values[index]) < k;

    /// <summary>The margins of a batch whose targets −1 and 1 may be specified as 0 and 1.</summary>
    public static ValuesOf Margins(bool squared) => (t, p) =>
    {
        bool binary = t.Data.All(v => v is 0 or 1);
        return Mean((a, b) => Math.Pow(Math.Max(0, 1 - (binary ? 2 * a - 1 : a) * b), squared ? 2 : 1))(t, p);
    };
}
