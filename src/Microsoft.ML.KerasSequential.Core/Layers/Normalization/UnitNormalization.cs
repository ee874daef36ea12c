using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Scales each sample to the Euclidean norm 1 over the given axes (Keras <c>keras.layers.UnitNormalization</c>). Values
/// that are all 0 stay 0.
/// </summary>
public class UnitNormalization : Layer
{
    // The square of the smallest norm to divide by.
    const double SmallestSquare = 1e-24;

    readonly int[] _axis;

    /// <summary>Creates the layer.</summary>
    /// <param name="axis">The axes over which the norm is computed; the last one by default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public UnitNormalization(Sizes? axis = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(axis, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal UnitNormalization(Sizes? axis, LayerOptions options) : base(options) => _axis = axis?.ToArray() ?? [-1];

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int[] axes = NormalizedAxes.Of(_axis, x.Rank, Name);
        return x / K.Sqrt(K.Maximum(K.Sum(K.Square(x), axes, keepdims: true), SmallestSquare));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = _axis is [var only] ? only : Saving.Config.Sizes(_axis);
        return config;
    }
}
