using System.Runtime.ExceptionServices;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// Prefetches batches on its own threads. Batches are claimed by index and taken in order, so the number of threads
/// affects only the speed. <see cref="Take"/> rethrows what a thread throws, with its stack trace.
/// </summary>
internal sealed class BatchQueue : IDisposable
{
    /// <summary>The maximum number of threads; more would only cost memory.</summary>
    const int MostThreads = 256;

    static int s_running;

    readonly Func<long, Batch?> _produce;
    readonly Lock? _oneAtATime;
    readonly object _lock = new();
    readonly Dictionary<long, Slot> _made = [];
    readonly int _maxAhead;
    readonly Thread[] _threads;
    long _claimed, _taken, _limit;
    bool _stopped;

    /// <param name="produce">Makes a batch by index; null when there are no more.</param>
    /// <param name="inOrder">Whether batches can only be made one after another, as from an enumerator.</param>
    /// <param name="workers">The number of threads.</param>
    /// <param name="maxQueueSize">How many batches may be made ahead.</param>
    /// <param name="limit">The first index that must not be made yet.</param>
    public BatchQueue(Func<long, Batch?> produce, bool inOrder, int workers, int maxQueueSize, long limit)
    {
        (_produce, _limit) = (produce, limit);
        _oneAtATime = inOrder ? new() : null;
        _maxAhead = maxQueueSize;
        _threads = new Thread[(int)Math.Min(Math.Min(workers, maxQueueSize), Math.Clamp(limit, 1, MostThreads))];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"KerasSequential batches {i + 1}" };
            Interlocked.Increment(ref s_running);
            _threads[i].Start();
        }
    }

    /// <summary>The number of threads making batches, in all queues.</summary>
    public static int Running => Volatile.Read(ref s_running);

    /// <summary>The next batch, in order; waits until it is made. Null when there are no more.</summary>
    public Batch? Take(CancellationToken token)
    {
        using CancellationTokenRegistration wake = token.UnsafeRegister(_ => Change(() => { }), null);
        lock (_lock)
        {
            Slot made;
            while (!_made.Remove(_taken, out made))
            {
                token.ThrowIfCancellationRequested();
                Monitor.Wait(_lock);
            }
            _taken++;
            Monitor.PulseAll(_lock);
            made.Failure?.Throw();
            return made.Batch;
        }
    }

    /// <summary>Allows batches up to an index to be made.</summary>
    public void Allow(long limit) => Change(() => _limit = limit);

    /// <summary>Stops the threads and waits until they have ended.</summary>
    public void Dispose()
    {
        Change(() => _stopped = true);
        foreach (Thread thread in _threads)
        {
            thread.Join();
            Interlocked.Decrement(ref s_running);
        }
    }

    void Work()
    {
        while (true)
        {
            long number;
            Slot made = default;
            _oneAtATime?.Enter();
            try
            {
                if (!Claim(out number)) return;
                try
                {
                    made.Batch = _produce(number);
                }
                catch (Exception e) when (made.Catch(e))
                {
                }
            }
            finally
            {
                _oneAtATime?.Exit();
            }
            Change(() => _made[number] = made);
        }
    }

    bool Claim(out long number)
    {
        lock (_lock)
        {
            while (!_stopped && (_claimed >= _limit || _claimed - _taken >= _maxAhead)) Monitor.Wait(_lock);
            number = _claimed;
            if (!_stopped) _claimed++;
            return !_stopped;
        }
    }

    void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Monitor.PulseAll(_lock);
        }
    }

    struct Slot
    {
        public Batch? Batch;
        public ExceptionDispatchInfo? Failure;

        public bool Catch(Exception e)
        {
            Failure = ExceptionDispatchInfo.Capture(e);
            return true;
        }
    }
}
