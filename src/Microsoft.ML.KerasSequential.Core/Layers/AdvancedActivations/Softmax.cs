using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>eˣ / Σ eˣ along an axis or several (Keras <c>keras.layers.Softmax</c>).</summary>
public class Softmax : Layer
{
    readonly int[] _axis;

    /// <summary>Creates the layer.</summary>
    /// <param name="axis">The axis; −1 (the default) is the last.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    public Softmax(int axis = -1, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this([axis], new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    /// <summary>Creates the layer over several axes, whose values sum to 1 together.</summary>
    /// <param name="axis">The axes.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">There are no axes.</exception>
    public Softmax(int[] axis, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(axis, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal Softmax(int[] axis, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(axis);
        if (axis.Length == 0) throw new ArgumentException("A softmax needs one axis or more.", nameof(axis));
        _axis = (int[])axis.Clone();
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_axis is [var only]) return K.Softmax(x, only);
        Tensor powers = K.Exp(x - K.StopGradient(K.Max(x, _axis, keepdims: true)));
        return powers / K.Sum(powers, _axis, keepdims: true);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = _axis is [var only] ? only : Saving.Config.Sizes(_axis);
        return config;
    }
}
