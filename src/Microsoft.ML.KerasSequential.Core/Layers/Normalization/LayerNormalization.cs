using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Normalizes each sample, or each time step, to mean 0 and variance 1 over its values, then scales and shifts it (Ba
/// et al. 2016; Keras 3 <c>keras.layers.LayerNormalization</c>). Weights: gamma, beta, with the sizes of the axes.
/// </summary>
public class LayerNormalization : SampleNormalization
{
    readonly int[] _axis;
    readonly bool _rmsScaling;

    /// <summary>Creates the layer.</summary>
    /// <param name="axis">The axes to normalize over together; the last one by default.</param>
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
    /// <param name="rmsScaling">
    /// Whether the mean is not subtracted and beta not added; the divisor is still the standard deviation. Deprecated
    /// in Keras; use <see cref="RMSNormalization"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public LayerNormalization(Sizes? axis = null, double epsilon = 1e-3, bool center = true, bool scale = true,
        Initializer? betaInitializer = null, Initializer? gammaInitializer = null, Regularizer? betaRegularizer = null,
        Regularizer? gammaRegularizer = null, Constraint? betaConstraint = null, Constraint? gammaConstraint = null,
        string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null,
        int? batchSize = null, bool rmsScaling = false)
        : this(axis?.ToArray() ?? [-1], epsilon, new(center, scale,
            betaInitializer, gammaInitializer, betaRegularizer, gammaRegularizer, betaConstraint, gammaConstraint),
            rmsScaling,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal LayerNormalization(int[] axis, double epsilon, ScaleOptions options, bool rmsScaling, LayerOptions layer)
        : base(epsilon, options, layer) => (_axis, _rmsScaling) = (axis, rmsScaling);

    /// <inheritdoc/>
    private protected override bool HasGamma => _rmsScaling || base.HasGamma;

    /// <inheritdoc/>
    private protected override bool HasBeta => !_rmsScaling && base.HasBeta;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        int[] axes = Axes(x.Rank);
        Tensor y = Scaled(Normalized(x, axes, centered: !_rmsScaling), weight => NormalizedAxes.Along(weight, axes, x));
        return axes.Length == x.Rank - axes[0] && !_rmsScaling ? CalledLayerNorm(y, x, axes[0]) : y;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = _axis is [var only] ? only : Saving.Config.Sizes(_axis);
        if (_rmsScaling) config["rms_scaling"] = true;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        BuildScale(NormalizedAxes.SizesOf(Axes(inputShape.Rank), inputShape, Name));
    }

    int[] Axes(int rank) => NormalizedAxes.Of(_axis, rank, Name);
}
