namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// Provides the batches of an asynchronous enumeration. If the feed comes in passes, each pass enumerates the source
/// from start to end, and the number of batches is known only at the end of the pass.
/// </summary>
internal sealed class AsyncFeed(IAsyncEnumerable<Batch> batches, bool inPasses, int maxQueueSize, int workers,
    CancellationToken token)
    : BatchFeed(maxQueueSize, workers)
{
    /// <summary>How long to wait for a canceled batch to end before continuing without it.</summary>
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
        // A canceled batch might still be pending, and an enumerator must not be asked for two batches at once.
        _stop.Token.ThrowIfCancellationRequested();
        _enumerator ??= batches.GetAsyncEnumerator(_stop.Token);
        _awaited = Started(() => _enumerator.MoveNextAsync().AsTask());
        // A source that ignores its token does not block cancellation.
        _atEnd = !_awaited.WaitAsync(_stop.Token).GetAwaiter().GetResult();
        if (_atEnd) return null;
        return _enumerator.Current ?? throw new ArgumentException($"The data returned null for batch {number}.");
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

    /// <summary>Starts work that this thread can block on: its continuations do not return to this thread.</summary>
    static T Started<T>(Func<T> work) where T : Task =>
        SynchronizationContext.Current is null ? work()
            : Task.Run(() => Task.FromResult(work())).GetAwaiter().GetResult();
}
