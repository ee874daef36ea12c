using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A convolution of each channel on its own, then one across channels at each position (the base class of Keras'
/// <c>SeparableConv1D</c>, <c>SeparableConv2D</c>). Weights: depthwise kernel (…kernel size, channels, multiplier),
/// pointwise kernel (…1, channels · multiplier, filters), bias (filters).
/// </summary>
public abstract class SeparableConv : ConvBase
{
    readonly int _depthMultiplier;
    readonly Initializer _depthwiseInitializer, _pointwiseInitializer;
    readonly Regularizer? _depthwiseRegularizer, _pointwiseRegularizer;
    readonly Constraint? _depthwiseConstraint, _pointwiseConstraint;
    Variable? _depthwise, _pointwise;

    private protected SeparableConv(int rank, int filters, ConvOptions convolution, int depthMultiplier,
        Initializer? depthwiseInitializer, Initializer? pointwiseInitializer,
        Regularizer? depthwiseRegularizer, Regularizer? pointwiseRegularizer, Constraint? depthwiseConstraint,
        Constraint? pointwiseConstraint, LayerOptions options)
        : base(rank, convolution, options)
    {
        if (filters < 1)
            throw new ArgumentOutOfRangeException(nameof(filters), "A convolution needs 1 or more filters; given " +
                $"{filters}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(depthMultiplier, 1);
        (Filters, _depthMultiplier) = (filters, depthMultiplier);
        (_depthwiseInitializer, _pointwiseInitializer) =
            (depthwiseInitializer ?? "glorot_uniform", pointwiseInitializer ?? "glorot_uniform");
        (_depthwiseRegularizer, _pointwiseRegularizer) = (depthwiseRegularizer, pointwiseRegularizer);
        (_depthwiseConstraint, _pointwiseConstraint) = (depthwiseConstraint, pointwiseConstraint);
    }

    /// <summary>The number of output channels.</summary>
    public int Filters { get; }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["filters"] = Filters;
        config["depth_multiplier"] = _depthMultiplier;
        config["depthwise_initializer"] = _depthwiseInitializer.Serialize();
        config["pointwise_initializer"] = _pointwiseInitializer.Serialize();
        config["depthwise_regularizer"] = _depthwiseRegularizer?.Serialize();
        config["pointwise_regularizer"] = _pointwiseRegularizer?.Serialize();
        config["depthwise_constraint"] = _depthwiseConstraint?.Serialize();
        config["pointwise_constraint"] = _pointwiseConstraint?.Serialize();
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int channels = Channels(inputShape);
        _depthwise = AddWeight("depthwise_kernel", [.. KernelSize, channels, _depthMultiplier], _depthwiseInitializer,
            _depthwiseRegularizer, constraint: _depthwiseConstraint);
        _pointwise = AddWeight("pointwise_kernel",
            [.. KernelSize.Select(_ => 1), Graphs.Counts.Fits((long)channels * _depthMultiplier,
            $"Layer {Name}: {channels} channels, {_depthMultiplier} times,"), Filters], _pointwiseInitializer,
            _pointwiseRegularizer, constraint: _pointwiseConstraint);
        BuildBias(Filters);
    }

    private protected override Graphs.Dim OutputChannels(Graphs.Dim channels) => Filters;

    private protected override Tensor Convolve(Tensor x) =>
        K.Dot(Depthwise.Convolve(PatchesOf(x), _depthwise!, Rank), K.Reshape(_pointwise!, -1, Filters));
}
