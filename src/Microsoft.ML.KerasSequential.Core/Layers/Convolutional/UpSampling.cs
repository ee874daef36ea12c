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
    readonly bool _channelsFirst, _bilinear;

    // Each new position is a weighted sum of all old ones.
    const int LargestTable = 1 << 26;

    private protected UpSampling(int rank, Sizes? size, string? dataFormat, string interpolation, LayerOptions options)
        : base(options)
    {
        _size = (size ?? 2).For(rank, nameof(size));
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
        _bilinear = interpolation switch
        {
            "nearest" => false,
            "bilinear" => true,
            _ => throw new ArgumentException("`interpolation` must be \"nearest\" or \"bilinear\"; given " +
                $"\"{interpolation}\".", nameof(interpolation)),
        };
    }

    /// <inheritdoc/>
    protected override int? InputRank => _size.Length + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Enlarged(x, _size, _channelsFirst, _bilinear, $"Layer {Name}");
    }

    /// <summary>Repeats positions along each spatial dimension.</summary>
    internal static Tensor Enlarged(Tensor x, int[] size, bool channelsFirst, bool bilinear, string owner)
    {
        int first = channelsFirst ? 2 : 1;
        if (bilinear && Ops.Later.For(ChannelOrder.ToLast(x, channelsFirst),
            (length, i) => Counts.Fits((long)length * size[i], $"{owner}: a size of {length}, times {size[i]},"),
            x.Dims[channelsFirst ? 1 : x.Rank - 1]) is { } later)
            return ChannelOrder.FromLast(later, channelsFirst);
        Tensor y = x;
        for (int i = 0; i < size.Length; i++)
            y = bilinear ? Interpolated(y, first + i, size[i], owner) : Repeated(y, first + i, size[i]);
        return y.Called(new Ops.Upsampled(first, size, bilinear), x);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["size"] = _size is [var one] ? one : Saving.Config.Sizes(_size);
        if (_size.Length > 1) config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        if (_size.Length == 2) config["interpolation"] = _bilinear ? "bilinear" : "nearest";
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

    /// <summary>
    /// A product with the weights of the two nearest positions, by the distance between the positions' centers.
    /// </summary>
    static Tensor Interpolated(Tensor x, int axis, int times, string owner)
    {
        int size = x.Dims[axis].Constant ?? throw new ArgumentException($"{owner} needs an input with known spatial " +
            $"sizes; given {x.Shape}.", nameof(x));
        if ((long)size * size * times > LargestTable)
            throw new ArgumentException($"{owner} cannot interpolate a size of {size} to {(long)size * times}: the " +
                "table of weights would be too large.", nameof(x));
        var weights = new NDArray(size, size * times);
        for (int to = 0; to < size * times; to++)
        {
            double at = Math.Max(0, (to + 0.5) / times - 0.5);
            int low = Math.Min((int)at, size - 1), high = Math.Min(low + 1, size - 1);
            weights[low, to] += (float)(1 - (at - low));
            weights[high, to] += (float)(at - low);
        }
        int[] swap = [.. Enumerable.Range(0, x.Rank)];
        (swap[axis], swap[^1]) = (swap[^1], swap[axis]);
        return K.PermuteDimensions(K.Dot(K.PermuteDimensions(x, swap), K.Constant(weights)), swap);
    }
}
