using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Adds a penalty on its input to the loss and passes the input on (Keras <c>keras.layers.ActivityRegularization</c>).
/// </summary>
public class ActivityRegularization : Layer
{
    readonly double _l1, _l2;

    /// <summary>Creates the layer.</summary>
    /// <param name="l1">The factor for the absolute values.</param>
    /// <param name="l2">The factor for the squares.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public ActivityRegularization(double l1 = 0, double l2 = 0, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(l1, l2, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal ActivityRegularization(double l1, double l2, LayerOptions options) : base(options)
    {
        (_l1, _l2) = (l1, l2);
        ActivityRegularizer = new L1L2(l1, l2);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => x ?? throw new ArgumentNullException(nameof(x));

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["l1"] = _l1;
        config["l2"] = _l2;
        return config;
    }
}
