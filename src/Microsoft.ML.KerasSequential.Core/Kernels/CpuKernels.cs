using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The kernel of each op on the CPU. Elementwise ops are not listed: their expressions are the kernel.
/// </summary>
internal static class CpuKernels
{
    /// <summary>Binds a step to addresses and sizes: one launch or several.</summary>
    internal delegate IEnumerable<Launch> Binder(Step step, CpuBinding binding);

    public static IReadOnlyDictionary<Type, Binder> Table { get; } = new Dictionary<Type, Binder>
    {
        [typeof(MatMul)] = MatMulKernel.Bind,
        [typeof(IntegerMatMul)] = IntegerMatMulKernel.Bind,
        [typeof(Unpack)] = One(UnpackKernel.Bind),
        [typeof(BatchMatMul)] = BatchMatMulKernel.Bind,
        [typeof(Reduce)] = ReduceKernel.Bind,
        [typeof(Transpose)] = One(TransposeKernel.Bind),
        [typeof(Softmax)] = One(SoftmaxKernel.Bind),
        [typeof(SoftmaxCrossentropy)] = One(SoftmaxCrossentropyKernel.Bind),
        [typeof(SoftmaxCrossentropyGradient)] = One(SoftmaxCrossentropyGradientKernel.Bind),
        [typeof(SparseSoftmaxCrossentropy)] = One(SparseSoftmaxCrossentropyKernel.Bind),
        [typeof(SparseSoftmaxCrossentropyGradient)] = One(SparseSoftmaxCrossentropyGradientKernel.Bind),
        [typeof(Gather)] = One(GatherKernel.Bind),
        [typeof(ScatterAdd)] = One(ScatterAddKernel.Bind),
        [typeof(BatchGather)] = One(BatchGatherKernel.Bind),
        [typeof(BatchScatterAdd)] = One(BatchScatterAddKernel.Bind),
        [typeof(OneHot)] = One(OneHotKernel.Bind),
        [typeof(ArgMax)] = One(ArgMaxKernel.Bind),
        [typeof(InTopK)] = One(InTopKKernel.Bind),
        [typeof(LowerTriangle)] = One(LowerTriangleKernel.Bind),
        [typeof(SizeOf)] = One(SizeOfKernel.Bind),
        [typeof(RandomUniform)] = One(RandomKernel.Bind),
        [typeof(RandomNormal)] = One(RandomKernel.Bind),
        [typeof(DropoutMask)] = One(RandomKernel.Bind),
        [typeof(Convolve)] = ConvolveKernel.Bind,
        [typeof(ConvolveKernelGradient)] = ConvolveKernelGradientKernel.Bind,
        [typeof(MaxPool)] = One(MaxPoolKernel.BindForward),
        [typeof(MaxPoolGradient)] = One(MaxPoolKernel.BindBackward),
        [typeof(Patches)] = One(PatchesKernel.BindForward),
        [typeof(PatchesGradient)] = One(PatchesKernel.BindBackward),
        [typeof(Slice)] = BlocksKernel.BindSlice,
        [typeof(Pad)] = BlocksKernel.BindPad,
        [typeof(Concat)] = BlocksKernel.BindConcat,
        [typeof(Reverse)] = BlocksKernel.BindReverse,
        [typeof(CumulativeSum)] = One(CumulativeKernel.Bind),
        [typeof(CumulativeProduct)] = One(CumulativeKernel.Bind),
        [typeof(CumulativeProductGradient)] = One(CumulativeKernel.Bind),
        [typeof(Scan)] = ScanKernel.Bind,
        [typeof(Recurrent)] = RecurrentKernel.BindForward,
        [typeof(RecurrentGradient)] = RecurrentKernel.BindBackward,
        [typeof(AcrossDevices)] = AcrossDevicesKernel.Bind,
        [typeof(CustomForward)] = One(CustomKernel.Bind),
        [typeof(CustomBackward)] = One(CustomKernel.Bind),
    };

    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding) =>
        (step.Macro is null ? [ElementwiseKernel.Bind(step, binding)] : Table[step.Macro.Op.GetType()](step, binding))
            .Where(l => l.Chunks > 0);

    static Binder One(Func<Step, CpuBinding, Launch> bind) => (step, binding) => [bind(step, binding)];
}
