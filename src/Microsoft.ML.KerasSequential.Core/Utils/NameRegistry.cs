namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// Objects of one kind by their Keras names. The error for an unknown name lists the closest known names.
/// </summary>
internal sealed class NameRegistry<T>(string kind, IEqualityComparer<string>? comparer = null)
{
    readonly Dictionary<string, T> _items = new(comparer ?? StringComparer.Ordinal);

    public IEnumerable<string> Names => _items.Keys;

    public T this[string name] { set => _items[name] = value; }

    public bool TryGet(string name, out T? value) => _items.TryGetValue(name, out value);

    public T Get(string name, string parameter)
    {
        ArgumentNullException.ThrowIfNull(name, parameter);
        if (_items.TryGetValue(name, out T? value)) return value;
        IEnumerable<string> near = _items.Keys
            .OrderByDescending(known => name.Length > 0 && known.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            .ThenBy(known => NameRegistry.Distance(known.ToUpperInvariant(), name.ToUpperInvariant()))
            .ThenBy(known => known, StringComparer.Ordinal).Take(4);
        throw new ArgumentException($"Unknown {kind}: \"{name}\". The closest known names are "
            + $"{string.Join(", ", near.Select(n => $"\"{n}\""))}. Register custom objects with a CustomObjectScope.",
            parameter);
    }
}

/// <summary>Compares names.</summary>
internal static class NameRegistry
{
    /// <summary>The Levenshtein distance: the number of insertions, deletions, and replacements between two
    /// words.</summary>
    public static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
