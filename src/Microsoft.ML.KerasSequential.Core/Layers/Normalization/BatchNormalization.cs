using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// (x − mean)/√(variance + ε)·gamma + beta per channel, with the batch's mean and variance in training and the moving
/// ones otherwise (Ioffe and Szegedy 2015; Keras <c>keras.layers.BatchNormalization</c>). Weights: gamma, beta, moving
/// mean, moving variance; with <c>renorm</c>, also the moving standard deviation, and mean and standard deviation for
/// training. As in Keras 2.3, a layer whose <c>Trainable</c> is false still uses the batch's statistics in
/// training but does not update the moving ones, masked time steps count like others, and the moving variance is
/// corrected for the sample size; current Keras differs in all three, which is available as options.
/// </summary>
public partial class BatchNormalization : Layer
{
    readonly int _axis;
    readonly double _momentum, _epsilon;
    readonly bool _center, _scale, _inferenceWhenFrozen, _ignoreMaskedSteps, _biasedMovingVariance, _synchronized;
    readonly Initializer _betaInitializer, _gammaInitializer, _movingMeanInitializer, _movingVarianceInitializer;
    readonly Regularizer? _betaRegularizer, _gammaRegularizer;
    readonly Constraint? _betaConstraint, _gammaConstraint;
    readonly RenormClipping? _renormClipping;
    readonly double _renormMomentum;
    readonly bool _renorm;
    Variable? _gamma, _beta, _movingMean, _movingVariance;
    Renorm? _renormalization;

    /// <summary>Creates the layer.</summary>
    /// <param name="axis">The axis of the channels, each of which is normalized on its own.</param>
    /// <param name="momentum">The fraction of the moving mean and variance kept at each update.</param>
    /// <param name="epsilon">A number added to the variance, to avoid division by 0.</param>
    /// <param name="center">Whether to add beta.</param>
    /// <param name="scale">Whether to multiply by gamma.</param>
    /// <param name="betaInitializer">The initializer for beta; <c>zeros</c> by default.</param>
    /// <param name="gammaInitializer">The initializer for gamma; <c>ones</c> by default.</param>
    /// <param name="movingMeanInitializer">The initializer for the moving mean; <c>zeros</c> by default.</param>
    /// <param name="movingVarianceInitializer">The initializer for the moving variance; <c>ones</c> by default.</param>
    /// <param name="betaRegularizer">The regularizer for beta.</param>
    /// <param name="gammaRegularizer">The regularizer for gamma.</param>
    /// <param name="betaConstraint">The constraint on beta.</param>
    /// <param name="gammaConstraint">The constraint on gamma.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="inferenceWhenFrozen">
    /// Whether a frozen layer uses the moving mean and variance in training too, as in current Keras; by default it
    /// uses the batch's.
    /// </param>
    /// <param name="ignoreMaskedSteps">
    /// Whether masked time steps are left out of mean and variance, as in current Keras; by default all steps count.
    /// </param>
    /// <param name="biasedMovingVariance">
    /// Whether the moving variance follows the batch's variance as it is, as in current Keras; by default it is
    /// corrected for the sample size.
    /// </param>
    /// <param name="synchronized">
    /// Accepted for compatibility with Keras: devices and ranks always use the statistics of the whole batch.
    /// </param>
    /// <param name="renorm">
    /// Whether to correct the batch's statistics toward moving ones in training (batch renormalization, Ioffe 2017),
    /// for small batches. An ONNX file does not contain the statistics for the correction, so such a model can be
    /// exported, but not read back.
    /// </param>
    /// <param name="renormClipping">The limits of the correction; none by default.</param>
    /// <param name="renormMomentum">
    /// The fraction of the statistics for the correction kept at each update.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    /// <exception cref="ArgumentException">The limits of the correction contradict each other.</exception>
    public BatchNormalization(int axis = -1, double momentum = 0.99, double epsilon = 1e-3, bool center = true,
        bool scale = true, Initializer? betaInitializer = null, Initializer? gammaInitializer = null,
        Initializer? movingMeanInitializer = null, Initializer? movingVarianceInitializer = null,
        Regularizer? betaRegularizer = null, Regularizer? gammaRegularizer = null, Constraint? betaConstraint = null,
        Constraint? gammaConstraint = null, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null, bool inferenceWhenFrozen = false,
        bool ignoreMaskedSteps = false, bool biasedMovingVariance = false, bool synchronized = false,
        bool renorm = false, RenormClipping? renormClipping = null, double renormMomentum = 0.99)
        : this(axis, momentum, epsilon, center, scale, betaInitializer, gammaInitializer, movingMeanInitializer,
            movingVarianceInitializer, betaRegularizer, gammaRegularizer, betaConstraint, gammaConstraint,
            inferenceWhenFrozen, ignoreMaskedSteps, biasedMovingVariance, synchronized, renorm, renormClipping,
            renormMomentum, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal BatchNormalization(int axis, double momentum, double epsilon, bool center,
        bool scale, Initializer? betaInitializer, Initializer? gammaInitializer, Initializer? movingMeanInitializer,
        Initializer? movingVarianceInitializer, Regularizer? betaRegularizer, Regularizer? gammaRegularizer,
        Constraint? betaConstraint, Constraint? gammaConstraint, bool inferenceWhenFrozen, bool ignoreMaskedSteps,
        bool biasedMovingVariance, bool synchronized, bool renorm, RenormClipping? renormClipping,
        double renormMomentum, LayerOptions options) : base(options)
    {
        if (!(momentum >= 0 && momentum <= 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), $"momentum must be in [0, 1]; given {momentum}.");
        if (!(epsilon >= 0 && double.IsFinite(epsilon)))
            throw new ArgumentOutOfRangeException(nameof(epsilon), $"epsilon must be 0 or more; given {epsilon}.");
        if (!(renormMomentum >= 0 && renormMomentum <= 1))
            throw new ArgumentOutOfRangeException(nameof(renormMomentum),
                $"renormMomentum must be in [0, 1]; given {renormMomentum}.");
        (_renorm, _renormClipping, _renormMomentum) =
            (renorm, renorm ? renormClipping?.Checked(nameof(renormClipping)) : renormClipping, renormMomentum);
        (_axis, _momentum, _epsilon, _center, _scale) = (axis, momentum, epsilon, center, scale);
        _synchronized = synchronized;
        (_inferenceWhenFrozen, _ignoreMaskedSteps, _biasedMovingVariance) =
            (inferenceWhenFrozen, ignoreMaskedSteps, biasedMovingVariance);
        (_betaInitializer, _gammaInitializer) = (betaInitializer ?? "zeros", gammaInitializer ?? "ones");
        (_movingMeanInitializer, _movingVarianceInitializer) =
            (movingMeanInitializer ?? "zeros", movingVarianceInitializer ?? "ones");
        (_betaRegularizer, _gammaRegularizer, _betaConstraint, _gammaConstraint) =
            (betaRegularizer, gammaRegularizer, betaConstraint, gammaConstraint);
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int axis = _axis < 0 ? _axis + inputShape.Rank : _axis;
        if (axis < 1 || axis >= inputShape.Rank)
            throw new ArgumentException($"Layer {Name} normalizes along axis {_axis}, but its input has shape " +
                $"{inputShape}.", nameof(inputShape));
        int channels = inputShape[axis] ?? throw new ArgumentException($"Axis {_axis} of input tensor should have a " +
            $"defined dimension but the layer {Name} received an input with shape {inputShape}.", nameof(inputShape));
        _gamma = _scale
            ? AddWeight("gamma", [channels], _gammaInitializer, _gammaRegularizer, constraint: _gammaConstraint)
            : null;
        _beta = _center ? AddWeight("beta", [channels], _betaInitializer, _betaRegularizer, constraint: _betaConstraint)
            : null;
        _movingMean = AddWeight("moving_mean", [channels], _movingMeanInitializer, trainable: false);
        _movingVariance = AddWeight("moving_variance", [channels], _movingVarianceInitializer, trainable: false);
        _renormalization = !_renorm ? null : new(Fixed("moving_stddev", v => (float)Math.Sqrt(v), _movingVariance),
            Fixed("renorm_mean", v => v, _movingMean), Fixed("renorm_stddev", v => (float)Math.Sqrt(v),
            _movingVariance), _renormClipping ?? new());
        Variable Fixed(string name, Func<float, float> value, Variable from) => AddWeight(name, [channels],
            Initializer.FromFunction(_ => new NDArray([.. from.GetValue().ToArray().Select(value)], channels)),
            trainable: false);
    }

    /// <inheritdoc/>
    public override Tensor Call(Tensor x) => Call(x, null);

    /// <inheritdoc/>
    public override Tensor Call(Tensor x, Tensor? mask)
    {
        ArgumentNullException.ThrowIfNull(x);
        int axis = x.Dims.Axis(_axis);
        int[] others = [.. Enumerable.Range(0, x.Rank).Where(i => i != axis)];
        Tensor mean = _movingMean!, variance = _movingVariance!;
        Tensor? gamma = _gamma, beta = _beta;
        if (K.LearningPhase() && !(_inferenceWhenFrozen && IsFrozen))
        {
            if (_steps is { } steps) return PerStep(x, steps, axis);
            Tensor? counted = _ignoreMaskedSteps && mask is not null ? Counted(x, mask) : null;
            // Over no values, mean and variance are 0, and the moving ones do not change.
            Tensor n = counted is null ? K.CountOver(x, others) : K.Sum(counted, others);
            Tensor MeanOf(Tensor values) =>
                counted is null ? K.Mean(values, others) : K.Sum(values * counted, others) / K.Maximum(n, 1);
            Tensor Next(Variable moving, Tensor value, double? momentum = null)
            {
                double kept = momentum ?? _momentum;
                Tensor next = kept * moving + (1 - kept) * value;
                return counted is null ? next : K.Where(n > 0, next, moving);
            }
            mean = MeanOf(x);
            variance = MeanOf(K.Square(x - K.AlongAxis(mean, x, axis)));
            // Keras 2 corrects the moving variance for the sample size n: n/(n − (1 + ε)).
            AddUpdate(_movingMean!, Next(_movingMean!, mean));
            if (_renormalization is { } renorm)
            {
                Tensor stddev = K.Sqrt(variance + _epsilon), moving = Next(renorm.MovingStddev, stddev);
                AddUpdate(renorm.MovingStddev, moving);
                AddUpdate(renorm.Mean, Next(renorm.Mean, mean, _renormMomentum));
                AddUpdate(renorm.Stddev, Next(renorm.Stddev, stddev, _renormMomentum));
                AddUpdate(_movingVariance!, K.Relu(K.Square(moving) - _epsilon));
                (Tensor r, Tensor d) = renorm.Corrections(mean, stddev, _epsilon);
                (gamma, beta) = Renorm.Composed(r, d, gamma, beta);
            }
            else AddUpdate(_movingVariance!, Next(_movingVariance!,
                _biasedMovingVariance ? variance : variance * (n / (n - (1 + _epsilon)))));
        }
        return K.BatchNormalization(x, mean, variance, beta, gamma, axis, _epsilon);
    }

    /// <summary>Frozen itself, or as part of something frozen.</summary>
    bool IsFrozen => !Trainable || Graphs.TraceScope.Current is { Frozen: true };

    /// <summary>1 for each value of a time step that counts, 0 for the others.</summary>
    static Tensor Counted(Tensor x, Tensor mask)
    {
        while (mask.Rank < x.Rank) mask = K.ExpandDims(mask, mask.Rank);
        return mask * K.OnesLike(x);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["axis"] = _axis;
        config["momentum"] = _momentum;
        config["epsilon"] = _epsilon;
        config["center"] = _center;
        config["scale"] = _scale;
        config["beta_initializer"] = _betaInitializer.Serialize();
        config["gamma_initializer"] = _gammaInitializer.Serialize();
        config["moving_mean_initializer"] = _movingMeanInitializer.Serialize();
        config["moving_variance_initializer"] = _movingVarianceInitializer.Serialize();
        config["beta_regularizer"] = _betaRegularizer?.Serialize();
        config["gamma_regularizer"] = _gammaRegularizer?.Serialize();
        config["beta_constraint"] = _betaConstraint?.Serialize();
        config["gamma_constraint"] = _gammaConstraint?.Serialize();
        // Keras does not know these keys and would reject them.
        if (_inferenceWhenFrozen) config["inference_when_frozen"] = true;
        if (_ignoreMaskedSteps) config["ignore_masked_steps"] = true;
        if (_synchronized) config["synchronized"] = true;
        if (_biasedMovingVariance) config["biased_moving_variance"] = true;
        if (!_renorm) return config;
        config["renorm"] = true;
        config["renorm_clipping"] = _renormClipping?.GetConfig();
        config["renorm_momentum"] = _renormMomentum;
        return config;
    }
}
