using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Convolutions in which each channel has kernels of its own.</summary>
internal static class Depthwise
{
    /// <summary>From patches (batch, …positions, …kernel size, channels) and kernels (…kernel size, channels, multiplier) to (batch, …positions, channels · multiplier).</summary>
    public static Tensor Convolve(Tensor patches, Variable kernel, int rank)
    {
        Tensor x = patches.Inputs[0];
        int channels = kernel.Sizes[^2], multiplier = kernel.Sizes[^1];
        Dims positions = new([.. patches.Dims.Take(rank + 1)]);
        Tensor columns = new(new Ops.Reshape(new([.. positions, kernel.Size / channels / multiplier, channels, 1])), patches);
        Tensor sums = K.Sum(columns * K.Reshape(kernel, -1, channels, multiplier), axis: rank + 1);
        return new Tensor(new Ops.Reshape(new([.. positions, channels * multiplier])), sums).Called(new Ops.DepthwiseConvolution(((Ops.Patches)patches.Op).Windows), x, kernel);
    }
}
