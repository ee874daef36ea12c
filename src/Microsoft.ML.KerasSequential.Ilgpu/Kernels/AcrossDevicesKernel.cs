using ILGPU;
using ILGPU.Runtime;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The point where devices wait for each other: <see cref="SeveralExecutable"/> combines their parts. On a single
/// device the value is copied.
/// </summary>
internal sealed class AcrossDevicesKernel(ArrayView<float> part, ArrayView<float> whole, ReduceKind kind) : GpuLaunch
{
    public ArrayView<float> Part => part;

    public ArrayView<float> Whole => whole;

    public ReduceKind Kind => kind;

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding) =>
        [new AcrossDevicesKernel(binding.View(step.Macro!.Inputs[0]), binding.View(step.Root),
            ((AcrossDevices)step.Macro.Op).Kind)];

    public override void Run(AcceleratorStream stream, ulong step)
    {
        if (part.Length > 0) part.CopyTo(stream, whole);
    }
}
