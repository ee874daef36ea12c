namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Batches in order, from a sequence or an enumeration, prepared on the caller's thread or prefetched on
/// worker threads.</summary>
internal abstract class BatchFeed(int maxQueueSize, int workers) : IDisposable
{
    BatchQueue? _queue;
    long _taken, _ended;

    /// <summary>The number of batches in the current pass, or null if unknown.</summary>
    public abstract int? Count { get; }

    /// <summary>The next batch.</summary>
    /// <exception cref="ArgumentException">There are no more.</exception>
    public Batch Next(CancellationToken token)
    {
        EndPass();
        // Only now, so that nothing is prepared for an epoch that never starts.
        if (_ended == _taken) _queue?.Allow(Limit);
        Batch? batch;
        if (workers == 0)
        {
            batch = Make(_taken);
        }
        else
        {
            _queue ??= new BatchQueue(Make, MustBeInOrder, workers, maxQueueSize, Limit);
            batch = _queue.Take(token);
        }
        _taken++;
        return batch ?? throw new ArgumentException(
            $"The data ran out after {_taken - 1} batches. Make sure that it can generate at least steps_per_epoch * epochs (or steps) batches.");
    }

    /// <summary>Called when the batches taken have been used; ends the pass if it is complete.</summary>
    public void EndPass()
    {
        if (Count is not int count || _taken - _ended != count) return;
        _ended = _taken;
        Renew();
    }

    public void Dispose()
    {
        _queue?.Dispose();
        Close();
    }

    /// <summary>The index of the first batch in the current pass.</summary>
    protected long FirstOfPass => _ended;

    long Limit => Count is int count ? _ended + count : long.MaxValue;

    protected abstract bool MustBeInOrder { get; }

    protected abstract Batch? Make(long number);

    protected virtual void Renew()
    {
    }

    protected virtual void Close()
    {
    }
}
