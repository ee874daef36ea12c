using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The largest value of each window (the base class of Keras' <c>MaxPooling1D</c>, <c>MaxPooling2D</c>,
/// <c>MaxPooling3D</c>).
/// </summary>
public abstract class MaxPooling : Pooling
{
    private protected MaxPooling(int rank, Sizes? poolSize, Sizes? strides, string padding, string? dataFormat,
        LayerOptions options)
        : base(rank, poolSize, strides, padding, dataFormat, options)
    {
    }

    internal override Tensor Pool(Tensor x, Windows windows) => new(new MaxPool(windows), x);
}
