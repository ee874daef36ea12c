using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The user's own function is .NET code: its inputs are copied to the CPU and its output is copied back, with a wait in
/// each step.
/// </summary>
internal sealed unsafe class CustomKernel : GpuLaunch
{
    readonly IlgpuDevice _device;
    readonly Op _op;
    readonly (ArrayView<float> View, float[] Values, int[] Sizes)[] _inputs;
    readonly (ArrayView<float> View, float[] Values, int[] Sizes) _output;

    CustomKernel(GpuBinding binding, Tensor node)
    {
        (_device, _op) = (binding.Device, node.Op);
        _inputs = [.. node.Inputs.Select(Of)];
        _output = Of(node);

        (ArrayView<float>, float[], int[]) Of(Tensor tensor)
        {
            ArrayView<float> view = binding.View(tensor);
            return (view, GC.AllocateArray<float>((int)Math.Max(1, view.Length), pinned: true),
                tensor.Dims.Evaluate(binding.Bindings));
        }
    }

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        if (KerasSequential.Device.LogsDetails)
            KerasSequential.Device.Log?.Invoke($"KerasSequential runs {step.Macro!.Op.Name} on the CPU: it is .NET " +
                "code.");
        return [new CustomKernel(binding, step.Macro!)];
    }

    public override void Run(AcceleratorStream stream, ulong step)
    {
        foreach ((ArrayView<float> view, float[] values, _) in _inputs)
            _device.Download(view, values.AsSpan(0, (int)view.Length));
        CustomOp.Memory[] inputs = [.. _inputs.Select(Memory)];
        CustomOp.Memory output = Memory(_output);
        if (_op is CustomBackward { Custom: var custom, Input: var index })
            custom.Backward!(new(inputs[..^2], inputs[^2], inputs[^1], output, index));
        else ((CustomForward)_op).Custom.Forward(new(inputs, output));
        _device.Upload<float>(_output.View, _output.Values.AsSpan(0, (int)_output.View.Length));
    }

    static CustomOp.Memory Memory((ArrayView<float> View, float[] Values, int[] Sizes) tensor) =>
        new((nint)System.Runtime.CompilerServices.Unsafe.AsPointer(
            ref MemoryMarshal.GetArrayDataReference(tensor.Values)), tensor.Sizes);
}
