namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Batches in order, from a sequence or an enumeration, prepared on the caller's thread or prefetched on
/// worker threads.</summary>
internal abstract class BatchFeed(int maxQueueSize, int workers) : IDisposable
{
    BatchQueue? _queue;
    long _taken, _ended;

    /// <summary>The number of batches in the current pass, or null if unknown.</summary>
    public abstract int? Count { get; }

    /// <summary>Whether a pass is as long as it turns out to be.</summary>
    public virtual bool ComesInPasses => false;

    /// <summary>The next batch.</summary>
    /// <exception cref="ArgumentException">There are no more.</exception>
    public Batch Next(CancellationToken token) => Take(token) ?? throw RanOut();

    /// <summary>The next batch of a pass; null at its end, where the next one begins.</summary>
    public Batch? NextOfPass(CancellationToken token)
    {
        Batch? batch = Take(token);
        if (batch is not null) return batch;
        _taken--;
        // Its threads have seen the end.
        _queue?.Dispose();
        _queue = null;
        Renew();
        return null;
    }

    /// <summary>The error where data end too early.</summary>
    public ArgumentException RanOut() => new(
        $"The data ran out after {_taken - 1} batches. Make sure that it can generate at least steps_per_epoch * "
        + "epochs (or steps) batches.");

    Batch? Take(CancellationToken token)
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
        return batch;
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
        Stop();
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

    /// <summary>Ends what a thread waits for.</summary>
    protected virtual void Stop()
    {
    }

    protected virtual void Close()
    {
    }
}
