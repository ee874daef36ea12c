using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Multiplies by normal noise with mean 1 in training (Srivastava et al. 2014). A rate of 0 or less, or of 1 or more,
/// changes nothing (Keras <c>keras.layers.GaussianDropout</c>).
/// </summary>
public class GaussianDropout : Layer
{
    readonly double _rate;
    readonly int? _seed;

    /// <summary>Creates the layer.</summary>
    /// <param name="rate">The rate r of the dropout with the same variance, r/(1 − r).</param>
    /// <param name="seed">A seed, or null for the model's seed.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite.</exception>
    public GaussianDropout(double rate, int? seed = null, string? name = null, bool trainable = true,
    Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(rate, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal GaussianDropout(double rate, int? seed, LayerOptions options) : base(options)
    {
        if (!double.IsFinite(rate))
            throw new ArgumentOutOfRangeException(nameof(rate), $"rate must be a finite number; given {rate}.");
        (_rate, _seed) = (rate, seed);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return K.LearningPhase() && _rate > 0 && _rate < 1 ? x * K.RandomNormal(x, 1, Math.Sqrt(_rate / (1 - _rate)),
            _seed) : x;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rate"] = _rate;
        // Keras 2.3 does not know this key and would reject it.
        if (_seed is int seed) config["seed"] = seed;
        return config;
    }
}
