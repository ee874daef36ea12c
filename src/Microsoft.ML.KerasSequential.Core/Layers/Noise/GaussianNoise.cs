using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Adds normal noise with mean 0 in training (Keras <c>keras.layers.GaussianNoise</c>).</summary>
public class GaussianNoise : Layer
{
    readonly double _stddev;
    readonly int? _seed;

    /// <summary>Creates the layer.</summary>
    /// <param name="stddev">The standard deviation of the noise, 0 or more.</param>
    /// <param name="seed">A seed, or null for the model's seed.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not a number.</exception>
    public GaussianNoise(double stddev, int? seed = null, string? name = null, bool trainable = true,
    Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(stddev, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal GaussianNoise(double stddev, int? seed, LayerOptions options) : base(options)
    {
        if (!(stddev >= 0 && double.IsFinite(stddev)))
            throw new ArgumentOutOfRangeException(nameof(stddev), $"stddev must be 0 or more; given {stddev}.");
        (_stddev, _seed) = (stddev, seed);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return K.LearningPhase() ? x + K.RandomNormal(x, stddev: _stddev, seed: _seed) : x;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["stddev"] = _stddev;
        // Keras 2.3 does not know this key and would reject it.
        if (_seed is int seed) config["seed"] = seed;
        return config;
    }
}
