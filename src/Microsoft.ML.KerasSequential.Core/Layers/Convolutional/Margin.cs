using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Pads or crops the edges (the base class of Keras' <c>ZeroPadding1D</c> … <c>Cropping3D</c>).</summary>
public abstract class Margin : Layer
{
    readonly (int Before, int After)[] _ends;
    readonly int _rank;
    readonly bool _channelsFirst, _cuts;

    private protected Margin(int rank, Margins margins, bool cuts, string? dataFormat, LayerOptions options)
        : base(options)
    {
        (_rank, _cuts) = (rank, cuts);
        _ends = margins.For(rank, cuts ? "cropping" : "padding");
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
    }

    /// <inheritdoc/>
    protected override int? InputRank => _rank + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(x, _ends, _cuts, _channelsFirst, $"Layer {Name}");
    }

    /// <summary>Pads or crops both ends of each spatial dimension of x.</summary>
    internal static Tensor Of(Tensor x, (int Before, int After)[] ends, bool cuts, bool channelsFirst,
        string owner = "Padding")
    {
        x = ChannelOrder.ToLast(x, channelsFirst);
        int sign = cuts ? -1 : 1;
        int Length(int length, int i) => Graphs.Counts.Fits(length + sign * ((long)ends[i].Before + ends[i].After),
            $"{owner}: a size of {length} with {ends[i].Before} before and {ends[i].After} after");
        if (Later.For(x, Length, x.Dims.Last) is { } later) return ChannelOrder.FromLast(later, channelsFirst);
        // Patches of size 1: whatever lies beyond the edge is 0, and what is cropped is not visited.
        var patches = new Tensor(
            new Patches(new([.. ends.Select(e => new Window(1, 1, 1, sign * e.Before, sign * e.After))]), 0), x);
        Tensor y =
            new Tensor(new Ops.Reshape(new Graphs.Dims([.. patches.Dims.Take(ends.Length + 1), x.Dims.Last])), patches)
            .Called(new Ops.Margins([.. ends.Select(e => (sign * e.Before, sign * e.After))]), x);
        return ChannelOrder.FromLast(y, channelsFirst);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config[_cuts ? "cropping" : "padding"] = Margins.ToJson(_ends);
        // Keras 2.3 does not know this key for sequences and would reject it.
        if (_rank > 1 || _channelsFirst) config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        return config;
    }
}
