using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// x for positive values, a learned fraction of x for others (He et al. 2015). Weights: alpha, with the shape of a
/// sample, but size 1 along the shared axes (Keras <c>keras.layers.PReLU</c>).
/// </summary>
public class PReLU : Layer
{
    readonly Initializer _alphaInitializer;
    readonly Regularizer? _alphaRegularizer;
    readonly Constraint? _alphaConstraint;
    readonly int[]? _sharedAxes;
    Variable? _alpha;

    /// <summary>Creates the layer.</summary>
    /// <param name="alphaInitializer">The initializer for the slopes; <c>zeros</c> by default.</param>
    /// <param name="alphaRegularizer">The regularizer for the slopes.</param>
    /// <param name="alphaConstraint">The constraint on the slopes.</param>
    /// <param name="sharedAxes">
    /// The axes along which slopes are shared, counted from 1: 1 shares the slopes of all time steps, [1, 2] those of
    /// an image.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A shared axis is less than 1.</exception>
    public PReLU(Initializer? alphaInitializer = null, Regularizer? alphaRegularizer = null,
        Constraint? alphaConstraint = null, Sizes? sharedAxes = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(alphaInitializer, alphaRegularizer, alphaConstraint, sharedAxes,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal PReLU(Initializer? alphaInitializer, Regularizer? alphaRegularizer, Constraint? alphaConstraint,
        Sizes? sharedAxes, LayerOptions options) : base(options)
    {
        _alphaInitializer = alphaInitializer ?? "zeros";
        (_alphaRegularizer, _alphaConstraint, _sharedAxes) = (alphaRegularizer, alphaConstraint, sharedAxes?.ToArray());
        if (_sharedAxes?.Any(a => a < 1) == true)
            throw new ArgumentOutOfRangeException(nameof(sharedAxes), "Shared axes are counted from 1, after the " +
                $"batch; given {string.Join(", ", _sharedAxes)}.");
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        if (_sharedAxes?.FirstOrDefault(a => a >= inputShape.Rank) is int and > 0 and var axis)
            throw new ArgumentException($"Layer {Name} shares slopes along axis {axis}, but its input has shape " +
                $"{inputShape}.", nameof(inputShape));
        int[] shape = [.. Enumerable.Range(1, inputShape.Rank - 1).Select(i => _sharedAxes?.Contains(i) == true ? 1
            : inputShape[i] ?? throw new ArgumentException($"Layer {Name} needs one slope per value along axis {i}, " +
                $"whose size is unknown: {inputShape}. Share the axis, or specify its size.", nameof(inputShape)))];
        _alpha = AddWeight("alpha", shape, _alphaInitializer, _alphaRegularizer, constraint: _alphaConstraint);
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return (K.Relu(x) - _alpha! * K.Relu(-x)).Called(new Ops.ParametricRelu(), x, _alpha!);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["alpha_initializer"] = _alphaInitializer.Serialize();
        config["alpha_regularizer"] = _alphaRegularizer?.Serialize();
        config["alpha_constraint"] = _alphaConstraint?.Serialize();
        config["shared_axes"] = _sharedAxes is null ? null : Saving.Config.Sizes(_sharedAxes);
        return config;
    }
}
