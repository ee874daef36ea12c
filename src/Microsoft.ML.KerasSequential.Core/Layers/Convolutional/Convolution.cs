using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The convolution as a product.</summary>
internal static class Convolution
{
    /// <summary>x (batch, …places, channels) with a kernel (…kernel size, channels, filters): each place's patch in a row, then one matrix product.</summary>
    public static Tensor Of(Tensor x, Tensor kernel, int[] strides, int[] dilations, string padding)
    {
        int[] size = [.. kernel.Shape.Take(strides.Length).Select(d => d!.Value)];
        var patches = new Tensor(new Patches(Windows.Over(Windows.Lengths(x), size, strides, dilations, padding), 0), x);
        Tensor matrix = K.Reshape(kernel, -1, kernel.Shape[-1]!.Value);
        return K.Dot(new Tensor(new Ops.Reshape(new Dims([.. patches.Dims.Take(strides.Length + 1), matrix.Dims[0]])), patches), matrix);
    }
}
