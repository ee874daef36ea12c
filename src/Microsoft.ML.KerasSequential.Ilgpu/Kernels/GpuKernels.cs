using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The kernel of each op on a GPU. Elementwise ops are not listed: their expressions are the kernel.</summary>
internal static class GpuKernels
{
    /// <summary>
    /// Binds a step to addresses and sizes: one launch or several, or none if there is nothing to do.
    /// </summary>
    internal delegate IEnumerable<GpuLaunch> Binder(Step step, GpuBinding binding);

    public static IReadOnlyDictionary<Type, Binder> Table { get; } = new Dictionary<Type, Binder>
    {
        [typeof(MatMul)] = MatMulKernel.Bind,
        [typeof(IntegerMatMul)] = IntegerMatMulKernel.Bind,
        [typeof(Unpack)] = UnpackKernel.Bind,
        [typeof(BatchMatMul)] = BatchMatMulKernel.Bind,
        [typeof(Reduce)] = ReduceKernel.Bind,
        [typeof(Transpose)] = TransposeKernel.Bind,
        [typeof(Softmax)] = SoftmaxKernel.Bind,
        [typeof(SoftmaxCrossentropy)] = SoftmaxCrossentropyKernel.Bind,
        [typeof(SoftmaxCrossentropyGradient)] = SoftmaxCrossentropyGradientKernel.Bind,
        [typeof(SparseSoftmaxCrossentropy)] = SparseSoftmaxCrossentropyKernel.Bind,
        [typeof(SparseSoftmaxCrossentropyGradient)] = SparseSoftmaxCrossentropyGradientKernel.Bind,
        [typeof(Gather)] = GatherKernel.Bind,
        [typeof(ScatterAdd)] = ScatterAddKernel.Bind,
        [typeof(BatchGather)] = BatchGatherKernel.Bind,
        [typeof(BatchScatterAdd)] = BatchScatterAddKernel.Bind,
        [typeof(OneHot)] = OneHotKernel.Bind,
        [typeof(ArgMax)] = ArgMaxKernel.Bind,
        [typeof(InTopK)] = InTopKKernel.Bind,
        [typeof(LowerTriangle)] = LowerTriangleKernel.Bind,
        [typeof(SizeOf)] = SizeOfKernel.Bind,
        [typeof(RandomUniform)] = RandomKernel.Bind,
        [typeof(RandomNormal)] = RandomKernel.Bind,
        [typeof(DropoutMask)] = RandomKernel.Bind,
        [typeof(Convolve)] = ConvolveKernel.Bind,
        [typeof(ConvolveKernelGradient)] = ConvolveKernelGradientKernel.Bind,
        [typeof(MaxPool)] = MaxPoolKernel.BindForward,
        [typeof(MaxPoolGradient)] = MaxPoolKernel.BindBackward,
        [typeof(Patches)] = PatchesKernel.BindForward,
        [typeof(PatchesGradient)] = PatchesKernel.BindBackward,
        [typeof(Slice)] = BlocksKernel.BindSlice,
        [typeof(Pad)] = BlocksKernel.BindPad,
        [typeof(Concat)] = BlocksKernel.BindConcat,
        [typeof(Reverse)] = BlocksKernel.BindReverse,
        [typeof(CumulativeSum)] = CumulativeKernel.Bind,
        [typeof(CumulativeProduct)] = CumulativeKernel.Bind,
        [typeof(CumulativeProductGradient)] = CumulativeKernel.Bind,
        [typeof(Scan)] = ScanKernel.Bind,
        [typeof(Recurrent)] = RecurrentKernel.BindForward,
        [typeof(RecurrentGradient)] = RecurrentKernel.BindBackward,
        [typeof(AcrossDevices)] = AcrossDevicesKernel.Bind,
        [typeof(CustomForward)] = CustomKernel.Bind,
        [typeof(CustomBackward)] = CustomKernel.Bind,
    };

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding) =>
        step.Macro is null ? ElementwiseKernel.Bind(step, binding)
            : Table[step.Macro.Op.GetType()](step, binding.In(step.Macro.Op));
}
