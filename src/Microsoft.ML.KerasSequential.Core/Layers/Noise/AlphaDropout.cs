using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Dropout to the negative saturation value of SELU instead of 0, which preserves mean and variance (Klambauer et al.
/// 2017). A rate of 0 or less, or of 1 or more, changes nothing (Keras <c>keras.layers.AlphaDropout</c>).
/// </summary>
public class AlphaDropout : Layer
{
    /// <summary>The saturation value: minus the product of SELU's two constants.</summary>
    const double Saturation = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946;

    readonly double _rate;
    readonly Shape? _noiseShape;
    readonly int? _seed;

    /// <summary>Creates the layer.</summary>
    /// <param name="rate">The fraction of inputs to drop.</param>
    /// <param name="noiseShape">
    /// The shape of the mask, which broadcasts along sizes of 1; null entries take the input's sizes.
    /// </param>
    /// <param name="seed">A seed, or null for the model's seed.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite.</exception>
    public AlphaDropout(double rate, Shape? noiseShape = null, int? seed = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(rate, noiseShape, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal AlphaDropout(double rate, Shape? noiseShape, int? seed, LayerOptions options) : base(options)
    {
        if (!double.IsFinite(rate))
            throw new ArgumentOutOfRangeException(nameof(rate), $"rate must be a finite number; given {rate}.");
        (_rate, _noiseShape, _seed) = (rate, noiseShape, seed);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!K.LearningPhase() || _rate <= 0 || _rate >= 1) return x;
        Tensor kept = K.Dropout(K.OnesLike(x), _rate, _noiseShape, _seed) > 0;
        double scale = 1 / Math.Sqrt((1 - _rate) * (1 + _rate * Saturation * Saturation));
        return scale * (x * kept + Saturation * (1 - kept)) - scale * Saturation * _rate;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rate"] = _rate;
        return config;
    }
}
