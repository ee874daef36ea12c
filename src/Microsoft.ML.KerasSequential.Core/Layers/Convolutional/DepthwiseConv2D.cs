using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Convolution of each channel of images for itself. Weights: kernel (…kernel size, channels, multiplier), bias, (batch, rows, columns, channels) (Keras <c>keras.layers.DepthwiseConv2D</c>).</summary>
public class DepthwiseConv2D : ConvBase
{
    readonly int _depthMultiplier;
    readonly Initializer _depthwiseInitializer;
    readonly Regularizer? _depthwiseRegularizer;
    readonly Constraint? _depthwiseConstraint;
    Variable? _kernel;

    /// <summary>Makes the layer.</summary>
    /// <param name="kernelSize">The size of the kernel, a number for each dimension or one for all.</param>
    /// <param name="strides">How far the kernel moves; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="depthMultiplier">How many kernels each input channel has.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">How far the places that the kernel sees lie apart; 1 by default.</param>
    /// <param name="activation">A function of the output; none by default.</param>
    /// <param name="useBias">Whether a vector is added.</param>
    /// <param name="depthwiseInitializer">The first values of the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="biasInitializer">The first values of the bias; <c>zeros</c> by default.</param>
    /// <param name="depthwiseRegularizer">A penalty on the kernel.</param>
    /// <param name="biasRegularizer">A penalty on the bias.</param>
    /// <param name="activityRegularizer">A penalty on the output.</param>
    /// <param name="depthwiseConstraint">A rule for the kernel.</param>
    /// <param name="biasConstraint">A rule for the bias.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <exception cref="ArgumentException">A size is less than 1, or an argument is unknown.</exception>
    public DepthwiseConv2D(Sizes kernelSize, Sizes? strides = null, string padding = "valid", int depthMultiplier = 1, string? dataFormat = null, Sizes? dilationRate = null, ActivationFunction? activation = null, bool useBias = true, Initializer? depthwiseInitializer = null, Initializer? biasInitializer = null, Regularizer? depthwiseRegularizer = null, Regularizer? biasRegularizer = null, Regularizer? activityRegularizer = null, Constraint? depthwiseConstraint = null, Constraint? biasConstraint = null, string? name = null, bool trainable = true, Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null)
        : this(kernelSize, strides, padding, depthMultiplier, dataFormat, dilationRate, activation, useBias, depthwiseInitializer, biasInitializer, depthwiseRegularizer, biasRegularizer, activityRegularizer, depthwiseConstraint, biasConstraint, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal DepthwiseConv2D(Sizes kernelSize, Sizes? strides, string padding, int depthMultiplier, string? dataFormat, Sizes? dilationRate, ActivationFunction? activation, bool useBias, Initializer? depthwiseInitializer, Initializer? biasInitializer, Regularizer? depthwiseRegularizer, Regularizer? biasRegularizer, Regularizer? activityRegularizer, Constraint? depthwiseConstraint, Constraint? biasConstraint, LayerOptions options)
        : base(2, new(kernelSize, strides, padding, dataFormat, dilationRate, activation, useBias, biasInitializer, biasRegularizer, activityRegularizer, biasConstraint), options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depthMultiplier, 1);
        _depthMultiplier = depthMultiplier;
        (_depthwiseInitializer, _depthwiseRegularizer, _depthwiseConstraint) = (depthwiseInitializer ?? "glorot_uniform", depthwiseRegularizer, depthwiseConstraint);
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
        _kernel = AddWeight("depthwise_kernel", [.. KernelSize, channels, _depthMultiplier], _depthwiseInitializer, _depthwiseRegularizer, constraint: _depthwiseConstraint);
        BuildBias(Graphs.Counts.Fits((long)channels * _depthMultiplier, $"Layer {Name}: {channels} channels, {_depthMultiplier} times,"));
    }

    private protected override Graphs.Dim OutputChannels(Graphs.Dim channels) => channels * _depthMultiplier;

    private protected override Tensor Convolve(Tensor x) => Depthwise.Convolve(PatchesOf(x), _kernel!, Rank);
}
