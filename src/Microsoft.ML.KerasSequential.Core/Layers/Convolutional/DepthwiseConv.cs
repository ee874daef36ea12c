using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A convolution of each channel on its own (the base class of Keras' <c>DepthwiseConv1D</c>, <c>DepthwiseConv2D</c>).
/// Weights: kernel (…kernel size, channels, multiplier), bias (channels · multiplier).
/// </summary>
public abstract class DepthwiseConv : ConvBase
{
    readonly int _depthMultiplier;
    readonly Initializer _depthwiseInitializer;
    readonly Regularizer? _depthwiseRegularizer;
    readonly Constraint? _depthwiseConstraint;
    Variable? _kernel;

    private protected DepthwiseConv(int rank, ConvOptions convolution, int depthMultiplier,
        Initializer? depthwiseInitializer, Regularizer? depthwiseRegularizer, Constraint? depthwiseConstraint,
        LayerOptions options)
        : base(rank, convolution, options)
    {
        Saving.Padding.Check(convolution.Padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(depthMultiplier, 1);
        _depthMultiplier = depthMultiplier;
        (_depthwiseInitializer, _depthwiseRegularizer, _depthwiseConstraint) =
            (depthwiseInitializer ?? "glorot_uniform", depthwiseRegularizer, depthwiseConstraint);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["depth_multiplier"] = _depthMultiplier;
        config["depthwise_initializer"] = _depthwiseInitializer.Serialize();
        config["depthwise_regularizer"] = _depthwiseRegularizer?.Serialize();
        config["depthwise_constraint"] = _depthwiseConstraint?.Serialize();
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int channels = Channels(inputShape);
        _kernel = AddWeight("depthwise_kernel", [.. KernelSize, channels, _depthMultiplier], _depthwiseInitializer,
            _depthwiseRegularizer, constraint: _depthwiseConstraint);
        BuildBias(Graphs.Counts.Fits((long)channels * _depthMultiplier, $"Layer {Name}: {channels} channels, " +
            $"{_depthMultiplier} times,"));
    }

    private protected override Graphs.Dim OutputChannels(Graphs.Dim channels) => channels * _depthMultiplier;

    private protected override Tensor Convolve(Tensor x) => Depthwise.Convolve(PatchesOf(x), _kernel!, Rank);
}
