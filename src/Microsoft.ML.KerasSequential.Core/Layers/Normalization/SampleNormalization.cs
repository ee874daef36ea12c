using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// (x − mean)/√(variance + ε)·gamma + beta, with mean and variance taken within each sample, in training and otherwise
/// (the base class of <see cref="LayerNormalization"/> and <see cref="GroupNormalization"/>). Weights: gamma, beta.
/// </summary>
public abstract class SampleNormalization : Layer
{
    readonly double _epsilon;
    readonly ScaleOptions _options;
    readonly Initializer _betaInitializer, _gammaInitializer;
    Variable? _gamma, _beta;

    private protected SampleNormalization(double epsilon, ScaleOptions options, LayerOptions layer) : base(layer)
    {
        if (!(epsilon >= 0 && double.IsFinite(epsilon)))
            throw new ArgumentOutOfRangeException(nameof(epsilon), $"epsilon must be 0 or more; given {epsilon}.");
        (_epsilon, _options) = (epsilon, options);
        (_betaInitializer, _gammaInitializer) =
            (options.BetaInitializer ?? "zeros", options.GammaInitializer ?? "ones");
    }

    /// <inheritdoc/>
    public override bool SupportsMasking => true;

    /// <inheritdoc/>
    protected override int MinInputRank => 2;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["epsilon"] = _epsilon;
        config["center"] = _options.Center;
        config["scale"] = _options.Scale;
        config["beta_initializer"] = _betaInitializer.Serialize();
        config["gamma_initializer"] = _gammaInitializer.Serialize();
        config["beta_regularizer"] = _options.BetaRegularizer?.Serialize();
        config["gamma_regularizer"] = _options.GammaRegularizer?.Serialize();
        config["beta_constraint"] = _options.BetaConstraint?.Serialize();
        config["gamma_constraint"] = _options.GammaConstraint?.Serialize();
        return config;
    }

    private protected virtual bool HasGamma => _options.Scale;

    private protected virtual bool HasBeta => _options.Center;

    private protected void BuildScale(int[] shape)
    {
        _gamma = HasGamma ? AddWeight("gamma", shape, _gammaInitializer, _options.GammaRegularizer,
            constraint: _options.GammaConstraint) : null;
        _beta = HasBeta
            ? AddWeight("beta", shape, _betaInitializer, _options.BetaRegularizer, constraint: _options.BetaConstraint)
            : null;
    }

    /// <summary>Divides x by its standard deviation over the given axes, after subtracting the mean or not.</summary>
    private protected Tensor Normalized(Tensor x, int[] axes, bool centered = true)
    {
        Tensor difference = x - K.Mean(x, axes, keepdims: true);
        return (centered ? difference : x) / K.Sqrt(K.Mean(K.Square(difference), axes, keepdims: true) + _epsilon);
    }

    /// <summary>y·gamma + beta, with the weights reshaped to broadcast along their axes of y.</summary>
    private protected Tensor Scaled(Tensor y, Func<Tensor, Tensor> along)
    {
        if (_gamma is not null) y *= along(_gamma);
        return _beta is null ? y : y + along(_beta);
    }

    /// <summary>The same as one operation, when the normalized axes start at the first one.</summary>
    private protected Tensor CalledLayerNorm(Tensor y, Tensor x, int firstAxis) =>
        y.Called(new Ops.LayerNormalized(firstAxis, (float)_epsilon, _gamma is not null, _beta is not null),
            [x, .. new[] { _gamma, _beta }.OfType<Tensor>()]);

    private protected int SizeOf(Shape inputShape, int axis) => inputShape[axis]
        ?? throw new ArgumentException($"Axis {axis} of the input of layer {Name} should have a defined size; the " +
            $"input has shape {inputShape}.", nameof(inputShape));
}
