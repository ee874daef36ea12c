using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Benchmarks;

/// <summary>The CPU's peak: fused multiply-adds on registers only, on as many threads as the kernels use.</summary>
internal sealed unsafe class Peak : Launch
{
    const int Iterations = 200_000, Accumulators = 16;

    public static double GigaflopsPerSecond(int threads)
    {
        var launch = new Peak { Chunks = threads };
        int width = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8
            : Vector128.IsHardwareAccelerated ? 4 : 1;
        return 2.0 * width * Accumulators * Iterations * launch.Chunks / Timing.Best(() => Workers.Run(launch), 1, 0.05)
            / 1e9;
    }

    public override void Run(int chunk, float* scratch)
    {
        if (Vector512.IsHardwareAccelerated) Multiply<Lane512>(scratch);
        else if (Vector256.IsHardwareAccelerated) Multiply<Lane256>(scratch);
        else if (Vector128.IsHardwareAccelerated) Multiply<Lane128>(scratch);
        else Multiply<LaneScalar>(scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Multiply<T>(float* sink) where T : struct, ILane<T>
    {
        T x = T.Splat(1.000001f), y = T.Splat(1e-7f);
        T a0 = y, a1 = y, a2 = y, a3 = y, a4 = y, a5 = y, a6 = y, a7 = y, a8 = y, a9 = y, aa = y, ab = y, ac = y,
            ad = y, ae = y, af = y;
        for (int i = 0; i < Iterations; i++)
        {
            a0 = T.Fma(a0, x, y);
            a1 = T.Fma(a1, x, y);
            a2 = T.Fma(a2, x, y);
            a3 = T.Fma(a3, x, y);
            a4 = T.Fma(a4, x, y);
            a5 = T.Fma(a5, x, y);
            a6 = T.Fma(a6, x, y);
            a7 = T.Fma(a7, x, y);
            a8 = T.Fma(a8, x, y);
            a9 = T.Fma(a9, x, y);
            aa = T.Fma(aa, x, y);
            ab = T.Fma(ab, x, y);
            ac = T.Fma(ac, x, y);
            ad = T.Fma(ad, x, y);
            ae = T.Fma(ae, x, y);
            af = T.Fma(af, x, y);
        }
        T.Store(sink, a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + aa + ab + ac + ad + ae + af);
    }
}
