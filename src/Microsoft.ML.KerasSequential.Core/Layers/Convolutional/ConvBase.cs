using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>What all convolutions share: a window that slides over spatial positions, a bias, an activation.</summary>
public abstract class ConvBase : Layer
{
    readonly bool _channelsFirst, _useBias;
    readonly ActivationFunction _activation;
    readonly Initializer _biasInitializer;
    readonly Regularizer? _biasRegularizer;
    readonly Constraint? _biasConstraint;
    Variable? _bias;

    private protected ConvBase(int rank, ConvOptions convolution, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(convolution.KernelSize, "kernelSize");
        Rank = rank;
        KernelSize = convolution.KernelSize.For(rank, "kernelSize");
        Strides = (convolution.Strides ?? 1).For(rank, "strides");
        DilationRate = (convolution.DilationRate ?? 1).For(rank, "dilationRate");
        Convolution.CheckMoves(Strides, DilationRate, nameof(convolution));
        Padding = Saving.Padding.Check(convolution.Padding, causal: rank == 1);
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(convolution.DataFormat);
        if (_channelsFirst && Padding == "causal")
            throw new ArgumentException("With causal padding the data format must be \"channels_last\" (temporal " +
                "data).", nameof(convolution));
        (_activation, _useBias) = (convolution.Activation ?? "linear", convolution.UseBias);
        (_biasInitializer, _biasRegularizer, _biasConstraint) =
            (convolution.BiasInitializer ?? "zeros", convolution.BiasRegularizer, convolution.BiasConstraint);
        ActivityRegularizer = convolution.ActivityRegularizer;
    }

    internal bool ChannelsFirst => _channelsFirst;

    private protected int Rank { get; }

    private protected int[] KernelSize { get; }

    private protected int[] Strides { get; }

    private protected int[] DilationRate { get; }

    private protected string Padding { get; }

    /// <inheritdoc/>
    protected override int? InputRank => Rank + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = ChannelOrder.ToLast(x, _channelsFirst);
        Tensor y = Later.For(x, OutputLength, OutputChannels(x.Dims.Last)) ?? Convolve(x);
        if (_bias is not null) y = K.BiasAdd(y, _bias);
        // A function along the last axis sees the last axis of the output, whatever it is, as in Keras.
        return _channelsFirst && _activation.IsAlongAxis ? _activation.Call(ChannelOrder.FromLast(y, true))
            : ChannelOrder.FromLast(_activation.Call(y), _channelsFirst);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["kernel_size"] = Saving.Config.Sizes(KernelSize);
        config["strides"] = Saving.Config.Sizes(Strides);
        config["padding"] = Padding;
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        config["dilation_rate"] = Saving.Config.Sizes(DilationRate);
        config["activation"] = _activation.Serialize();
        config["use_bias"] = _useBias;
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["bias_regularizer"] = _biasRegularizer?.Serialize();
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
        config["bias_constraint"] = _biasConstraint?.Serialize();
        return config;
    }

    /// <summary>The output size along a spatial dimension.</summary>
    private protected virtual int OutputLength(int length, int i) =>
        Window.Of(KernelSize[i], Strides[i], DilationRate[i], Padding, length).Positions(length);

    /// <summary>The number of output channels.</summary>
    private protected abstract Graphs.Dim OutputChannels(Graphs.Dim channels);

    /// <summary>The convolution of a channels-last input, without bias and activation.</summary>
    private protected abstract Tensor Convolve(Tensor x);

    /// <summary>The number of input channels.</summary>
    private protected int Channels(Shape inputShape) => inputShape[_channelsFirst ? 1 : -1]
        ?? throw new ArgumentException($"The channel dimension of the inputs to layer {Name} should be defined. " +
            $"Found `None` in {inputShape}.", nameof(inputShape));

    /// <summary>Creates the bias, after the kernels.</summary>
    private protected void BuildBias(int filters) =>
        _bias = _useBias ? AddWeight("bias", [filters], _biasInitializer, _biasRegularizer, constraint: _biasConstraint)
            : null;

    /// <summary>What the kernel covers at each position: (batch, …positions, …kernel size, channels).</summary>
    private protected Tensor PatchesOf(Tensor x) => new(new Patches(WindowsOver(Windows.Lengths(x)), 0), x);

    private protected Windows WindowsOver(int[] lengths) =>
        Windows.Over(lengths, KernelSize, Strides, DilationRate, Padding);
}
