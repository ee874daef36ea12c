using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Masks the time steps of a sequence, (batch, steps, …), whose values all equal a given value: later layers skip them,
/// and they do not count in the loss and metrics (Keras <c>keras.layers.Masking</c>). Masked values become 0.
/// </summary>
public class Masking : Layer
{
    readonly double _maskValue;

    /// <summary>Creates the layer.</summary>
    /// <param name="maskValue">The value that marks a time step to skip.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Masking(double maskValue = 0, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(maskValue, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Masking(double maskValue, LayerOptions options) : base(options) => _maskValue = maskValue;

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x * K.Any(K.NotEqual(x, _maskValue), axis: -1, keepdims: true);
    }

    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        return K.Any(K.NotEqual(x, _maskValue), axis: -1);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["mask_value"] = _maskValue;
        return config;
    }
}
