using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Convolutions in which each channel has its own kernels.</summary>
internal static class Depthwise
{
    /// <summary>
    /// From patches (batch, …positions, …kernel size, channels) and kernels (…kernel size, channels, multiplier) to
    /// (batch, …positions, channels · multiplier).
    /// </summary>
    public static Tensor Convolve(Tensor patches, Tensor kernel, int rank)
    {
        Tensor x = patches.Inputs[0];
        int channels = kernel.Shape[-2]!.Value, multiplier = kernel.Shape[-1]!.Value,
            places = kernel.Shape.Take(rank).Aggregate(1, (product, size) => product * size!.Value);
        Dims positions = new([.. patches.Dims.Take(rank + 1)]);
        Tensor columns = new(new Ops.Reshape(new([.. positions, places, channels, 1])), patches);
        Tensor sums = K.Sum(columns * K.Reshape(kernel, -1, channels, multiplier), axis: rank + 1);
        return new Tensor(new Ops.Reshape(new([.. positions, channels * multiplier])), sums)
            .Called(new Ops.DepthwiseConvolution(((Ops.Patches)patches.Op).Windows), x, kernel);
    }
}
