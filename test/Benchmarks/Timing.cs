using System.Diagnostics;

namespace Benchmarks;

/// <summary>Measures in rounds: ours, the peer's, ours again, because another process may use the CPU for
/// seconds.</summary>
internal static class Timing
{
    /// <summary>The number of measurements, of ours and the peer's.</summary>
    public const int Rounds = 5;

    /// <summary>Microseconds per call, over at least a quarter of a second.</summary>
    public static double Microseconds(Action action, int callsAtOnce = 1, double seconds = 0.25)
    {
        action();
        int calls = 0;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            for (int i = 0; i < callsAtOnce; i++) action();
            calls += callsAtOnce;
        }
        return clock.Elapsed.TotalMicroseconds / calls;
    }

    /// <summary>The median of some figures.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    /// <summary>The best of several runs, in seconds per call; for a minimum time, so that compiler and threads are
    /// warm.</summary>
    public static double Best(Action action, int repeats, double seconds = 0.5)
    {
        double best = double.MaxValue;
        var all = Stopwatch.StartNew();
        for (int i = 0; i < 12 || all.Elapsed.TotalSeconds < seconds; i++)
        {
            var clock = Stopwatch.StartNew();
            for (int r = 0; r < repeats; r++) action();
            best = Math.Min(best, clock.Elapsed.TotalSeconds / repeats);
        }
        return best;
    }
}
