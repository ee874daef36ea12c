namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// While a file is read on this thread, layers cannot create more weights than the file holds, so a configuration with
/// wrong sizes cannot exhaust memory.
/// </summary>
internal sealed class WeightBudget : IDisposable
{
    [ThreadStatic] static WeightBudget? s_current;

    readonly WeightBudget? _outer = s_current;
    readonly string _source;
    readonly long _all;
    long _left;

    WeightBudget(long values, string source) => (_all, _left, _source) = (values, values, source);

    /// <summary>Whether a file that provides all weights is being read on this thread.</summary>
    public static bool IsReading => s_current is not null;

    /// <summary>Starts the limit, which ends when it is disposed.</summary>
    /// <param name="values">The number of values in the file.</param>
    /// <param name="source">The file, for the error.</param>
    public static WeightBudget Limit(long values, string source) => s_current = new(values, source);

    /// <exception cref="InvalidDataException">The file holds fewer values.</exception>
    public static void Spend(string name, IReadOnlyList<int> shape)
    {
        if (s_current is not { } budget) return;
        double size = shape.Aggregate(1.0, (product, d) => product * d);
        if (size > budget._left || shape.Any(d => d < 0))
            throw new InvalidDataException($"{budget._source} is damaged: its configuration requires a weight {name} "
                + $"of shape ({string.Join(", ", shape)}), but the file holds {budget._all} values in total.");
        budget._left -= (long)size;
    }

    public void Dispose() => s_current = _outer;
}
