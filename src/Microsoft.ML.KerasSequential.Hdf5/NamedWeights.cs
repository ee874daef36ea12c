namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>
/// Matches the stored weights of a layer to its own by name: exactly, or up to the numbers that Keras appends to layer
/// names. The order alone is not sufficient, because it depends on which layers were frozen when the file was written.
/// </summary>
internal static class NamedWeights
{
    /// <summary>Finds the index of the stored value for each weight.</summary>
    /// <param name="stored">The names in the file, <c>layer/part/weight:0</c>, in its order.</param>
    /// <param name="own">The paths of the layer's weights, <c>part/weight</c>, in its order; the same number.</param>
    /// <param name="storedLayer">The layer's name in the file.</param>
    /// <param name="mismatch">A pair of names that do not match, or null.</param>
    public static int[] Match(string[] stored, string[] own, string storedLayer,
        out (string Own, string Stored)? mismatch)
    {
        mismatch = null;
        string[] plain = [.. stored.Select(s => Plain(s, storedLayer))];
        if (ByKey(plain, own) is { } exact) return exact;
        if (ByKey(Counted(plain), Counted(own)) is { } counted) return counted;
        // Keras 3 writes whole paths, whose first parts say nothing about a layer without parts.
        if (!own.Any(o => o.Contains('/', StringComparison.Ordinal))
            && ByKey([.. plain.Select(Leaf)], own) is { } leaves)
            return leaves;

        // Names that match only partly, or the same weights in another order, are an error. Otherwise they come from
        // another program, and their order counts.
        int[] inOrder = [.. Enumerable.Range(0, own.Length)];
        bool partly = own.Intersect(plain).Any() || SameInAnotherOrder([.. own.Select(Leaf)], [.. plain.Select(Leaf)]);
        if (partly && Array.Find(inOrder, i => !plain.Contains(own[i]) || own[i] != plain[i]) is var first)
            mismatch = (own[first], stored[first]);
        return inOrder;
    }

    static string Plain(string name, string layer)
    {
        int colon = name.LastIndexOf(':');
        string path = colon < 0 ? name : name[..colon];
        return path.StartsWith($"{layer}/", StringComparison.Ordinal) ? path[(layer.Length + 1)..] : path;
    }

    static string Leaf(string path) => path[(path.LastIndexOf('/') + 1)..];

    static bool SameInAnotherOrder(string[] own, string[] stored) =>
        !own.SequenceEqual(stored)
        && own.Order(StringComparer.Ordinal).SequenceEqual(stored.Order(StringComparer.Ordinal));

    static int[]? ByKey(string[] stored, string[] own)
    {
        if (stored.Distinct().Count() != stored.Length || own.Distinct().Count() != own.Length) return null;
        int[] places = [.. own.Select(o => Array.IndexOf(stored, o))];
        return places.Contains(-1) ? null : places;
    }

    /// <summary>Renumbers the parts of paths, each kind from 0 in the order of its numbers: dense_4 and dense_7 become
    /// dense#0 and dense#1.</summary>
    static string[] Counted(string[] paths)
    {
        string[] result = new string[paths.Length];
        foreach (
            IGrouping<string, (string Stem, long Number, int Index)> stem in paths.Select((p, i) =>
                (Numbered(p).Stem, Numbered(p).Number, i)).GroupBy(p => p.Item1))
        {
            long[] numbers = [.. stem.Select(s => s.Number).Distinct().Order()];
            foreach (IGrouping<long, (string Stem, long Number, int Index)> part in stem.GroupBy(s => s.Number))
            {
                int[] indices = [.. part.Select(p => p.Index)];
                string[] rests = [
                    .. indices.Select(i => paths[i].IndexOf('/') is var slash and >= 0 ? paths[i][(slash + 1)..] : "")];
                if (rests.Any(r => r.Contains('/', StringComparison.Ordinal))) rests = Counted(rests);
                for (int k = 0; k < indices.Length; k++)
                    result[indices[k]] = rests[k].Length == 0 ? paths[indices[k]]
                    : $"{stem.Key}#{Array.IndexOf(numbers, part.Key)}/{rests[k]}";
            }
        }
        return result;
    }

    /// <summary>The first part of a path without its number, and the number; 0 without one.</summary>
    static (string Stem, long Number) Numbered(string path)
    {
        string first = path.IndexOf('/') is var slash and >= 0 ? path[..slash] : path;
        int underscore = first.LastIndexOf('_');
        return underscore > 0
            && long.TryParse(first.AsSpan(underscore + 1), System.Globalization.NumberStyles.None, null,
                out long number) ? (first[..underscore], number) : (first, 0);
    }
}
