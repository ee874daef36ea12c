using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>x + f(x), where f is a sequence of layers (He et al. 2016).</summary>
public class Residual : Composite
{
    readonly Layer? _shortcut;

    /// <summary>Creates the layer.</summary>
    /// <param name="layers">The layers of f.</param>
    /// <param name="shortcut">
    /// The layer on the shortcut, such as a convolution of size 1 where the shapes differ; none by default.
    /// </param>
    /// <param name="merge">How to merge both paths; <c>add</c> by default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">There are no layers.</exception>
    public Residual(IReadOnlyList<Layer> layers, Layer? shortcut = null, Merge? merge = null, string? name = null,
        bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(layers, shortcut, merge, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    /// <summary>Creates the layer from layers alone.</summary>
    /// <param name="layers">The layers of f.</param>
    /// <exception cref="ArgumentException">There are no layers.</exception>
    public Residual(params Layer[] layers) : this(layers, null, null, default)
    {
    }

    internal Residual(IReadOnlyList<Layer> layers, Layer? shortcut, Merge? merge, LayerOptions options)
        : base(layers, merge ?? "add", options)
    {
        if (layers.Count == 0)
            throw new ArgumentException("A residual block needs one or more layers.", nameof(layers));
        _shortcut = shortcut is null ? null : Track(shortcut);
    }

    /// <summary>The layer on the shortcut, or null.</summary>
    internal Layer? Shortcut => _shortcut;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["layers"] = new JsonArray([.. Layers.Select(l => (JsonNode)l.Serialize())]);
        config["shortcut"] = _shortcut?.Serialize();
        config["merge"] = Merge.Serialize();
        return config;
    }

    private protected override Masked Trace(Masked input) =>
        Merged([_shortcut?.Apply(input) ?? input, Layers.Aggregate(input, (signal, layer) => layer.Apply(signal))]);
}
