using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Multiplies by a scale and adds an offset, in training and prediction alike (Keras 3
/// <c>keras.layers.Rescaling</c>). For example, <c>new Rescaling(1 / 127.5, offset: -1)</c> maps pixels from 0 through
/// 255 to −1 through 1.
/// </summary>
public class Rescaling : Layer
{
    readonly NDArray _scale, _offset;

    /// <summary>Creates the layer.</summary>
    /// <param name="scale">The scale: a number, or an array that broadcasts against the last dimensions.</param>
    /// <param name="offset">The offset, a number or an array likewise; 0 by default.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public Rescaling(NDArray scale, NDArray? offset = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(scale, offset, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Rescaling(NDArray scale, NDArray? offset, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(scale);
        (_scale, _offset) = (Finite(scale, nameof(scale)), Finite(offset ?? 0, nameof(offset)));
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = x * K.Constant(_scale) + K.Constant(_offset);
        return y.Rank == x.Rank && y.Shape.Equals(x.Shape) ? y
            : throw new ArgumentException($"Layer {Name} has a scale of shape {Shape.Format(_scale.Shape)} and an " +
                $"offset of shape {Shape.Format(_offset.Shape)}, which do not broadcast to its input, {x.Shape}.",
                nameof(x));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["scale"] = Saving.NestedLists.Write(_scale, "scale");
        config["offset"] = Saving.NestedLists.Write(_offset, "offset");
        return config;
    }

    static NDArray Finite(NDArray values, string parameter)
    {
        foreach (float value in values.Span)
            if (!float.IsFinite(value))
                throw new ArgumentException($"`{parameter}` must be finite; given {value}.", parameter);
        return new(values.ToArray(), values.Shape.ToArray());
    }
}
