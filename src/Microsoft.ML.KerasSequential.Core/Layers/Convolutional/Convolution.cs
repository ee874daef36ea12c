using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The convolution, with Keras' padding.</summary>
internal static class Convolution
{
    /// <summary>x (batch, …spatial, channels) with a kernel (…kernel size, channels, filters).</summary>
    public static Tensor Of(Tensor x, Tensor kernel, int[] strides, int[] dilations, string padding)
    {
        int[] size = [.. kernel.Shape.Take(strides.Length).Select(d => d!.Value)];
        return new(new Convolve(Windows.Over(Windows.Lengths(x), size, strides, dilations, padding)), x, kernel);
    }

    /// <summary>
    /// A convolution in which each group of channels has its own filters: the kernel is (…kernel size, channels /
    /// groups, filters).
    /// </summary>
    public static Tensor Grouped(Tensor x, Tensor kernel, int groups, Windows windows)
    {
        if (groups == 1) return new(new Convolve(windows), x, kernel);
        int rank = windows.Values.Count, inputs = kernel.Shape[rank]!.Value, outputs = kernel.Shape[-1]!.Value / groups;
        if (inputs == 1)
        {
            int[] size = [.. kernel.Shape.Take(rank).Select(d => d!.Value)];
            return Depthwise.Convolve(new Tensor(new Patches(windows, 0), x),
                K.Reshape(kernel, [.. size, groups, outputs]), rank);
        }
        return K.Concatenate([.. Enumerable.Range(0, groups).Select(group => new Tensor(new Convolve(windows),
            K.Slice(x, -1, group * inputs, inputs), K.Slice(kernel, -1, group * outputs, outputs)))])
            .Called(new GroupedConvolution(windows, groups), x, kernel);
    }

    /// <exception cref="ArgumentException">A kernel with a stride above 1 is dilated.</exception>
    public static void CheckMoves(int[] strides, int[] dilationRate, string parameter)
    {
        if (strides.Any(s => s > 1) && dilationRate.Any(d => d > 1))
            throw new ArgumentException(
                "`strides` above 1 cannot be combined with a `dilation_rate` above 1; given " +
                $"{string.Join(", ", strides)} and {string.Join(", ", dilationRate)}.", parameter);
    }

    /// <summary>
    /// The gradient of a convolution with respect to its input: x (batch, …positions, channels) with a kernel (…kernel
    /// size, filters, channels) gives (batch, …lengths, filters).
    /// </summary>
    public static Tensor Transposed(Tensor x, Tensor kernel, int[] lengths, Windows windows)
    {
        int rank = lengths.Length;
        Tensor rows = K.Dot(x, K.Transpose(K.Reshape(kernel, -1, kernel.Shape[-1]!.Value)));
        Tensor patches =
            new(new Ops.Reshape(new Dims([.. x.Dims.Take(rank + 1), .. kernel.Dims.Take(rank + 1)])), rows);
        return new Tensor(
            new PatchesGradient(windows, new Dims([x.Dims[0], .. lengths.Select(l => (Dim)l), kernel.Dims[rank]])),
            patches).Called(new TransposedConvolution(windows), x, kernel);
    }
}
