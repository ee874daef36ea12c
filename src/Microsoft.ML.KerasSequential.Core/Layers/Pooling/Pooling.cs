using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Pools each window to one value, channel by channel (the base class of Keras' <c>MaxPooling1D</c> …
/// <c>AveragePooling3D</c>).
/// </summary>
public abstract class Pooling : Layer
{
    readonly int _rank;
    readonly int[] _poolSize, _strides;
    readonly string _padding;
    readonly bool _channelsFirst;

    private protected Pooling(int rank, Sizes? poolSize, Sizes? strides, string padding, string? dataFormat,
        LayerOptions options) : base(options)
    {
        _rank = rank;
        _poolSize = (poolSize ?? 2).For(rank, nameof(poolSize));
        _strides = strides?.For(rank, nameof(strides)) ?? _poolSize;
        _padding = Saving.Padding.Check(padding);
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
    }

    /// <inheritdoc/>
    protected override int? InputRank => _rank + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = ChannelOrder.ToLast(x, _channelsFirst);
        if (Later.ForWindows(x, _poolSize, _strides, null, _padding, x.Dims.Last) is { } later)
            return ChannelOrder.FromLast(later, _channelsFirst);
        return ChannelOrder.FromLast(Pool(x, Windows.Over(Windows.Lengths(x), _poolSize, _strides, null, _padding)),
            _channelsFirst);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["pool_size"] = Saving.Config.Sizes(_poolSize);
        config["padding"] = _padding;
        config["strides"] = Saving.Config.Sizes(_strides);
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        return config;
    }

    /// <summary>Pools (batch, …spatial, channels).</summary>
    internal abstract Tensor Pool(Tensor x, Windows windows);
}
