namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// The threads that run kernels. Chunks are claimed one by one from a shared counter; between launches the threads spin
/// for about a millisecond, because in a training step the next launch follows immediately, then sleep.
/// </summary>
internal sealed unsafe class Workers : IDisposable
{
    public const int ScratchFloats = 96 * 1024;

    const int SpinsBeforeSleep = 8_000;

    [ThreadStatic] static Storage? s_scratch;

    static Workers? s_shared;
    static readonly Lock s_sharedLock = new();

    readonly Thread[] _threads;
    readonly SemaphoreSlim _wake = new(0);
    int _busy;
    int _sleeping;
    volatile bool _stopped;

    // One launch at a time: the claim word holds the launch's number above the next chunk, so that a late thread cannot
    // claim a chunk of the next launch.
    volatile Launch? _launch;
    long _claim;
    int _chunks;
    int _finished;
    volatile Exception? _failure;

    Workers(int threads)
    {
        _threads = new Thread[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Loop) { IsBackground = true, Name = $"KerasSequential worker {i + 1}" };
            _threads[i].Start();
        }
    }

    public static int Threads
    {
        get => (s_shared?._threads.Length ?? DefaultThreads - 1) + 1;
        set
        {
            lock (s_sharedLock)
            {
                if (s_shared is { } old)
                {
                    if (old._threads.Length == value - 1) return;
                    old.Dispose();
                }
                s_shared = new Workers(value);
            }
        }
    }

    static int DefaultThreads =>
        int.TryParse(Environment.GetEnvironmentVariable("KERASML_THREADS"), out int threads) && threads > 0 ? threads
            : Environment.ProcessorCount;

    static Workers Shared
    {
        get
        {
            if (s_shared is { } shared) return shared;
            lock (s_sharedLock) return s_shared ??= new Workers(DefaultThreads);
        }
    }

    static float* Scratch => (s_scratch ??= new Storage(ScratchFloats)).Pointer;

    /// <summary>Runs all chunks of a launch, on this thread and the others.</summary>
    /// <param name="launch">The launch.</param>
    /// <param name="exchange">An exchange that this thread advances meanwhile, or null.</param>
    public static void Run(Launch launch, Exchange? exchange = null)
    {
        int chunks = launch.Chunks;
        if (chunks > 1)
        {
            Workers workers = Shared;
            // A second model that trains at the same time runs on its own thread alone.
            if (workers._threads.Length > 0 && Interlocked.CompareExchange(ref workers._busy, 1, 0) == 0)
            {
                try
                {
                    workers.RunShared(launch, chunks, exchange);
                }
                finally
                {
                    Volatile.Write(ref workers._busy, 0);
                }
                return;
            }
        }
        float* scratch = Scratch;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            launch.Run(chunk, scratch);
            exchange?.Progress();
        }
    }

    void RunShared(Launch launch, int chunks, Exchange? exchange)
    {
        _failure = null;
        _chunks = chunks;
        Volatile.Write(ref _finished, 0);
        _launch = launch;
        long number = (Interlocked.Read(ref _claim) >> 32) + 1;
        Interlocked.Exchange(ref _claim, number << 32);
        int sleeping = Volatile.Read(ref _sleeping);
        if (sleeping > 0) _wake.Release(Math.Min(sleeping, chunks - 1));

        Work(number, launch, chunks, exchange);
        var spin = new SpinWait();
        while (Volatile.Read(ref _finished) < chunks)
        {
            if (spin.Count < 1000) Thread.SpinWait(8);
            else spin.SpinOnce(sleep1Threshold: -1);
        }
        // Nothing is left to claim for a thread that wakes late and reads the next launch's fields with this number.
        Interlocked.Exchange(ref _claim, (number << 32) | int.MaxValue);
        _launch = null;
        if (_failure is { } failure) throw new InvalidOperationException("A kernel failed.", failure);
    }

    void Work(long number, Launch launch, int chunks, Exchange? exchange = null)
    {
        float* scratch = Scratch;
        while (true)
        {
            long claim = Interlocked.Read(ref _claim);
            if (claim >> 32 != number || (int)claim >= chunks) return;
            if (Interlocked.CompareExchange(ref _claim, claim + 1, claim) != claim) continue;
            try
            {
                launch.Run((int)claim, scratch);
            }
            catch (Exception e) when (Record(e))
            {
            }
            Interlocked.Increment(ref _finished);
            exchange?.Progress();
        }
    }

    bool Record(Exception e)
    {
        _failure = e;
        return true;
    }

    void Loop()
    {
        long seen = 0;
        while (!_stopped)
        {
            int spins = 0;
            long number;
            while ((number = Interlocked.Read(ref _claim) >> 32) == seen && spins < SpinsBeforeSleep)
            {
                Thread.SpinWait(4);
                spins++;
            }
            if (number == seen)
            {
                Interlocked.Increment(ref _sleeping);
                if (Interlocked.Read(ref _claim) >> 32 == seen && !_stopped) _wake.Wait();
                Interlocked.Decrement(ref _sleeping);
                continue;
            }
            seen = number;
            Launch? launch = _launch;
            int chunks = Volatile.Read(ref _chunks);
            if (launch is not null && Interlocked.Read(ref _claim) >> 32 == number) Work(number, launch, chunks);
        }
    }

    public void Dispose()
    {
        _stopped = true;
        if (_threads.Length > 0) _wake.Release(_threads.Length);
        foreach (Thread thread in _threads) thread.Join();
        _wake.Dispose();
    }
}
