using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Dropout of entire channels of samples with 2 spatial dimensions (Tompson et al. 2015; Keras
/// <c>keras.layers.SpatialDropout2D</c>).
/// </summary>
public class SpatialDropout2D : Dropout
{
    readonly bool _channelsFirst;

    /// <summary>Creates the layer.</summary>
    /// <param name="rate">The fraction of channels to drop.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="seed">A seed, or null for the model's seed.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">The data format is unknown.</exception>
    public SpatialDropout2D(double rate, string? dataFormat = null, int? seed = null, string? name = null,
    bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(rate, dataFormat, seed, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal SpatialDropout2D(double rate, string? dataFormat, int? seed, LayerOptions options)
        : base(rate, null, seed, options) =>
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);

    /// <inheritdoc/>
    protected override int? InputRank => 4;

    private protected override Shape? NoiseShape => _channelsFirst ? [null, null, 1, 1] : [null, 1, 1, null];

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        if (_channelsFirst) config["data_format"] = "channels_first";
        return config;
    }
}
