using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Pools to a given number of positions, whatever the size of the input (the base class of Keras'
/// <c>AdaptiveAveragePooling1D</c> … <c>AdaptiveMaxPooling3D</c>). Output position i of n covers the input positions
/// from ⌊i·size/n⌋ to ⌈(i + 1)·size/n⌉.
/// </summary>
public abstract class AdaptivePooling : Layer
{
    readonly int[] _outputSize;
    readonly bool _channelsFirst;

    private protected AdaptivePooling(int rank, Sizes outputSize, string? dataFormat, LayerOptions options)
        : base(options)
    {
        ArgumentNullException.ThrowIfNull(outputSize);
        _outputSize = outputSize.For(rank, nameof(outputSize));
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
    }

    /// <inheritdoc/>
    protected override int? InputRank => _outputSize.Length + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = ChannelOrder.ToLast(x, _channelsFirst);
        return ChannelOrder.FromLast(Pooled(x), _channelsFirst);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["output_size"] = Saving.Config.Sizes(_outputSize);
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        return config;
    }

    /// <summary>Pools (batch, …spatial, channels) with windows of equal size.</summary>
    private protected abstract Tensor Pool(Tensor x, Windows windows);

    /// <summary>Pools along one axis, with windows of different sizes.</summary>
    private protected abstract Tensor Pool(Tensor x, int axis, (int Start, int Size)[] windows);

    Tensor Pooled(Tensor x)
    {
        if (x.Dims.Skip(1).SkipLast(1).Any(d => d.Constant is null))
            return new(new Later(new([x.Dims[0], .. _outputSize.Select(n => (Dim)n), x.Dims.Last])), x);
        int[] lengths = Windows.Lengths(x);
        if (lengths.Zip(_outputSize).All(p => p.First % p.Second == 0))
            return Pool(x, new Windows([.. lengths.Zip(_outputSize).Select(p =>
                new Window(p.First / p.Second, p.First / p.Second, 1, 0, 0))]));
        for (int i = 0; i < lengths.Length; i++)
            if (lengths[i] != _outputSize[i]) x = Pool(x, i + 1, WindowsOver(lengths[i], _outputSize[i]));
        return x;
    }

    static (int Start, int Size)[] WindowsOver(int length, int count)
    {
        var windows = new (int, int)[count];
        for (long i = 0; i < count; i++)
        {
            long start = i * length / count, end = ((i + 1) * length + count - 1) / count;
            windows[i] = ((int)start, (int)(end - start));
        }
        return windows;
    }
}
