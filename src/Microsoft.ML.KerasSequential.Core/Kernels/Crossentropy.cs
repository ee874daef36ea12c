using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Shared by the crossentropy kernels: log Σ eˣ of a row, and the bounds of clipping.</summary>
internal static unsafe class Crossentropy
{
    public static readonly float LowestLog = MathF.Log(SoftmaxCrossentropy.Epsilon);
    public static readonly float HighestLog = MathF.Log(1f - SoftmaxCrossentropy.Epsilon);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float LogSumExp<T>(float* x, int count, float max) where T : struct, ILane<T>
    {
        T sum = T.Splat(0f), shift = T.Splat(max);
        int i = 0;
        for (; i + T.Width <= count; i += T.Width) sum += LaneMath.Exp(T.Load(x + i) - shift);
        float total = T.Sum(sum);
        for (; i < count; i++) total += LaneScalar.Sum(LaneMath.Exp(LaneScalar.Splat(x[i] - max)));
        return max + MathF.Log(total);
    }

    /// <summary>1 where the probability is inside the clipping range, so that the gradient passes.</summary>
    public static bool Passes(float p, bool clip) =>
        !clip || (p >= SoftmaxCrossentropy.Epsilon && p <= 1f - SoftmaxCrossentropy.Epsilon) || float.IsNaN(p);
}
