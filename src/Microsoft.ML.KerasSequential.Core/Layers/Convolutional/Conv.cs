using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// activation(x ∗ kernel + bias), a kernel sliding over the places of the input (the base of Keras' <c>Conv1D</c>, <c>Conv2D</c>, <c>Conv3D</c>).
/// Weights: kernel (…kernel size, channels, filters), bias (filters).
/// </summary>
public abstract class Conv : Layer
{
    readonly int _rank, _filters;
    readonly int[] _kernelSize, _strides, _dilationRate;
    readonly string _padding;
    readonly bool _channelsFirst, _useBias;
    readonly ActivationFunction _activation;
    readonly Initializer _kernelInitializer, _biasInitializer;
    readonly Regularizer? _kernelRegularizer, _biasRegularizer;
    readonly Constraint? _kernelConstraint, _biasConstraint;
    Variable? _kernel, _bias;

    private protected Conv(int rank, int filters, Sizes kernelSize, Sizes? strides, string padding, string? dataFormat, Sizes? dilationRate, ActivationFunction? activation, bool useBias,
        Initializer? kernelInitializer, Initializer? biasInitializer, Regularizer? kernelRegularizer, Regularizer? biasRegularizer, Regularizer? activityRegularizer,
        Constraint? kernelConstraint, Constraint? biasConstraint, LayerOptions options) : base(options)
    {
        ArgumentNullException.ThrowIfNull(kernelSize);
        if (filters < 1) throw new ArgumentOutOfRangeException(nameof(filters), $"A convolution needs 1 filter or more; given {filters}.");
        (_rank, _filters) = (rank, filters);
        _kernelSize = kernelSize.For(rank, nameof(kernelSize));
        _strides = (strides ?? 1).For(rank, nameof(strides));
        _dilationRate = (dilationRate ?? 1).For(rank, nameof(dilationRate));
        if (_strides.Any(s => s > 1) && _dilationRate.Any(d => d > 1))
            throw new ArgumentException($"`strides` above 1 cannot be combined with a `dilation_rate` above 1; given {string.Join(", ", _strides)} and {string.Join(", ", _dilationRate)}.", nameof(dilationRate));
        _padding = Saving.Padding.Check(padding, causal: rank == 1);
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
        if (_channelsFirst && _padding == "causal") throw new ArgumentException("When using causal padding in `Conv1D`, `data_format` must be \"channels_last\" (temporal data).", nameof(dataFormat));
        (_activation, _useBias) = (activation ?? "linear", useBias);
        (_kernelInitializer, _biasInitializer) = (kernelInitializer ?? "glorot_uniform", biasInitializer ?? "zeros");
        (_kernelRegularizer, _biasRegularizer, ActivityRegularizer) = (kernelRegularizer, biasRegularizer, activityRegularizer);
        (_kernelConstraint, _biasConstraint) = (kernelConstraint, biasConstraint);
    }

    /// <summary>The number of output channels.</summary>
    public int Filters => _filters;

    /// <inheritdoc/>
    protected override int? InputRank => _rank + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (_channelsFirst) x = K.PermuteDimensions(x, [0, .. Enumerable.Range(2, _rank), 1]);
        var windows = new Window[_rank];
        for (int i = 0; i < _rank; i++)
        {
            int length = x.Dims[i + 1].Constant ?? throw new ArgumentException($"Layer {Name} needs an input whose places are known; given {x.Shape}.", nameof(x));
            windows[i] = Window.Of(_kernelSize[i], _strides[i], _dilationRate[i], _padding, length);
        }
        // Each place's patch in a row: then the convolution is one matrix product.
        var patches = new Tensor(new Patches(new(windows), 0), x);
        int patch = _kernel!.Sizes.ToArray().SkipLast(1).Aggregate(1, (size, d) => size * d);
        Tensor rows = new(new Ops.Reshape(new Graphs.Dims([.. patches.Dims.Take(_rank + 1), patch])), patches);
        Tensor y = K.Dot(rows, K.Reshape(_kernel, patch, _filters));
        if (_bias is not null) y = K.BiasAdd(y, _bias);
        y = _activation.Call(y);
        return _channelsFirst ? K.PermuteDimensions(y, [0, _rank + 1, .. Enumerable.Range(1, _rank)]) : y;
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["filters"] = _filters;
        config["kernel_size"] = Saving.Config.Sizes(_kernelSize.Select(k => (int?)k));
        config["strides"] = Saving.Config.Sizes(_strides.Select(s => (int?)s));
        config["padding"] = _padding;
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        config["dilation_rate"] = Saving.Config.Sizes(_dilationRate.Select(d => (int?)d));
        config["activation"] = _activation.Serialize();
        config["use_bias"] = _useBias;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["kernel_regularizer"] = _kernelRegularizer?.Serialize();
        config["bias_regularizer"] = _biasRegularizer?.Serialize();
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
        config["kernel_constraint"] = _kernelConstraint?.Serialize();
        config["bias_constraint"] = _biasConstraint?.Serialize();
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int channels = inputShape[_channelsFirst ? 1 : -1] ?? throw new ArgumentException($"The channel dimension of the inputs to layer {Name} should be defined. Found `None` in {inputShape}.", nameof(inputShape));
        _kernel = AddWeight("kernel", [.. _kernelSize, channels, _filters], _kernelInitializer, _kernelRegularizer, constraint: _kernelConstraint);
        _bias = _useBias ? AddWeight("bias", [_filters], _biasInitializer, _biasRegularizer, constraint: _biasConstraint) : null;
    }
}
