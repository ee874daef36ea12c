using System.Diagnostics;

namespace Microsoft.ML.KerasSequential.Mpi;

/// <summary>
/// Finds out which rank the others are waiting for. A rank that has waited too long raises an alarm; all waiting ranks
/// hear it and answer with their own; a silent rank is computing, hangs, or is dead. Then all exit.
/// </summary>
internal sealed unsafe class Watch(MpiLibrary library, nint processes, int rank, int size)
{
    const int AlarmTag = 7;

    /// <summary>The maximum time for an answer.</summary>
    static readonly TimeSpan s_grace = TimeSpan.FromSeconds(3);

    static readonly TimeSpan s_listensAfter = TimeSpan.FromMilliseconds(500),
        s_listensEvery = TimeSpan.FromMilliseconds(50);

    TimeSpan _next;

    /// <summary>Starts a new wait.</summary>
    public void Begin() => _next = s_listensAfter;

    /// <summary>Whether another rank has raised an alarm; checked occasionally during a long wait.</summary>
    public bool HearsAlarm(TimeSpan waited)
    {
        if (waited < _next) return false;
        _next = waited + s_listensEvery;
        for (int other = 0; other < size; other++)
            if (other != rank && library.Probe(other, AlarmTag, processes)) return true;
        return false;
    }

    /// <summary>Raises the alarm, names the silent ranks, and ends all ranks.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public void End(TimeSpan waited, TimeSpan timeout)
    {
        byte alarm = 1;
        nint[] sent = new nint[size];
        for (int other = 0; other < size; other++)
            if (other != rank) sent[other] = library.Send(&alarm, 1, other, AlarmTag, processes);
        var silent = new SortedSet<int>(Enumerable.Range(0, size).Where(other => other != rank));
        long start = Stopwatch.GetTimestamp();
        while (silent.Count > 0 && Stopwatch.GetElapsedTime(start) < s_grace)
        {
            silent.RemoveWhere(other => library.Probe(other, AlarmTag, processes));
            foreach (ref nint request in sent.AsSpan())
                if (request != 0 && library.Test(ref request)) request = 0;
            Thread.Sleep(5);
        }
        // The first waiting rank reports; the others give it time to do so.
        if (Enumerable.Range(0, rank).Any(other => !silent.Contains(other))) Thread.Sleep(s_grace);
        string who = silent.Count == 0 ? "all ranks are waiting for different operations"
            : $"rank {string.Join(", ", silent)} did not respond";
        Console.Error.WriteLine($"KerasSequential, rank {rank}: waited {waited.TotalSeconds:0.0} s of "
            + $"{timeout.TotalSeconds:0.0} s; {who}. The run ends on all ranks.");
        Console.Error.Flush();
        library.Abort(1);
        Environment.Exit(1);
        throw new UnreachableException();
    }
}
