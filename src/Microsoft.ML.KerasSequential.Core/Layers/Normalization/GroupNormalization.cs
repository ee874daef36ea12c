using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Normalizes each sample to mean 0 and variance 1 within each group of channels, over all positions, then scales and
/// shifts each channel (Wu and He 2018; Keras 3 <c>keras.layers.GroupNormalization</c>). Weights: gamma, beta, with one
/// value per channel.
/// </summary>
public class GroupNormalization : SampleNormalization
{
    readonly int _groups, _axis;

    /// <summary>Creates the layer.</summary>
    /// <param name="groups">
    /// The number of groups, a divisor of the number of channels; −1 for one group per channel (instance
    /// normalization).
    /// </param>
    /// <param name="axis">The axis of the channels.</param>
    /// <param name="epsilon">A number added to the variance, to avoid division by 0.</param>
    /// <param name="center">Whether to add beta.</param>
    /// <param name="scale">Whether to multiply by gamma.</param>
    /// <param name="betaInitializer">The initializer for beta; <c>zeros</c> by default.</param>
    /// <param name="gammaInitializer">The initializer for gamma; <c>ones</c> by default.</param>
    /// <param name="betaRegularizer">The regularizer for beta.</param>
    /// <param name="gammaRegularizer">The regularizer for gamma.</param>
    /// <param name="betaConstraint">The constraint on beta.</param>
    /// <param name="gammaConstraint">The constraint on gamma.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public GroupNormalization(int groups = 32, int axis = -1, double epsilon = 1e-3, bool center = true,
        bool scale = true, Initializer? betaInitializer = null, Initializer? gammaInitializer = null,
        Regularizer? betaRegularizer = null, Regularizer? gammaRegularizer = null, Constraint? betaConstraint = null,
        Constraint? gammaConstraint = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null)
        : this(groups, axis, epsilon, new(center, scale, betaInitializer, gammaInitializer, betaRegularizer,
            gammaRegularizer, betaConstraint, gammaConstraint),
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal GroupNormalization(int groups, int axis, double epsilon, ScaleOptions options, LayerOptions layer)
        : base(epsilon, options, layer)
    {
        if (groups is < 1 and not -1)
            throw new ArgumentOutOfRangeException(nameof(groups), "The number of groups must be 1 or more, or -1; " +
                $"given {groups}.");
        (_groups, _axis) = (groups, axis);
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int axis = x.Dims.Axis(_axis), channels = x.Shape[axis]!.Value, groups = _groups == -1 ? channels : _groups;
        // The channels split into (groups, channels per group).
        Tensor grouped =
            new(new Ops.Reshape(new([.. x.Dims.Take(axis), groups, channels / groups, .. x.Dims.Skip(axis + 1)])), x);
        Tensor y =
            K.ReshapeLike(Normalized(grouped, [.. Enumerable.Range(1, grouped.Rank - 1).Where(i => i != axis)]), x);
        return Scaled(y, weight => K.Reshape(weight, [-1, .. Enumerable.Repeat(1, x.Rank - 1 - axis)]));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["groups"] = _groups;
        config["axis"] = _axis;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int axis = _axis < 0 ? _axis + inputShape.Rank : _axis;
        if (axis < 1 || axis >= inputShape.Rank)
            throw new ArgumentException($"Layer {Name} has its channels on axis {_axis}, but its input has shape " +
                $"{inputShape}.", nameof(inputShape));
        int channels = SizeOf(inputShape, axis);
        if (_groups != -1 && channels % _groups != 0)
            throw new ArgumentException($"The number of groups of layer {Name} ({_groups}) must divide the number of " +
                $"channels ({channels}).", nameof(inputShape));
        BuildScale([channels]);
    }
}
