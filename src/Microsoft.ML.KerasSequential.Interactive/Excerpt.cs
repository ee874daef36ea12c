namespace Microsoft.ML.KerasSequential.Interactive;

/// <summary>Which of many entries are shown.</summary>
internal static class Excerpt
{
    /// <summary>What stands in the place of those that are not.</summary>
    public const string Gap = "…";

    /// <summary>All entries, or the first and the last with a gap between them.</summary>
    /// <param name="count">How many entries there are.</param>
    /// <param name="limit">How many are shown at most.</param>
    /// <returns>Their positions; null is the gap.</returns>
    public static int?[] Of(int count, int limit)
    {
        if (count <= limit) return [.. Range(0, count)];
        int last = limit / 2;
        return [.. Range(0, limit - last), null, .. Range(count - last, last)];
    }

    static IEnumerable<int?> Range(int start, int count) => Enumerable.Range(start, count).Select(i => (int?)i);
}
