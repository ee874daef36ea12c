using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// How many positions are added or removed at the ends of each dimension: one number for all ends; one number for both
/// ends of each dimension (with one dimension, one number for each end); or a pair for each dimension.
/// </summary>
public sealed class Margins
{
    readonly int[][] _values;

    Margins(params int[][] values) => _values = values;

    /// <summary>The same number at all ends.</summary>
    /// <param name="all">The number.</param>
    public static implicit operator Margins(int all) => new([all]);

    /// <summary>For one dimension, the number before and after; for two, the number at both ends of each.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Margins((int, int) values) => new([values.Item1], [values.Item2]);

    /// <summary>The number at both ends of each of three dimensions.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Margins((int, int, int) values) =>
        new([values.Item1], [values.Item2], [values.Item3]);

    /// <summary>The numbers before and after in two dimensions.</summary>
    /// <param name="values">The pairs.</param>
    public static implicit operator Margins(((int, int) Rows, (int, int) Columns) values) =>
        new(Pair(values.Rows), Pair(values.Columns));

    /// <summary>The numbers before and after in three dimensions.</summary>
    /// <param name="values">The pairs.</param>
    public static implicit operator Margins(((int, int) Planes, (int, int) Rows, (int, int) Columns) values) =>
        new(Pair(values.Planes), Pair(values.Rows), Pair(values.Columns));

    /// <summary>A number, or a pair, for each dimension.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Margins(int[][] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new([.. values.Select(v => (int[])(v ?? throw new ArgumentNullException(nameof(values))).Clone())]);
    }

    /// <summary>Reads margins from a Keras configuration.</summary>
    internal static Margins? From(JsonElement? element, string owner, string key)
    {
        if (element is not { } e) return null;
        if (e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out int all)) return all;
        if (e.ValueKind == JsonValueKind.Array && e.EnumerateArray().All(IsRow))
            return new([.. e.EnumerateArray()
                .Select(r => r.ValueKind == JsonValueKind.Number ? [r.GetInt32()]
                    : r.EnumerateArray().Select(v => v.GetInt32()).ToArray())]);
        throw new ArgumentException(
            $"{owner}: \"{key}\" must be a number, a list of numbers or a list of pairs; given {e.GetRawText()}.");

        static bool IsRow(JsonElement row) =>
            row.ValueKind == JsonValueKind.Array
            ? row.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out _))
            : row.ValueKind == JsonValueKind.Number && row.TryGetInt32(out _);
    }

    /// <summary>The numbers before and after in each of <paramref name="rank"/> dimensions, each 0 or more.</summary>
    internal (int Before, int After)[] For(int rank, string name)
    {
        (int, int)[]? ends =
            _values is [[var all]] ? [.. Enumerable.Repeat((all, all), rank)]
            : rank == 1 && _values is [[var before], [var after]] ? [(before, after)]
            : _values.Length == rank && _values.All(v => v.Length is 1 or 2) ? [.. _values.Select(v => (v[0], v[^1]))]
            : null;
        string given = string.Join(", ", _values.Select(v => $"({string.Join(", ", v)})"));
        if (ends is null)
            throw new ArgumentException($"The `{name}` argument must be a number, or a number or a pair for each of "
                + $"{rank} dimensions; given {given}.", name);
        return ends.Any(e => e.Item1 < 0 || e.Item2 < 0)
            ? throw new ArgumentOutOfRangeException(name, $"The numbers of `{name}` must be 0 or more; given {given}.")
            : ends;
    }

    /// <summary>Writes margins as in a Keras configuration: a pair for one dimension, otherwise a list of
    /// pairs.</summary>
    internal static JsonArray ToJson((int Before, int After)[] ends) =>
        ends is [var one] ? new JsonArray(one.Before, one.After)
        : [.. ends.Select(e => (JsonNode)new JsonArray(e.Before, e.After))];

    static int[] Pair((int, int) pair) => [pair.Item1, pair.Item2];
}
