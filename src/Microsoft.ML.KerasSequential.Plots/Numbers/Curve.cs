namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>A line of a plot, in pieces: it is broken where a value is not a finite number.</summary>
internal sealed record Curve(string Name, IReadOnlyList<IReadOnlyList<(double X, double Y)>> Pieces)
{
    public IEnumerable<(double X, double Y)> Points => Pieces.SelectMany(p => p);

    /// <summary>The values of a history over its epochs, counted from 1. Epochs without a value, for example without
    /// validation, are omitted.</summary>
    public static Curve Of(History history, string metric, string name)
    {
        List<List<(double, double)>> pieces = [[]];
        foreach ((int epoch, double? value) in history.Epoch.Zip(history.Column(metric)))
        {
            if (value is not double y) continue;
            if (double.IsFinite(y)) pieces[^1].Add((epoch + 1, y));
            else if (pieces[^1].Count > 0) pieces.Add([]);
        }
        return new(name, [.. pieces.Where(p => p.Count > 0)]);
    }
}
