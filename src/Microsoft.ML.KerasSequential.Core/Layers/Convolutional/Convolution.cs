using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The convolution with Keras' padding.</summary>
internal static class Convolution
{
    /// <summary>x (batch, …places, channels) with a kernel (…kernel size, channels, filters).</summary>
    public static Tensor Of(Tensor x, Tensor kernel, int[] strides, int[] dilations, string padding)
    {
        int[] size = [.. kernel.Shape.Take(strides.Length).Select(d => d!.Value)];
        return new(new Convolve(Windows.Over(Windows.Lengths(x), size, strides, dilations, padding)), x, kernel);
    }
}
