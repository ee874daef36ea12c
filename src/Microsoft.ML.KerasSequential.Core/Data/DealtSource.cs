using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Batches of rows dealt to the ranks: each rank has its part of each batch and shuffles only its own
/// rows.</summary>
internal sealed class DealtSource(ModelData own, DealtRows rows, int batchSize, Distribution ranks,
    Action<int[]>? reorder = null) : EpochSource
{
    readonly int[] _order = [.. Enumerable.Range(0, own.Count)];
    int _next;

    public override int Steps => Graphs.Counts.Batches(rows.Total, batchSize);

    public override int? Samples => rows.Total;

    public override int? BatchSize => batchSize;

    public override IReadOnlyList<NDArray> Arrays => own.Arrays;

    public override void BeginEpoch()
    {
        _next = 0;
        reorder?.Invoke(_order);
    }

    public override StepData Next(CancellationToken token)
    {
        int start = _next, end = start + Math.Min(batchSize, rows.Total - start), first = 0;
        _next = end;
        for (int rank = 0; rank < ranks.Rank; rank++) first += Before(end, rank) - Before(start, rank);
        int from = Before(start, ranks.Rank), count = Before(end, ranks.Rank) - from;
        return new(own, _order.AsMemory(from, count), end - start, new ShareOfBatch(first, end - start));
    }

    /// <summary>The number of rows that a rank has before a given row.</summary>
    int Before(int row, int rank) =>
        (int)(((long)row - (rank - rows.FirstRank + ranks.Size) % ranks.Size + ranks.Size - 1) / ranks.Size);
}
