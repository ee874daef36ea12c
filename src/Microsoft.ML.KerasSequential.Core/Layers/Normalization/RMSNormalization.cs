using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Divides each sample by the root mean square of its values over the given axes, then scales it (Zhang and Sennrich
/// 2019; Keras <c>keras.layers.RMSNormalization</c>). Weight: scale, with the sizes of the axes.
/// </summary>
public class RMSNormalization : Layer
{
    readonly int[] _axis;
    readonly double _epsilon;
    Variable? _scale;

    /// <summary>Creates the layer.</summary>
    /// <param name="axis">The axes over which the mean is computed; the last one by default.</param>
    /// <param name="epsilon">A number added to the mean square, to avoid division by 0.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epsilon"/> is negative or not finite.</exception>
    public RMSNormalization(Sizes? axis = null, double epsilon = 1e-6, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(axis, epsilon, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal RMSNormalization(Sizes? axis, double epsilon, LayerOptions options) : base(options)
    {
        if (!(epsilon >= 0 && double.IsFinite(epsilon)))
            throw new ArgumentOutOfRangeException(nameof(epsilon), $"epsilon must be 0 or more; given {epsilon}.");
        (_axis, _epsilon) = (axis?.ToArray() ?? [-1], epsilon);
    }

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int[] axes = NormalizedAxes.Of(_axis, x.Rank, Name);
        return x / K.Sqrt(K.Mean(K.Square(x), axes, keepdims: true) + _epsilon)
            * NormalizedAxes.Along(Made(_scale), axes, x);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = _axis is [var only] ? only : Saving.Config.Sizes(_axis);
        config["epsilon"] = _epsilon;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int[] axes = NormalizedAxes.Of(_axis, inputShape.Rank, Name);
        _scale = AddWeight("scale", NormalizedAxes.SizesOf(axes, inputShape, Name), "ones");
    }
}
