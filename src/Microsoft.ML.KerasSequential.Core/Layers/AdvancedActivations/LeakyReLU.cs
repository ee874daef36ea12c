using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>x for positive values, a small fraction of x for others (Keras <c>keras.layers.LeakyReLU</c>).</summary>
public class LeakyReLU : Layer
{
    readonly double _alpha;

    /// <summary>Creates the layer.</summary>
    /// <param name="alpha">The slope of the negative part.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="negativeSlope">The slope of the negative part, by its name in Keras 3; overrides
    /// <paramref name="alpha"/>. 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite, or <paramref name="negativeSlope"/> is
    /// negative.</exception>
    public LeakyReLU(double alpha = 0.3, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null, double? negativeSlope = null)
        : this(negativeSlope is null ? alpha : CheckSlope(negativeSlope.Value),
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal LeakyReLU(double alpha, LayerOptions options) : base(options)
    {
        if (!double.IsFinite(alpha))
            throw new ArgumentOutOfRangeException(nameof(alpha), $"alpha must be a finite number; given {alpha}.");
        _alpha = alpha;
    }

    static double CheckSlope(double negativeSlope) => negativeSlope >= 0 ? negativeSlope
        : throw new ArgumentOutOfRangeException(nameof(negativeSlope), "negativeSlope must be 0 or more; given " +
            $"{negativeSlope}.");

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return K.Relu(x, _alpha);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["alpha"] = _alpha;
        return config;
    }
}
