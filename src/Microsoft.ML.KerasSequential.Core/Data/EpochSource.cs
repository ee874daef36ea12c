namespace Microsoft.ML.KerasSequential.Data;

/// <summary>What a step runs on: rows of arrays, and how much its loss counts in the epoch's mean.</summary>
internal readonly record struct StepData(ModelData Data, ReadOnlyMemory<int> Rows, int Weight);

/// <summary>The steps of an epoch of training, or of one evaluation.</summary>
internal abstract class EpochSource : IDisposable
{
    public abstract int Steps { get; }

    /// <summary>The samples of an epoch, if progress is counted in samples.</summary>
    public virtual int? Samples => null;

    /// <summary>The samples of a step, if that is fixed.</summary>
    public virtual int? BatchSize => null;

    public abstract void BeginEpoch();

    public abstract StepData Next(CancellationToken token);

    /// <summary>All steps of the epoch were run.</summary>
    public virtual void EndEpoch()
    {
    }

    public virtual void Dispose()
    {
    }
}

/// <summary>Batches of arrays, in an order that may change with each epoch.</summary>
internal sealed class ArraySource(ModelData data, int batchSize, Action<int[]>? reorder = null) : EpochSource
{
    readonly int[] _order = [.. Enumerable.Range(0, data.Count)];
    int _next;

    public ModelData Data => data;

    public override int Steps => (data.Count + batchSize - 1) / batchSize;

    public override int? Samples => data.Count;

    public override int? BatchSize => batchSize;

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

/// <summary>A number of steps, each on all the data (Keras' <c>steps_per_epoch</c> with arrays).</summary>
internal sealed class WholeArraySource(ModelData data, int steps) : EpochSource
{
    readonly int[] _order = [.. Enumerable.Range(0, data.Count)];

    public override int Steps => steps;

    public override void BeginEpoch()
    {
    }

    public override StepData Next(CancellationToken token) => new(data, _order, 1);
}

/// <summary>A number of batches from a feed, each checked when it comes.</summary>
internal sealed class FeedSource(BatchFeed feed, int steps, Func<Batch, ModelData> check) : EpochSource
{
    StepData? _first;
    int[] _rows = [];

    public override int Steps => steps;

    /// <summary>Takes and checks the first batch before anything begins.</summary>
    public FeedSource Prime(CancellationToken token)
    {
        _first = Next(token);
        return this;
    }

    public override void BeginEpoch()
    {
    }

    public override StepData Next(CancellationToken token)
    {
        if (_first is { } first)
        {
            _first = null;
            return first;
        }
        ModelData data = check(feed.Next(token));
        if (_rows.Length < data.Count) _rows = [.. Enumerable.Range(0, data.Count)];
        return new(data, _rows.AsMemory(0, data.Count), data.Count);
    }

    public override void EndEpoch() => feed.EndPass();

    public override void Dispose()
    {
        base.Dispose();
        feed.Dispose();
    }
}
