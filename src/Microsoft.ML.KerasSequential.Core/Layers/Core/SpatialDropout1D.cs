namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Dropout of entire channels of samples with 1 spatial dimension (Tompson et al. 2015; Keras
/// <c>keras.layers.SpatialDropout1D</c>).
/// </summary>
public class SpatialDropout1D : Dropout
{
    /// <summary>Creates the layer.</summary>
    /// <param name="rate">The fraction of channels to drop.</param>
    /// <param name="seed">A seed, or null for the model's seed.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public SpatialDropout1D(double rate, int? seed = null, string? name = null, bool trainable = true,
    Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(rate, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal SpatialDropout1D(double rate, int? seed, LayerOptions options) : base(rate, null, seed, options)
    {
    }

    /// <inheritdoc/>
    protected override int? InputRank => 3;

    private protected override Shape? NoiseShape => [null, 1, null];
}
