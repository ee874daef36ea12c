namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>Integer ticks along an axis, in steps of 1, 2 or 5 times a power of 10.</summary>
internal static class WholeTicks
{
    public static double[] Between(long first, long last, int most)
    {
        long power = 1, step = 1;
        for (int i = 0; (last - first) / step + 1 > most; i++)
        {
            if (i > 0 && i % 3 == 0) power *= 10;
            step = power * (i % 3) switch { 0 => 2, 1 => 5, _ => 10 };
        }
        long start = (first + step - 1) / step * step;
        return [.. Enumerable.Range(0, (int)Math.Max(0, (last - start) / step + 1))
            .Select(i => (double)(start + i * step))];
    }
}
