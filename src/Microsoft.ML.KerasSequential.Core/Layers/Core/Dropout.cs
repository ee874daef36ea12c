using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Sets a random fraction of the inputs to 0 in training and scales the others up (Srivastava et al. 2014; Keras
/// <c>keras.layers.Dropout</c>). A rate of 0 or less, or of 1 or more, changes nothing, as in Keras.
/// </summary>
public class Dropout : Layer
{
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
    public Dropout(double rate, Shape? noiseShape = null, int? seed = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(rate, noiseShape, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Dropout(double rate, Shape? noiseShape, int? seed, LayerOptions options) : base(options)
    {
        if (double.IsNaN(rate))
            throw new ArgumentOutOfRangeException(nameof(rate), "The dropout rate must be a number; given NaN.");
        Rate = rate;
        _noiseShape = noiseShape;
        _seed = seed;
    }

    /// <summary>The fraction of inputs set to 0.</summary>
    public double Rate { get; }

    /// <summary>The shape of the mask, or null for the input's shape.</summary>
    private protected virtual Shape? NoiseShape => _noiseShape;

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return K.LearningPhase() && Rate > 0 && Rate < 1 ? K.Dropout(x, Rate, NoiseShape, _seed) : x;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["rate"] = Rate;
        config["noise_shape"] = _noiseShape is null ? null : Saving.Config.Sizes(_noiseShape);
        config["seed"] = _seed;
        return config;
    }
}
