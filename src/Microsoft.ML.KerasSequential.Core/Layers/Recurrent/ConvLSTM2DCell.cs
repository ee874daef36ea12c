using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A long short-term memory (LSTM) cell whose products are convolutions (Shi et al. 2015; Keras
/// <c>keras.layers.ConvLSTM2DCell</c>). Weights: kernel (rows, columns, channels, 4·filters), recurrent kernel (rows,
/// columns, filters, 4·filters), bias; the gates are in the order i, f, c, o.
/// </summary>
public class ConvLSTM2DCell : Cell
{
    const int Gates = 4;

    readonly CellOptions _options;
    readonly int[] _kernelSize, _strides, _dilationRate;
    readonly string _padding;
    readonly bool _channelsFirst, _unitForgetBias;
    readonly ActivationFunction _activation, _recurrentActivation;
    readonly Initializer _kernelInitializer, _recurrentInitializer, _biasInitializer;
    Variable? _kernel, _recurrentKernel, _bias;

    /// <summary>Creates the cell.</summary>
    /// <param name="filters">The number of output channels, 1 or more.</param>
    /// <param name="kernelSize">The size of both kernels: one number per dimension, or one for both.</param>
    /// <param name="strides">The stride of the kernel over the input; 1 by default.</param>
    /// <param name="padding"><c>valid</c> or <c>same</c>, for the input.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="dilationRate">The spacing of the elements of the kernel over the input; 1 by default.</param>
    /// <param name="activation">The activation function of the new values; <c>tanh</c> by default.</param>
    /// <param name="recurrentActivation">The activation function of the gates; <c>hard_sigmoid</c> by default.</param>
    /// <param name="useBias">Whether to add a bias vector.</param>
    /// <param name="kernelInitializer">The initializer for the kernel; <c>glorot_uniform</c> by default.</param>
    /// <param name="recurrentInitializer">
    /// The initializer for the recurrent kernel; <c>orthogonal</c> by default.
    /// </param>
    /// <param name="biasInitializer">The initializer for the bias; <c>zeros</c> by default.</param>
    /// <param name="unitForgetBias">Whether the forget gate's bias starts at 1 (Jozefowicz et al. 2015).</param>
    /// <param name="kernelRegularizer">The regularizer for the kernel.</param>
    /// <param name="recurrentRegularizer">The regularizer for the recurrent kernel.</param>
    /// <param name="biasRegularizer">The regularizer for the bias.</param>
    /// <param name="kernelConstraint">The constraint on the kernel.</param>
    /// <param name="recurrentConstraint">The constraint on the recurrent kernel.</param>
    /// <param name="biasConstraint">The constraint on the bias.</param>
    /// <param name="dropout">The fraction of the inputs set to 0 in training.</param>
    /// <param name="recurrentDropout">
    /// The fraction of the state set to 0 in training, before the recurrent kernel.
    /// </param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <exception cref="ArgumentException">A number is out of range, or an argument is unknown.</exception>
    public ConvLSTM2DCell(int filters, Sizes kernelSize, Sizes? strides = null, string padding = "valid",
        string? dataFormat = null, Sizes? dilationRate = null, ActivationFunction? activation = null,
        ActivationFunction? recurrentActivation = null, bool useBias = true, Initializer? kernelInitializer = null,
        Initializer? recurrentInitializer = null, Initializer? biasInitializer = null,
        bool unitForgetBias = true, Regularizer? kernelRegularizer = null, Regularizer? recurrentRegularizer = null,
        Regularizer? biasRegularizer = null, Constraint? kernelConstraint = null,
        Constraint? recurrentConstraint = null, Constraint? biasConstraint = null, double dropout = 0,
        double recurrentDropout = 0, string? name = null, bool trainable = true)
        : this(new ConvGeometry(kernelSize, strides, padding, dataFormat, dilationRate),
            new CellOptions(filters, activation, recurrentActivation ?? "hard_sigmoid", useBias, kernelInitializer,
            recurrentInitializer, biasInitializer, kernelRegularizer, recurrentRegularizer, biasRegularizer,
            kernelConstraint, recurrentConstraint, biasConstraint, dropout, recurrentDropout, 2), unitForgetBias,
            new LayerOptions(name, trainable))
    {
    }

    internal ConvLSTM2DCell(ConvGeometry geometry, CellOptions options, bool unitForgetBias, LayerOptions layer)
        : base(layer)
    {
        if (options.Units < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "A convolution needs 1 or more filters; given " +
                $"{options.Units}.");
        if (options.Units > Graphs.Counts.Largest / Gates)
            throw new ArgumentOutOfRangeException(nameof(options), "A recurrent convolution cannot have " +
                $"{options.Units} filters: the gates would have too many weights.");
        ArgumentNullException.ThrowIfNull(geometry.KernelSize, "kernelSize");
        _options = options;
        _kernelSize = geometry.KernelSize.For(2, "kernelSize");
        _strides = (geometry.Strides ?? 1).For(2, "strides");
        _dilationRate = (geometry.DilationRate ?? 1).For(2, "dilationRate");
        _padding = Saving.Padding.Check(geometry.Padding);
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(geometry.DataFormat);
        _unitForgetBias = unitForgetBias;
        (_activation, _recurrentActivation) =
            (options.Activation ?? "tanh", options.RecurrentActivation ?? "hard_sigmoid");
        (_kernelInitializer, _recurrentInitializer, _biasInitializer) = (options.KernelInitializer ?? "glorot_uniform",
            options.RecurrentInitializer ?? "orthogonal", options.BiasInitializer ?? "zeros");
    }

    /// <summary>The number of output channels.</summary>
    public int Filters => _options.Units;

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [Filters, Filters];

    /// <inheritdoc/>
    protected override int? InputRank => 4;

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> StateShapes(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int[] places = [.. Enumerable.Range(0, 2).Select(i => inputShape[i + (_channelsFirst ? 2 : 1)] is int size
            ? Window.Of(_kernelSize[i], _strides[i], _dilationRate[i], _padding, size).Positions(size)
            : throw new ArgumentException($"Layer {Name} needs an input with known sizes; given {inputShape}.",
                nameof(inputShape)))];
        int[] state = _channelsFirst ? [Filters, .. places] : [.. places, Filters];
        return [state, state];
    }

    /// <inheritdoc/>
    public override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor prepared = Prepare(K.ExpandDims(x, 0)).Sequence;
        return Step(K.Squeeze(prepared, 0), states, []);
    }

    /// <summary>The convolutions of the input for all time steps, channels last.</summary>
    internal override Prepared Prepare(Tensor x)
    {
        var merged = new Graphs.Dims([x.Dims[0] * x.Dims[1], .. x.Dims.Skip(2)]);
        Tensor Convolved(Tensor steps, Tensor kernel) =>
            Convolution.Of(ChannelOrder.ToLast(new Tensor(new Ops.Reshape(merged), steps), _channelsFirst), kernel,
                _strides, _dilationRate, _padding);
        Tensor y = PerGate(x, _kernel!, _options.Dropout, Convolved);
        if (_bias is not null) y = K.BiasAdd(y, _bias);
        return new(new Tensor(new Ops.Reshape(new([x.Dims[0], x.Dims[1], .. y.Dims.Skip(1)])), y), []);
    }

    internal override CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared)
    {
        Tensor gates = x + PerGate(ChannelOrder.ToLast(states[0], _channelsFirst), _recurrentKernel!,
            _options.RecurrentDropout, (h, kernel) => Convolution.Of(h, kernel, [1, 1], [1, 1], "same"));
        Tensor Gate(int gate) => K.Slice(gates, -1, gate * Filters, Filters);
        Tensor i = _recurrentActivation.Call(Gate(0)), f = _recurrentActivation.Call(Gate(1)),
            o = _recurrentActivation.Call(Gate(3));
        Tensor c = f * ChannelOrder.ToLast(states[1], _channelsFirst) + i * _activation.Call(Gate(2));
        Tensor h = ChannelOrder.FromLast(o * _activation.Call(c), _channelsFirst);
        return new(h, [h, ChannelOrder.FromLast(c, _channelsFirst)]);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        WriteSettings(config);
        return config;
    }

    internal void WriteSettings(JsonObject config)
    {
        config["filters"] = Filters;
        config["kernel_size"] = Saving.Config.Sizes(_kernelSize);
        config["strides"] = Saving.Config.Sizes(_strides);
        config["padding"] = _padding;
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        config["dilation_rate"] = Saving.Config.Sizes(_dilationRate);
        config["activation"] = _activation.Serialize();
        config["recurrent_activation"] = _recurrentActivation.Serialize();
        config["use_bias"] = _options.UseBias;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["recurrent_initializer"] = _recurrentInitializer.Serialize();
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["unit_forget_bias"] = _unitForgetBias;
        _options.WriteRules(config);
        config["dropout"] = _options.Dropout;
        config["recurrent_dropout"] = _options.RecurrentDropout;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int channels = inputShape[_channelsFirst ? 1 : -1]
            ?? throw new ArgumentException($"The channel dimension of the inputs to layer {Name} should be defined. " +
                $"Found `None` in {inputShape}.", nameof(inputShape));
        _kernel = AddWeight("kernel", [.. _kernelSize, channels, Gates * Filters], _kernelInitializer,
            _options.KernelRegularizer, constraint: _options.KernelConstraint);
        _recurrentKernel = AddWeight("recurrent_kernel", [.. _kernelSize, Filters, Gates * Filters],
            _recurrentInitializer, _options.RecurrentRegularizer, constraint: _options.RecurrentConstraint);
        Initializer bias = _unitForgetBias ? new ForgetBias(_biasInitializer, Filters, gate: 1) : _biasInitializer;
        _bias = _options.UseBias
            ? AddWeight("bias", [Gates * Filters], bias, _options.BiasRegularizer, constraint: _options.BiasConstraint)
            : null;
    }

    /// <summary>One convolution for all gates, or one per gate if each gate drops different values.</summary>
    Tensor PerGate(Tensor x, Tensor kernel, double rate, Func<Tensor, Tensor, Tensor> convolve)
    {
        if (!Drops(rate)) return convolve(x, kernel);
        Shape? sameAtAllSteps = x.Rank == 5 ? [1, null, null, null, null] : null;
        return K.Concatenate([.. Enumerable.Range(0, Gates).Select(gate =>
            convolve(K.Dropout(x, rate, sameAtAllSteps), K.Slice(kernel, -1, gate * Filters, Filters)))]);
    }

    static bool Drops(double rate) => K.LearningPhase() && rate is > 0 and < 1;
}
