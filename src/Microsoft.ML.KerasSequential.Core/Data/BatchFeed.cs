namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Batches one after the other, from a sequence or an enumeration, made on the caller's thread or ahead on others.</summary>
internal abstract class BatchFeed(int maxQueueSize, int workers) : IDisposable
{
    BatchQueue? _queue;
    long _taken, _ended;

    /// <summary>The batches of the present pass, or null if that is not known.</summary>
    public abstract int? Count { get; }

    /// <summary>The next batch.</summary>
    /// <exception cref="ArgumentException">There are no more.</exception>
    public Batch Next(CancellationToken token)
    {
        EndPass();
        // Only now, so that nothing is made for an epoch that does not come.
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
            $"The data ran out after {_taken - 1} batches. Make sure that they can give as many as steps_per_epoch times epochs (or steps) ask for.");
    }

    /// <summary>What was taken is used: if it was a whole pass, its end is told.</summary>
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

    /// <summary>The number of the first batch of the present pass.</summary>
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
