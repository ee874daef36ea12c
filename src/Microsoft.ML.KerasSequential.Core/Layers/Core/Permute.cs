using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Reorders the dimensions of each sample (Keras <c>keras.layers.Permute</c>).</summary>
public class Permute : Layer
{
    readonly int[] _dims;

    /// <summary>Creates the layer.</summary>
    /// <param name="dims">
    /// The order of the input's dimensions in the output, counted from 1; the batch stays first.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Permute(int[] dims, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(dims, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Permute(int[] dims, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(dims);
        if (!dims.Order().SequenceEqual(Enumerable.Range(1, dims.Length)))
            throw new ArgumentException($"Invalid permutation `dims` for a Permute layer: {Shape.Format(dims)}. It " +
                $"must contain each of 1 … {dims.Length} once.", nameof(dims));
        _dims = (int[])dims.Clone();
    }

    /// <inheritdoc/>
    protected override int? InputRank => _dims.Length + 1;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => K.PermuteDimensions(x, [0, .. _dims]);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["dims"] = Saving.Config.Sizes(_dims);
        return config;
    }
}
