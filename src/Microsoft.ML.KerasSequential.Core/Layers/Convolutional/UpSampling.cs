using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Repeats or interpolates spatial positions (the base class of Keras' <c>UpSampling1D</c>, <c>UpSampling2D</c>,
/// <c>UpSampling3D</c>).
/// </summary>
public abstract class UpSampling : Layer
{
    readonly int[] _size;
    readonly bool _channelsFirst;
    readonly string _interpolation;

    private protected UpSampling(int rank, Sizes? size, string? dataFormat, string interpolation, LayerOptions options)
        : base(options)
    {
        _size = (size ?? 2).For(rank, nameof(size));
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
        _interpolation = Interpolation.Check(interpolation);
    }

    /// <inheritdoc/>
    protected override int? InputRank => _size.Length + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Enlarged(x, _size, _channelsFirst, _interpolation, $"Layer {Name}");
    }

    /// <summary>Repeats positions along each spatial dimension.</summary>
    internal static Tensor Enlarged(Tensor x, int[] size, bool channelsFirst, string interpolation, string owner)
    {
        int first = channelsFirst ? 2 : 1;
        bool repeats = interpolation == "nearest";
        if (!repeats && Ops.Later.For(ChannelOrder.ToLast(x, channelsFirst),
            (length, i) => Counts.Fits((long)length * size[i], $"{owner}: a size of {length}, times {size[i]},"),
            x.Dims[channelsFirst ? 1 : x.Rank - 1]) is { } later)
            return ChannelOrder.FromLast(later, channelsFirst);
        Tensor y = x;
        for (int i = 0; i < size.Length; i++)
            y = repeats ? Repeated(y, first + i, size[i])
                : Interpolation.Along(y, first + i, size[i], interpolation, owner);
        return repeats || interpolation == "bilinear" ? y.Called(new Ops.Upsampled(first, size, !repeats), x) : y;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["size"] = _size is [var one] ? one : Saving.Config.Sizes(_size);
        if (_size.Length > 1) config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        if (_size.Length == 2) config["interpolation"] = _interpolation;
        return config;
    }

    /// <summary>Repeats each position.</summary>
    internal static Tensor Repeated(Tensor x, int axis, int times)
    {
        Dims before = new([.. x.Dims.Take(axis + 1)]), after = new([.. x.Dims.Skip(axis + 1)]);
        Tensor column = new(new Ops.Reshape(new([.. before, 1, .. after])), x);
        Tensor wide = new(new Ops.BroadcastTo(new([.. before, times, .. after])), column);
        return new(new Ops.Reshape(new([.. before.Take(axis), before[axis] * times, .. after])), wide);
    }
}
