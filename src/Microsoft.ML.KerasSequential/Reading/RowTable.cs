namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>All rows of a source in memory.</summary>
/// <param name="X">The features, in the shape of the network's input.</param>
/// <param name="Y">The targets.</param>
/// <param name="Weights">The weights, or null.</param>
internal sealed record RowTable(NDArray X, NDArray Y, NDArray? Weights)
{
    const int RowsBetweenLooks = 1024;

    /// <summary>Reads all rows in one pass, as long as they fit.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="sample">The shape of a sample.</param>
    /// <param name="heldBack">The fraction of the rows, from the end, to put in a second table.</param>
    /// <param name="maxBytes">The maximum memory in bytes.</param>
    /// <param name="ranks">The processes among which rows are dealt; only this one's are kept. Null for a single
    /// process.</param>
    /// <param name="token">Cancels reading.</param>
    public static Reading Read(RowSource source, int[] sample, double heldBack, long maxBytes, Distribution? ranks,
        CancellationToken token)
    {
        (int rank, int size) = (ranks?.Rank ?? 0, ranks?.Size ?? 1);
        using RowSource.RowReader reader = source.Open();
        long most = size * Math.Min(maxBytes / source.RowBytes,
            Array.MaxLength / Math.Max(1, Math.Max(source.FeatureSize, source.Target.Size)));
        // Rows to be split, or possibly too many, are kept in pieces.
        long expected = heldBack == 0 && size == 1 && source.RowCount is long known && known <= most ? known : 0;
        using GrowingRows x = new(source.FeatureSize, expected),
            y = new(source.Target.Size, expected), weights = new(source.HasWeights ? 1 : 0, expected);
        long count = 0;
        while (true)
        {
            if (count % RowsBetweenLooks == 0) token.ThrowIfCancellationRequested();
            // Rows beyond the limit, and those of other processes, are read into the same buffer, only to be counted.
            if (!reader.Next(x.Next, y.Next, out float weight)) break;
            count++;
            if (count == most + 1) Drop(x, y, weights);
            if (count > most || (count - 1) % size != rank) continue;
            if (source.HasWeights) weights.Next[0] = weight;
            x.Keep();
            y.Keep();
            weights.Keep();
        }
        long first = count - HeldBack(count, heldBack);
        if (count > most) return new(count, reader.LeftOut, null, null);

        long kept = x.Count, before = (first - rank + size - 1) / size;
        (float[] xFirst, float[] xRest) = x.Take(before);
        (float[] yFirst, float[] yRest) = y.Take(before);
        (float[] wFirst, float[] wRest) = weights.Take(before);
        return new(count, reader.LeftOut, Table(xFirst, yFirst, wFirst, (int)before),
            first == count ? null : Table(xRest, yRest, wRest, (int)(kept - before)));

        RowTable Table(float[] features, float[] targets, float[] factors, int rows) =>
            new(new(features, [rows, .. sample]), new(targets, [rows, .. source.Target.SampleShape]),
                source.HasWeights ? new(factors, rows) : null);
    }

    /// <summary>The number of rows that a split holds out; Keras rounds up.</summary>
    public static long HeldBack(long count, double share) => share == 0 ? 0 : count - (long)(count * (1 - share));

    static void Drop(params ReadOnlySpan<GrowingRows> all)
    {
        foreach (GrowingRows rows in all) rows.Dispose();
    }

    /// <summary>The result of a pass.</summary>
    /// <param name="Count">The rows.</param>
    /// <param name="LeftOut">The numbers of skipped rows.</param>
    /// <param name="Table">The rows, or null if they do not fit.</param>
    /// <param name="HeldBack">The rows held out, or null.</param>
    public sealed record Reading(long Count, (long Features, long Labels, long Weights) LeftOut, RowTable? Table,
        RowTable? HeldBack);
}
