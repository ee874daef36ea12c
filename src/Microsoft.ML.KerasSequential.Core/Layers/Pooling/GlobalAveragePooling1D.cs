using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The mean of each channel over the time steps: (batch, steps, channels) to (batch, channels) (Keras
/// <c>keras.layers.GlobalAveragePooling1D</c>).
/// </summary>
public class GlobalAveragePooling1D : GlobalPooling
{
    readonly bool _zeroForMaskedRows;

    /// <summary>Creates the layer.</summary>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="keepdims">Whether to keep the pooled dimensions, with size 1.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="zeroForMaskedRows">
    /// Whether a row whose time steps are all masked gives 0; by default NaN (0/0), as in Keras.
    /// </param>
    /// <exception cref="ArgumentException">The data format is unknown.</exception>
    public GlobalAveragePooling1D(string? dataFormat = null, bool keepdims = false, string? name = null,
    bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null, bool zeroForMaskedRows = false)
        : this(dataFormat, keepdims, zeroForMaskedRows, new LayerOptions(name, trainable, inputShape, batchInputShape,
        batchSize))
    {
    }

    internal GlobalAveragePooling1D(string? dataFormat, bool keepdims, bool zeroForMaskedRows, LayerOptions options)
        : base(1, dataFormat, keepdims, options) =>
        _zeroForMaskedRows = zeroForMaskedRows;

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (mask is null) return Call(x);
        Tensor steps = K.ExpandDims(mask, ChannelsFirst ? 1 : 2);
        int axis = ChannelsFirst ? 2 : 1;
        Tensor count = K.Sum(steps, axis, KeepDims);
        return K.Sum(K.Where(steps, x, 0), axis, KeepDims) / (_zeroForMaskedRows ? K.Maximum(count, 1) : count);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras does not know this key and would reject it.
        if (_zeroForMaskedRows) config["zero_for_masked_rows"] = true;
        return config;
    }

    /// <summary>The mask ends here: no time steps are left.</summary>
    /// <inheritdoc/>
    public override Tensor? ComputeMask(Tensor x, Tensor? mask) => null;

    private protected override Tensor Pool(Tensor x, int[] axes) => K.Mean(x, axes, KeepDims);
}
