namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// The batches of an asynchronous enumeration. In passes, a pass is the whole of it, of a length that is known at its
/// end, and the next pass enumerates anew.
/// </summary>
internal sealed class AsyncFeed(IAsyncEnumerable<Batch> batches, bool inPasses, int maxQueueSize, int workers,
    CancellationToken token)
    : BatchFeed(maxQueueSize, workers)
{
    /// <summary>How long a cancelled batch may take to end, before the rest goes on without it.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(token);
    IAsyncEnumerator<Batch>? _enumerator;
    Task<bool>? _awaited;
    bool _atEnd, _isClosed;

    public override int? Count => null;

    public override bool ComesInPasses => inPasses;

    protected override bool MustBeInOrder => true;

    protected override Batch? Make(long number)
    {
        if (_atEnd) return null;
        // A cancelled batch may still be on its way, and an enumerator must not be asked twice at the same time.
        _stop.Token.ThrowIfCancellationRequested();
        _enumerator ??= batches.GetAsyncEnumerator(_stop.Token);
        _awaited = Started(() => _enumerator.MoveNextAsync().AsTask());
        // A source that does not look at its token holds up nobody.
        _atEnd = !_awaited.WaitAsync(_stop.Token).GetAwaiter().GetResult();
        if (_atEnd) return null;
        return _enumerator.Current ?? throw new ArgumentException($"The data gave null as batch {number}.");
    }

    protected override void Renew()
    {
        EndEnumeration();
        _atEnd = false;
    }

    protected override void Stop()
    {
        if (!_isClosed) _stop.Cancel();
    }

    protected override void Close()
    {
        if (_isClosed) return;
        _isClosed = true;
        EndEnumeration();
        _stop.Dispose();
    }

    void EndEnumeration()
    {
        if (_enumerator is not { } enumerator) return;
        _enumerator = null;
        bool hasEnded = _awaited is not { } awaited || Task.WaitAny([awaited], s_patience) == 0;
        if (hasEnded) Started(() => enumerator.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        else _awaited!.ContinueWith(_ => enumerator.DisposeAsync().AsTask(), TaskScheduler.Default);
    }

    /// <summary>Work that this thread can wait for: it does not come back to it.</summary>
    static T Started<T>(Func<T> work) where T : Task =>
        SynchronizationContext.Current is null ? work()
            : Task.Run(() => Task.FromResult(work())).GetAwaiter().GetResult();
}
