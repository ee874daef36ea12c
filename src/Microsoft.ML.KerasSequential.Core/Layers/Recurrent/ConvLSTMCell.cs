using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A long short-term memory (LSTM) cell whose products are convolutions (Shi et al. 2015; the base class of
/// <see cref="ConvLSTM2DCell"/>). Weights: kernel (…kernel size, channels, 4·filters), recurrent kernel (…kernel size,
/// filters, 4·filters), bias; the gates are in the order i, f, c, o.
/// </summary>
public abstract class ConvLSTMCell : Cell
{
    const int Gates = 4;

    readonly CellOptions _options;
    readonly int _rank;
    readonly int[] _kernelSize, _strides, _dilationRate;
    readonly string _padding;
    readonly bool _channelsFirst, _unitForgetBias;
    readonly ActivationFunction _activation, _recurrentActivation;
    readonly Initializer _kernelInitializer, _recurrentInitializer, _biasInitializer;
    Variable? _kernel, _recurrentKernel, _bias;

    private protected ConvLSTMCell(int rank, ConvGeometry geometry, CellOptions options, bool unitForgetBias,
    LayerOptions layer)
        : base(layer)
    {
        if (options.Units < 1)
            throw new ArgumentOutOfRangeException(nameof(options), "A convolution needs 1 or more filters; given " +
                $"{options.Units}.");
        if (options.Units > Graphs.Counts.Largest / Gates)
            throw new ArgumentOutOfRangeException(nameof(options), "A recurrent convolution cannot have " +
                $"{options.Units} filters: the gates would have too many weights.");
        ArgumentNullException.ThrowIfNull(geometry.KernelSize, "kernelSize");
        (_rank, _options) = (rank, options);
        _kernelSize = geometry.KernelSize.For(rank, "kernelSize");
        _strides = (geometry.Strides ?? 1).For(rank, "strides");
        _dilationRate = (geometry.DilationRate ?? 1).For(rank, "dilationRate");
        _padding = Saving.Padding.Check(geometry.Padding);
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(geometry.DataFormat);
        _unitForgetBias = unitForgetBias;
        (_activation, _recurrentActivation) =
            (options.Activation ?? "tanh", options.RecurrentActivation ?? "sigmoid");
        (_kernelInitializer, _recurrentInitializer, _biasInitializer) = (options.KernelInitializer ?? "glorot_uniform",
            options.RecurrentInitializer ?? "orthogonal", options.BiasInitializer ?? "zeros");
    }

    /// <summary>The number of output channels.</summary>
    public int Filters => _options.Units;

    /// <inheritdoc/>
    public override IReadOnlyList<int> StateSize => [Filters, Filters];

    /// <inheritdoc/>
    protected override int? InputRank => _rank + 2;

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> StateShapes(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int[] places = [.. Enumerable.Range(0, _rank).Select(i => inputShape[i + (_channelsFirst ? 2 : 1)] is int size
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
            _options.RecurrentDropout, (h, kernel) => Convolution.Of(h, kernel, Ones, Ones, "same"));
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
        if (_options.Seed is int seed) config["seed"] = seed;
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
        // Over all time steps, the first dimension is the step.
        Shape? sameAtAllSteps = x.Rank == _rank + 3 ? new Shape([1, .. Enumerable.Repeat((int?)null,
        _rank + 2)]) : null;
        return K.Concatenate([.. Enumerable.Range(0, Gates).Select(gate =>
            convolve(K.Dropout(x, rate, sameAtAllSteps, _options.Seed), K.Slice(kernel, -1, gate * Filters,
            Filters)))]);
    }

    int[] Ones => [.. Enumerable.Repeat(1, _rank)];

    static bool Drops(double rate) => K.LearningPhase() && rate is > 0 and < 1;
}
