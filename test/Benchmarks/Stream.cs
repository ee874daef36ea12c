using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Benchmarks;

/// <summary>The bandwidth of the cache or memory that holds an array of a given size, for reading, or for reading and
/// writing.</summary>
internal sealed unsafe class Stream : Launch
{
    readonly float* _values;
    readonly long _perThread;
    readonly bool _writes;

    Stream(float* values, long perThread, int threads, bool writes)
    {
        _values = values;
        (_perThread, _writes, Chunks) = (perThread, writes, threads);
    }

    public static double GigabytesPerSecond(int threads, long bytes, bool writes)
    {
        long perThread = bytes / sizeof(float) / threads / 64 * 64;
        using var storage = new Storage((int)(perThread * threads));
        var launch = new Stream(storage.Pointer, perThread, threads, writes);
        return (writes ? 2.0 : 1.0) * perThread * threads * sizeof(float)
            / Timing.Best(() => Workers.Run(launch), (int)Math.Clamp((4 << 20) / bytes, 1, 1000)) / 1e9;
    }

    public override void Run(int chunk, float* scratch)
    {
        float* values = _values + chunk * _perThread;
        if (Vector512.IsHardwareAccelerated) Pass<Lane512>(values, scratch);
        else if (Vector256.IsHardwareAccelerated) Pass<Lane256>(values, scratch);
        else Pass<Lane128>(values, scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Pass<T>(float* values, float* sink) where T : struct, ILane<T>
    {
        T a = T.Splat(0), b = a, c = a, d = a;
        for (float* end = values + _perThread; values < end; values += 4 * T.Width)
        {
            if (_writes)
            {
                for (int i = 0; i < 4; i++) T.Store(values + i * T.Width, T.Load(values + i * T.Width) + a);
                continue;
            }
            a += T.Load(values);
            b += T.Load(values + T.Width);
            c += T.Load(values + 2 * T.Width);
            d += T.Load(values + 3 * T.Width);
        }
        T.Store(sink, a + b + c + d);
    }
}
