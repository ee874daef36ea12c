using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The mean of each part of the input (the base class of Keras' <c>AdaptiveAveragePooling1D</c> …
/// <c>AdaptiveAveragePooling3D</c>).
/// </summary>
public abstract class AdaptiveAveragePooling : AdaptivePooling
{
    private protected AdaptiveAveragePooling(int rank, Sizes outputSize, string? dataFormat, LayerOptions options)
        : base(rank, outputSize, dataFormat, options)
    {
    }

    private protected override Tensor Pool(Tensor x, Windows windows) => AveragePooling.Means(x, windows);

    private protected override Tensor Pool(Tensor x, int axis, (int Start, int Size)[] windows)
    {
        NDArray weights = AxisProduct.Table(x.Shape[axis]!.Value, windows.Length, $"Layer {Name}");
        for (int i = 0; i < windows.Length; i++)
        {
            (int start, int size) = windows[i];
            for (int k = start; k < start + size; k++) weights.Span[k * windows.Length + i] = 1f / size;
        }
        return AxisProduct.Of(x, axis, weights);
    }
}
