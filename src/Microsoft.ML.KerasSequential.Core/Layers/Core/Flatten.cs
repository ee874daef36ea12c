using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Flattens each sample to a vector (Keras <c>keras.layers.Flatten</c>).</summary>
public class Flatten : Layer
{
    readonly bool _channelsFirst;

    /// <summary>Creates the layer.</summary>
    /// <param name="dataFormat">
    /// <c>channels_last</c> (the default) or <c>channels_first</c>; channels are moved to the end first, so that both
    /// give the same order.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Flatten(string? dataFormat = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Flatten(string? dataFormat, LayerOptions options) : base(options)
    {
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
    }

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = ChannelOrder.ToLast(x, _channelsFirst && x.Rank > 2);
        if (x.Dims.Skip(1).Any(d => d.Constant is null))
            throw new ArgumentException("The shape of the input to \"Flatten\" is not fully defined (got " +
                $"{x.Shape.WithoutBatch()}). Make sure to pass a complete \"inputShape\" argument to the first layer " +
                "of the model.", nameof(x));
        return K.BatchFlatten(x);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        return config;
    }
}
