using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Applies layers one after another, as one layer (Keras <c>keras.layers.Pipeline</c>). Masks pass from layer to layer.
/// Weights: those of the layers, in order.
/// </summary>
public class Pipeline : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <param name="layers">The layers, in order.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A layer is null.</exception>
    public Pipeline(IReadOnlyList<Layer> layers, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(layers, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Pipeline(IReadOnlyList<Layer> layers, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Contains(null!)) throw new ArgumentException("A layer of a pipeline is null.", nameof(layers));
        Layers = [.. layers.Select(Track)];
    }

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    internal override IReadOnlyList<Variable> AllWeights => [.. Layers.SelectMany(l => l.Weights).Distinct()];

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Trace(new Masked(x, mask)).Value;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        // Keras rejects keys other than the name and the layers.
        config.Remove("dtype");
        if (Trainable) config.Remove("trainable");
        config["layers"] = new JsonArray([.. Layers.Select(l => (JsonNode)l.Serialize())]);
        return config;
    }

    private protected override Masked Trace(Masked input) =>
        Layers.Aggregate(input, (signal, layer) => layer.Apply(signal));
}
