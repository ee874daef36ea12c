using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// x for positive values, α(eˣ − 1) for others (Clevert et al. 2016) (Keras <c>keras.layers.ELU</c>).
/// </summary>
public class ELU : Layer
{
    readonly double _alpha;

    /// <summary>Creates the layer.</summary>
    /// <param name="alpha">The scale of the negative part.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite.</exception>
    public ELU(double alpha = 1, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(alpha, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ELU(double alpha, LayerOptions options) : base(options)
    {
        if (!double.IsFinite(alpha))
            throw new ArgumentOutOfRangeException(nameof(alpha), $"alpha must be a finite number; given {alpha}.");
        _alpha = alpha;
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return K.Elu(x, _alpha);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["alpha"] = _alpha;
        return config;
    }
}
