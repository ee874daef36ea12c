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

    /// <summary>The layer inside.</summary>
    public Layer Layer { get; }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["layer"] = Layer.Serialize();
        return config;
    }
}
