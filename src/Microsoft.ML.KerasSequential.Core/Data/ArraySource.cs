namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Batches from arrays, in an order that may change with each epoch.</summary>
internal sealed class ArraySource(ModelData data, int batchSize, Action<int[]>? reorder = null) : EpochSource
{
    readonly int[] _order = [.. Enumerable.Range(0, data.Count)];
    int _next;

    public ModelData Data => data;

    public override int Steps => Graphs.Counts.Batches(data.Count, batchSize);

    public override int? Samples => data.Count;

    public override int? BatchSize => batchSize;

    public override IReadOnlyList<NDArray> Arrays => data.Arrays;

    public override void BeginEpoch()
    {
        _next = 0;
        reorder?.Invoke(_order);
    }

    public override StepData Next(CancellationToken token)
    {
        int size = Math.Min(batchSize, data.Count - _next);
        var step = new StepData(data, _order.AsMemory(_next, size), size);
        _next += size;
        return step;
    }
}
