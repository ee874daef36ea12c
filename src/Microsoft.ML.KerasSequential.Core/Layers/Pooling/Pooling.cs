using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>One value for each window of places, each channel for itself (the base of Keras' <c>MaxPooling1D</c> … <c>AveragePooling3D</c>).</summary>
public abstract class Pooling : Layer
{
    readonly int _rank;
    readonly int[] _poolSize, _strides;
    readonly string _padding;
    readonly bool _channelsFirst;

    private protected Pooling(int rank, Sizes? poolSize, Sizes? strides, string padding, string? dataFormat, LayerOptions options) : base(options)
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
        if (Later.For(x, (length, i) => Window.Of(_poolSize[i], _strides[i], 1, _padding, length).Positions(length), x.Dims.Last) is { } later) return ChannelOrder.FromLast(later, _channelsFirst);
        int[] lengths = Windows.Lengths(x);
        Windows windows = Windows.Over(lengths, _poolSize, _strides, null, _padding);
        var patches = new Tensor(new Patches(windows, Fill), x);
        // The windows' places side by side: (batch, …positions, places of the window, channels).
        Tensor side = new(new Ops.Reshape(new Graphs.Dims([.. patches.Dims.Take(_rank + 1), _poolSize.Aggregate(1, (size, k) => size * k), x.Dims.Last])), patches);
        Tensor y = Pool(side, _rank + 1, [.. windows.Values], lengths);
        return ChannelOrder.FromLast(y, _channelsFirst);
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

    /// <summary>What stands for places beyond the edge.</summary>
    private protected abstract float Fill { get; }

    /// <summary>Reduces the axis of the windows' places.</summary>
    internal abstract Tensor Pool(Tensor patches, int axis, Window[] windows, int[] sizes);
}
