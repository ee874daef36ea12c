namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Which weights of a file are loaded into a model.</summary>
/// <param name="ByName">Whether weights are matched by name; otherwise all are loaded, in order.</param>
/// <param name="SkipMismatch">Whether weights that do not fit are skipped.</param>
/// <param name="Reshape">Whether weights of another shape fit if they have the same number of values.</param>
internal readonly record struct WeightMatch(bool ByName, bool SkipMismatch, bool Reshape)
{
    readonly List<string>? _skipped = SkipMismatch ? [] : null;

    /// <summary>All weights of a model's own file.</summary>
    public static WeightMatch Whole => default;

    /// <summary>Whether layers are skipped whose weights do not all fit.</summary>
    public bool SkipsLayers => SkipMismatch && !ByName;

    /// <summary>What was skipped, as sentences.</summary>
    public IReadOnlyList<string> Skipped => _skipped ?? [];

    public bool Fits(ReadOnlySpan<int> stored, ReadOnlySpan<int> own) =>
        stored.SequenceEqual(own) || (Reshape && Product(stored) == Product(own));

    /// <summary>Whether all weights of a layer fit; if not, the layer is noted as skipped.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="own">The layer's weights.</param>
    /// <param name="stored">The shapes in the file.</param>
    /// <param name="source">The file.</param>
    public bool FitsOrSkips(string layer, IReadOnlyList<Variable> own, IReadOnlyList<int[]> stored, string source)
    {
        bool fits = own.Count == stored.Count;
        for (int i = 0; fits && i < own.Count; i++) fits = Fits(stored[i], own[i].Sizes);
        if (!fits) Skip(layer, own, stored, source);
        return fits;
    }

    /// <summary>Notes that a layer, or one of its weights, is skipped.</summary>
    public void Skip(string layer, IEnumerable<Variable> own, IEnumerable<int[]> stored, string source) =>
        Skip($"The weights of layer {layer} are not loaded: it has {Shapes(own.Select(w => w.Sizes.ToArray()))}"
            + $", but {source} has {Shapes(stored)}.");

    /// <summary>Notes that something is skipped.</summary>
    public void Skip(string said) => _skipped!.Add(said);

    static string Shapes(IEnumerable<int[]> shapes)
    {
        string[] all = [.. shapes.Select(s => Shape.Format(s))];
        return all.Length switch
        {
            0 => "none",
            1 => $"one of shape {all[0]}",
            _ => $"{all.Length} of shapes {string.Join(", ", all)}",
        };
    }

    static double Product(ReadOnlySpan<int> sizes)
    {
        double product = 1;
        foreach (int size in sizes) product *= size;
        return product;
    }
}
