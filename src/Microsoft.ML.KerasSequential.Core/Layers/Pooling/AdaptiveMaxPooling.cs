using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The largest value of each part of the input (the base class of Keras' <c>AdaptiveMaxPooling1D</c> …
/// <c>AdaptiveMaxPooling3D</c>).
/// </summary>
public abstract class AdaptiveMaxPooling : AdaptivePooling
{
    private protected AdaptiveMaxPooling(int rank, Sizes outputSize, string? dataFormat, LayerOptions options)
        : base(rank, outputSize, dataFormat, options)
    {
    }

    private protected override Tensor Pool(Tensor x, Windows windows) => new(new MaxPool(windows), x);

    private protected override Tensor Pool(Tensor x, int axis, (int Start, int Size)[] windows) =>
        K.Concatenate([.. windows.Select(w => K.Max(K.Slice(x, axis, w.Start, w.Size), axis, keepdims: true))], axis);
}
