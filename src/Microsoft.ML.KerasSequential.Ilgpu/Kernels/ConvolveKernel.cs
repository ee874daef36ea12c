using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The convolution as a product with what its windows cover, a matrix that is never materialized.</summary>
internal static class ConvolveKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, x = node.Inputs[0], kernel = node.Inputs[1];
        int filters = binding.Evaluate(kernel.Dims.Last);
        (WindowFactor windows, ProductSize size, IEnumerable<GpuLaunch> pad) =
            Seen(((Convolve)node.Op).Windows, x, filters, binding);
        return pad.Concat(MatMulKernel.Product(windows, StridedFactor.Of(binding.View(kernel), filters, false), size,
            Epilogue.Of(step, binding), binding));
    }

    /// <summary>
    /// What the windows cover, the size of its product with a kernel, and what pads the input with zeros first.
    /// </summary>
    public static (WindowFactor Factor, ProductSize Size, IEnumerable<GpuLaunch> Pad) Seen(Windows windows, Tensor x,
        int filters, GpuBinding binding)
    {
        int[] places = x.Dims.Evaluate(binding.Bindings);
        ArrayView<float> values = binding.View(x);
        IEnumerable<GpuLaunch> pad = [];
        if (windows.ArePadded)
        {
            int[] sizes = windows.PaddedSizes(places);
            ArrayView<float> padded = binding.Temporary(sizes.Aggregate(1L, (a, b) => a * b));
            pad = PatchesKernel.Padding(values, padded, windows, places, binding);
            (values, places, windows) = (padded, sizes, windows.Unpadded());
        }
        var path = new ConvolvePath(windows, places, filters);
        int[] positions = [.. Enumerable.Range(0, path.LinesPerSample).SelectMany(line => Enumerable.Range(0, path.Line)
            .Select(i => (int)(path.LineStart(line) + i * path.LineStride)))];
        int[] offsets = [.. path.Offsets.SelectMany(o => Enumerable.Range(0, path.Run).Select(i => (int)o + i))];
        var factor = new WindowFactor
        {
            Places = values,
            Positions = binding.Table(positions),
            Offsets = binding.Table(offsets),
            PositionCount = positions.Length,
            SampleSize = (int)path.SampleSize
        };
        return (factor, new(places[0] * positions.Length, filters, path.Depth), pad);
    }
}
