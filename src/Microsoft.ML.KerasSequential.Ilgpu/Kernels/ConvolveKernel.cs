using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The convolution as a product with what its windows see, a matrix that is never made.</summary>
internal static class ConvolveKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, x = node.Inputs[0], kernel = node.Inputs[1];
        int filters = binding.Evaluate(kernel.Dims.Last);
        (WindowFactor windows, ProductSize size) = Windows(((Convolve)node.Op).Windows, x, filters, binding);
        return MatMulKernel.Product(windows, StridedFactor.Of(binding.View(kernel), filters, false), size, Epilogue.Of(step, binding), binding);
    }

    /// <summary>What the windows see, and the size of its product with a kernel.</summary>
    public static (WindowFactor Factor, ProductSize Size) Windows(Windows windows, Tensor x, int filters, GpuBinding binding)
    {
        int[] places = x.Dims.Evaluate(binding.Bindings);
        var path = new ConvolvePath(windows, places, filters);
        int[] positions = [.. Enumerable.Range(0, path.LinesPerSample).SelectMany(line => Enumerable.Range(0, path.Line).Select(i => (int)(path.LineStart(line) + i * path.LineStride)))];
        int[] offsets = [.. path.Offsets.SelectMany(o => Enumerable.Range(0, path.Run).Select(i => (int)o + i))];
        var factor = new WindowFactor { Places = binding.View(x), Positions = binding.Table(positions), Offsets = binding.Table(offsets), PositionCount = positions.Length, SampleSize = (int)path.SampleSize };
        return (factor, new(places[0] * positions.Length, filters, path.Depth));
    }
}
