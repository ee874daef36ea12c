using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The destination of the results of a fused expression.</summary>
internal struct Results
{
    public ArrayView<float> Q0, Q1, Q2, Q3, Q4, Q5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TOutputs>(int i, in Args<LaneThread> a) where TOutputs : struct, IIndex
    {
        if (TOutputs.Value > 0) Q0[i] = LaneThread.Sum(a.B0);
        if (TOutputs.Value > 1) Q1[i] = LaneThread.Sum(a.B1);
        if (TOutputs.Value > 2) Q2[i] = LaneThread.Sum(a.B2);
        if (TOutputs.Value > 3) Q3[i] = LaneThread.Sum(a.B3);
        if (TOutputs.Value > 4) Q4[i] = LaneThread.Sum(a.B4);
        if (TOutputs.Value > 5) Q5[i] = LaneThread.Sum(a.B5);
    }

    public static Results Of(GpuBinding binding, IReadOnlyList<Tensor> outputs) =>
        Of([.. outputs.Select(binding.View)]);

    public static Results Of(params ArrayView<float>[] views)
    {
        ArrayView<float> View(int i) => views[Math.Min(i, views.Length - 1)];
        return new() { Q0 = View(0), Q1 = View(1), Q2 = View(2), Q3 = View(3), Q4 = View(4), Q5 = View(5) };
    }
}
