using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// The gradient with respect to the kernel: what the windows cover, transposed, times the gradient of the positions.
/// </summary>
internal static class ConvolveKernelGradientKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, x = node.Inputs[0], gradient = node.Inputs[1];
        int filters = binding.Evaluate(node.Dims.Last);
        (WindowFactor windows, ProductSize size, IEnumerable<GpuLaunch> pad) =
            ConvolveKernel.Seen(((ConvolveKernelGradient)node.Op).Windows, x, filters, binding);
        return pad.Concat(MatMulKernel.Product(new TurnedWindowFactor { Windows = windows },
            StridedFactor.Of(binding.View(gradient), filters, false),
            new ProductSize(size.Inner, filters, size.Rows), Epilogue.Plain(binding, binding.View(node)), binding));
    }
}
