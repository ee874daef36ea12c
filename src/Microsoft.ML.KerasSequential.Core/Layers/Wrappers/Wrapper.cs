using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>A layer around another one (Keras <c>keras.layers.Wrapper</c>).</summary>
public abstract class Wrapper : Layer
{
    private protected Wrapper(Layer layer, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(layer);
        Layer = layer;
    }

    /// <summary>The inner layer.</summary>
    public Layer Layer { get; }

    /// <summary>The name that the inner layer was given, which wrappers may change.</summary>
    internal virtual string InnerName => Layer.Name;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["layer"] = Layer.Serialize();
        return config;
    }
}
