using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Mpi;

/// <summary>The processes that an MPI launcher started. Calls come from one thread at a time; MPI is initialized with
/// the first distribution and finalized with the process.</summary>
internal sealed unsafe class MpiDistribution : Distribution
{
    static readonly Lock s_gate = new();
    static MpiLibrary? s_library;
    static nint s_processes, s_watch;

    readonly Lock _gate = new();
    readonly TimeSpan _timeout;
    readonly List<nint> _requests = [];
    readonly List<int> _free = [];
    Watch? _watch;
    long _waited;

    internal MpiDistribution(TimeSpan timeout, PredictionResults predictions)
    {
        (_timeout, Predictions) = (timeout, predictions);
        if (!Launcher.Started)
        {
            (Rank, Size) = (0, 1);
            return;
        }
        MpiLibrary library = Library();
        (Rank, Size) = (library.Rank(s_processes), library.Size(s_processes));
        if (Launcher.Size is int started && started != Size)
            throw new InvalidOperationException($"The launcher started {started} processes, but {library.Version} "
                + $"reports {Size}: they belong to different MPI installations. Use the launcher of that library, or "
                + $"set {MpiLibrary.Variable} to the launcher's library.");
    }

    public override int Rank { get; }

    public override int Size { get; }

    public override PredictionResults Predictions { get; }

    public override TimeSpan Waiting => TimeSpan.FromSeconds((double)_waited / Stopwatch.Frequency);

    internal override nint Begin(float* values, int count, ReduceKind kind)
    {
        lock (_gate)
        {
            nint request = s_library!.AllReduce(values, count, kind, s_processes);
            // An index in the list represents the request, because the request changes when it completes.
            if (_free.Count == 0)
            {
                _requests.Add(request);
                return _requests.Count - 1;
            }
            int place = _free[^1];
            _free.RemoveAt(_free.Count - 1);
            _requests[place] = request;
            return place;
        }
    }

    internal override void Progress()
    {
        lock (_gate)
        {
            foreach (ref nint request in CollectionsMarshal.AsSpan(_requests))
                if (request != 0 && s_library!.Test(ref request)) request = 0;
        }
    }

    internal override void End(nint begun)
    {
        lock (_gate)
        {
            ref nint request = ref CollectionsMarshal.AsSpan(_requests)[(int)begun];
            if (request != 0) Wait(ref request);
            request = 0;
            _free.Add((int)begun);
        }
    }

    internal override void Broadcast(Span<byte> bytes)
    {
        lock (_gate)
        {
            fixed (byte* address = bytes) Wait(s_library!.Broadcast(address, bytes.Length, s_processes));
        }
    }

    internal override void Collect(ReadOnlySpan<long> own, Span<long> all)
    {
        lock (_gate)
        {
            fixed (long* from = own,
                to = all) Wait(s_library!.AllGather((byte*)from, (byte*)to, own.Length * sizeof(long), s_processes));
        }
    }

    internal override void Gather(ReadOnlySpan<float> own, Span<float> all, IReadOnlyList<int> counts)
    {
        int[] sizes = [.. counts], starts = [.. counts.Select((_, rank) => counts.Take(rank).Sum())];
        lock (_gate)
        {
            fixed (float* from = own, to = all)
            fixed (int* counted = sizes,
                started = starts) Wait(s_library!.Gather(from, own.Length, to, counted, started, s_processes));
        }
    }

    void Wait(nint request) => Wait(ref request);

    void Wait(ref nint request)
    {
        if (s_library!.Test(ref request)) return;
        long start = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        _watch ??= new Watch(s_library, s_watch, Rank, Size);
        _watch.Begin();
        while (!s_library.Test(ref request))
        {
            // Yields the CPU, which other ranks may need.
            spin.SpinOnce(sleep1Threshold: -1);
            TimeSpan waited = Stopwatch.GetElapsedTime(start);
            if (waited > _timeout || _watch.HearsAlarm(waited)) _watch.End(waited, _timeout);
        }
        _waited += Stopwatch.GetTimestamp() - start;
    }

    static MpiLibrary Library()
    {
        lock (s_gate)
        {
            if (s_library is not null) return s_library;
            var library = new MpiLibrary();
            (s_processes, s_watch) = (library.Duplicate(library.World), library.Duplicate(library.World));
            AppDomain.CurrentDomain.ProcessExit += (_, _) => library.End();
            ShareProcessors();
            return s_library = library;
        }
    }

    /// <summary>Ranks on the same machine share its processors, unless the launcher assigned them or the user specifies
    /// otherwise.</summary>
    static void ShareProcessors()
    {
        if (Environment.GetEnvironmentVariable("KERASML_THREADS") is not null || Launcher.LocalSize is not int ranks
            || ranks < 2)
            return;
        if (Environment.ProcessorCount < Processors()) return;
        Device.Threads = Math.Max(1, Environment.ProcessorCount / ranks);
    }

    /// <summary>The number of processors of the machine, regardless of how many this process may use.</summary>
    static int Processors()
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal))
                : Environment.ProcessorCount;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Environment.ProcessorCount;
        }
    }
}
