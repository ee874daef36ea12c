namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// Provides batches in order, from a sequence or an enumeration. They are prepared on the calling thread or prefetched
/// on worker threads.
/// </summary>
internal abstract class BatchFeed(int maxQueueSize, int workers) : IDisposable
{
    BatchQueue? _queue;
    long _taken, _ended;

    /// <summary>Gets the number of batches in the current pass, or null if it is unknown.</summary>
    public abstract int? Count { get; }

    /// <summary>Gets a value that indicates whether the length of a pass is known only at its end.</summary>
    public virtual bool ComesInPasses => false;

    /// <summary>Returns the next batch.</summary>
    /// <exception cref="ArgumentException">There are no more batches.</exception>
    public Batch Next(CancellationToken token) => Take(token) ?? throw RanOut();

    /// <summary>
    /// Returns the next batch of the pass, or null at its end. The next call then starts the next pass.
    /// </summary>
    public Batch? NextOfPass(CancellationToken token)
    {
        Batch? batch = Take(token);
        if (batch is not null) return batch;
        _taken--;
        // Its threads have reached the end of the source.
        _queue?.Dispose();
        _queue = null;
        Renew();
        return null;
    }

    /// <summary>Creates the exception for data that ends too early.</summary>
    public ArgumentException RanOut() => new(
        $"The data ran out after {_taken - 1} batches. Make sure that it can generate at least steps_per_epoch * "
        + "epochs (or steps) batches.");

    Batch? Take(CancellationToken token)
    {
        EndPass();
        // Batches are allowed only now, so that none are prepared for an epoch that never starts.
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

    /// <summary>Called when the batches that were taken have been used. Ends the pass if it is complete.</summary>
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

    /// <summary>Gets the index of the first batch in the current pass.</summary>
    protected long FirstOfPass => _ended;

    long Limit => Count is int count ? _ended + count : long.MaxValue;

    protected abstract bool MustBeInOrder { get; }

    protected abstract Batch? Make(long number);

    protected virtual void Renew()
    {
    }

    /// <summary>Cancels operations that a thread is waiting for.</summary>
    protected virtual void Stop()
    {
    }

    protected virtual void Close()
    {
    }
}
