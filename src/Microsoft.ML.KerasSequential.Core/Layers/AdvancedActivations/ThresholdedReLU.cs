using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>x above a threshold, 0 elsewhere (Konda et al. 2015) (Keras <c>keras.layers.ThresholdedReLU</c>).</summary>
public class ThresholdedReLU : Layer
{
    readonly double _theta;

    /// <summary>Creates the layer.</summary>
    /// <param name="theta">The threshold.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite.</exception>
    public ThresholdedReLU(double theta = 1, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(theta, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ThresholdedReLU(double theta, LayerOptions options) : base(options)
    {
        if (!double.IsFinite(theta))
            throw new ArgumentOutOfRangeException(nameof(theta), $"theta must be a finite number; given {theta}.");
        _theta = theta;
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return (x * (x > _theta)).Called(new Ops.NamedFunction("ThresholdedRelu", 10, ("alpha", (float)_theta)), x);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["theta"] = _theta;
        return config;
    }
}
