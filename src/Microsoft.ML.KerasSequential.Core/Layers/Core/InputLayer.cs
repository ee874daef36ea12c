using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Specifies the shape of a model's input; it computes nothing and is not listed among the layers (Keras
/// <c>keras.layers.InputLayer</c>).
/// </summary>
public class InputLayer : Layer
{
    /// <summary>Creates the layer.</summary>
    /// <param name="inputShape">The shape of one sample.</param>
    /// <param name="batchSize">A fixed batch size.</param>
    /// <param name="batchInputShape">
    /// The shape of a batch, instead of <paramref name="inputShape"/> and <paramref name="batchSize"/>.
    /// </param>
    /// <param name="name">The input's name.</param>
    /// <exception cref="ArgumentException">No shape was given.</exception>
    public InputLayer(Shape? inputShape = null, int? batchSize = null, Shape? batchInputShape = null,
        string? name = null)
        : base(new LayerOptions(name, InputShape: inputShape, BatchInputShape: batchInputShape, BatchSize: batchSize))
    {
        if (BatchInputShape is null)
            throw new ArgumentException("An Input layer should be passed either a `batchInputShape` or an " +
                "`inputShape`.", nameof(inputShape));
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => x ?? throw new ArgumentNullException(nameof(x));

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["batch_input_shape"] = Saving.Config.Sizes(BatchInputShape!),
        ["dtype"] = "float32",
        ["sparse"] = false,
        ["name"] = Name,
    };
}
