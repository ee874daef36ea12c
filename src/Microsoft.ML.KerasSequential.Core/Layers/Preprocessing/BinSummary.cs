namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A summary of numbers from which quantiles can be estimated: values in order, each with the number of values that it
/// stands for. Numbers are rounded where NumPy rounds them in Keras.
/// </summary>
internal sealed class BinSummary
{
    float[] _values = [], _weights = [];

    /// <summary>Adds the numbers of a batch.</summary>
    /// <param name="data">The numbers.</param>
    /// <param name="epsilon">The precision: the reciprocal of the number of values to keep.</param>
    public void Add(ReadOnlySpan<float> data, double epsilon)
    {
        if (data.IsEmpty) return;
        float[] sorted = data.ToArray();
        Array.Sort(sorted);
        double step = Math.Max(sorted.Length / (1 / epsilon), 1);
        var values = new List<float>();
        for (int i = (int)(step - 1); i < sorted.Length; i += (int)step) values.Add(sorted[i]);
        (float Value, float Weight)[] merged = [.. values.Select(v => (v, (float)step))
            .Concat(_values.Zip(_weights)).OrderBy(p => p.Item1)];
        (_values, _weights) = ([.. merged.Select(m => m.Value)], [.. merged.Select(m => m.Weight)]);
        Compress(epsilon);
    }

    /// <summary>The boundaries between bins with about the same number of values.</summary>
    public double[] Boundaries(int bins)
    {
        var last = new BinSummary { _values = _values, _weights = _weights };
        last.Compress(1.0 / bins);
        return [.. last._values.SkipLast(1).Select(v => (double)v)];
    }

    /// <summary>Keeps as many values as the precision requires, interpolated at equal fractions of the total.</summary>
    void Compress(double epsilon)
    {
        if (_values.Length * epsilon < 1) return;
        var total = new float[_weights.Length];
        float sum = 0;
        for (int i = 0; i < total.Length; i++) total[i] = sum += _weights[i];
        float[] fractions = [.. total.Select(t => t / sum)];
        int count = (int)Math.Ceiling(1 / epsilon);
        float[] values = new float[count], weights = new float[count];
        double before = 0;
        for (int i = 0; i < count; i++)
        {
            double at = epsilon + i * epsilon, reached = Interpolate(at, fractions, total);
            (values[i], weights[i]) = ((float)Interpolate(at, fractions, _values), (float)(reached - before));
            before = reached;
        }
        (_values, _weights) = (values, weights);
    }

    /// <summary>The value of a piecewise linear function, constant beyond its ends.</summary>
    static double Interpolate(double at, float[] x, float[] y)
    {
        if (at < x[0]) return y[0];
        if (at >= x[^1]) return y[^1];
        int low = 0, high = x.Length - 1;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            if (x[middle] <= at) low = middle;
            else high = middle;
        }
        return ((double)y[low + 1] - y[low]) / ((double)x[low + 1] - x[low]) * (at - x[low]) + y[low];
    }
}
