using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The rectified linear unit, with an upper limit, a slope below the threshold, and a threshold (Keras
/// <c>keras.layers.ReLU</c>).
/// </summary>
public class ReLU : Layer
{
    readonly double? _maxValue;
    readonly double _negativeSlope, _threshold;

    /// <summary>Creates the layer.</summary>
    /// <param name="maxValue">The upper limit, or null for none.</param>
    /// <param name="negativeSlope">The slope below the threshold, 0 or more.</param>
    /// <param name="threshold">The threshold above which x passes unchanged, 0 or more.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public ReLU(double? maxValue = null, double negativeSlope = 0, double threshold = 0, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(maxValue, negativeSlope, threshold,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ReLU(double? maxValue, double negativeSlope, double threshold, LayerOptions options) : base(options)
    {
        if (maxValue is < 0 or double.NaN)
            throw new ArgumentOutOfRangeException(nameof(maxValue), "max_value of a ReLU layer cannot be negative; " +
                $"given {maxValue}.");
        if (!(negativeSlope >= 0))
            throw new ArgumentOutOfRangeException(nameof(negativeSlope), "negative_slope of a ReLU layer cannot be " +
                $"negative; given {negativeSlope}.");
        if (!double.IsFinite(threshold))
            throw new ArgumentOutOfRangeException(nameof(threshold), "threshold must be a finite number; given " +
                $"{threshold}.");
        (_maxValue, _negativeSlope, _threshold) = (maxValue, negativeSlope, threshold);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return K.Relu(x, _negativeSlope, _maxValue, _threshold);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["max_value"] = _maxValue;
        config["negative_slope"] = _negativeSlope;
        config["threshold"] = _threshold;
        return config;
    }
}
