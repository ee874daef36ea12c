namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// While a file is read on this thread, layers make no more weights than the file holds: a configuration that lies about its sizes
/// takes no memory.
/// </summary>
internal sealed class WeightBudget : IDisposable
{
    [ThreadStatic] static WeightBudget? s_current;

    readonly WeightBudget? _outer = s_current;
    readonly string _source;
    readonly long _all;
    long _left;

    WeightBudget(long values, string source) => (_all, _left, _source) = (values, values, source);

    /// <summary>A file is being read on this thread, which will bring all weights.</summary>
    public static bool IsReading => s_current is not null;

    /// <summary>Begins; ends when disposed.</summary>
    /// <param name="values">How many values the file holds.</param>
    /// <param name="source">The file, for the error.</param>
    public static WeightBudget Limit(long values, string source) => s_current = new(values, source);

    /// <exception cref="InvalidDataException">The file holds fewer values.</exception>
    public static void Spend(string name, IReadOnlyList<int> shape)
    {
        if (s_current is not { } budget) return;
        double size = shape.Aggregate(1.0, (product, d) => product * d);
        if (size > budget._left || shape.Any(d => d < 0))
            throw new InvalidDataException($"{budget._source} is damaged: its configuration asks for a weight {name} of shape ({string.Join(", ", shape)}), but the file holds {budget._all} values in all.");
        budget._left -= (long)size;
    }

    public void Dispose() => s_current = _outer;
}
