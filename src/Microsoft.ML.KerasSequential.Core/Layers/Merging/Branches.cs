using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Applies several layers to the same input and merges their outputs, like a Keras functional model within a
/// Sequential. A branch of several layers is a <see cref="Sequential"/>.
/// </summary>
public class Branches : Composite
{
    /// <summary>Creates the layer.</summary>
    /// <param name="branches">The layers, one per branch.</param>
    /// <param name="merge">
    /// How to merge their outputs, by name (<c>concatenate</c>, <c>add</c> …) or as an object.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">There are no branches.</exception>
    public Branches(IReadOnlyList<Layer> branches, Merge merge, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(branches, merge, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Branches(IReadOnlyList<Layer> branches, Merge merge, LayerOptions options) : base(branches, merge, options)
    {
        if (branches.Count < 2)
            throw new ArgumentException($"A merge needs 2 or more branches; given {branches.Count}.", nameof(branches));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["branches"] = new JsonArray([.. Layers.Select(l => (JsonNode)l.Serialize())]);
        config["merge"] = Merge.Serialize();
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        foreach (Layer layer in Layers) layer.EnsureBuilt(inputShape);
    }

    private protected override Masked Trace(Masked input) => Merged([.. Layers.Select(l => l.Apply(input))]);
}
