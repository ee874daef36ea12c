using System.Text.Json.Nodes;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Applies an activation function to its input (Keras <c>keras.layers.Activation</c>).</summary>
public class Activation : Layer
{
    readonly ActivationFunction _activation;

    /// <summary>Creates the layer.</summary>
    /// <param name="activation">The function, by name or as a lambda.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Activation(ActivationFunction activation, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(activation, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Activation(ActivationFunction activation, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(activation);
        _activation = activation;
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => _activation.Call(x);

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["activation"] = _activation.Serialize();
        return config;
    }
}
