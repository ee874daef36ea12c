using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Pools each channel to one value, over all positions (the base class of Keras' <c>GlobalAveragePooling1D</c> …
/// <c>GlobalMaxPooling3D</c>).
/// </summary>
public abstract class GlobalPooling : Layer
{
    readonly int _rank;

    private protected GlobalPooling(int rank, string? dataFormat, bool keepdims, LayerOptions options) : base(options)
    {
        _rank = rank;
        KeepDims = keepdims;
        ChannelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
    }

    /// <summary>Whether the channels come before the spatial dimensions.</summary>
    private protected bool ChannelsFirst { get; }

    /// <summary>Whether the pooled dimensions are kept, with size 1.</summary>
    private protected bool KeepDims { get; }

    /// <inheritdoc/>
    protected override int? InputRank => _rank + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Pool(x, [.. Enumerable.Range(ChannelsFirst ? 2 : 1, _rank)]);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["data_format"] = Saving.DataFormat.Name(ChannelsFirst);
        // Keras 2.3 does not know this key and would reject it.
        if (KeepDims) config["keepdims"] = true;
        return config;
    }

    /// <summary>Pools over the given axes.</summary>
    private protected abstract Tensor Pool(Tensor x, int[] axes);
}
