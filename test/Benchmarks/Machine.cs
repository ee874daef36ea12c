namespace Benchmarks;

/// <summary>The peak performance of the CPU with a number of threads, measured in this run, from which the floors are
/// computed.</summary>
internal sealed class Machine(int threads)
{
    readonly Dictionary<(int, bool), double> _bandwidths = [];

    public int Threads => threads;

    /// <summary>Fused multiply-adds on registers, in GFLOP/s; the best measurement.</summary>
    public double Peak { get; private set; }

    /// <summary>Measures the peak again; returns whether it is as high as before, so that no other process is using the
    /// CPU.</summary>
    public bool IsFree()
    {
        double now = Benchmarks.Peak.GigaflopsPerSecond(threads);
        Peak = Math.Max(Peak, now);
        return now > 0.9 * Peak;
    }

    /// <summary>The minimum time in microseconds for work that reads a number of bytes, and optionally writes them
    /// back, at peak multiply-adds and the bandwidth of the cache or memory that holds them.</summary>
    public double Floor(double operations, double bytes, bool writes) =>
        Math.Max(operations / (Peak * 1e3),
            bytes == 0 ? 0 : bytes * (writes ? 2 : 1) / (Bandwidth(bytes, writes) * 1e3));

    /// <summary>GB/s of reading, or of reading and writing together, over a number of bytes.</summary>
    double Bandwidth(double bytes, bool writes)
    {
        int size = (int)Math.Ceiling(Math.Log2(Math.Max(bytes, 1 << 14)));
        if (!_bandwidths.TryGetValue((size, writes), out double known))
            _bandwidths[(size, writes)] = known = Stream.GigabytesPerSecond(threads, 1L << size, writes);
        return known;
    }
}
