using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Regularizers;
using ActivationFunction = Microsoft.ML.KerasSequential.Activations.Activation;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// A convolution with a different kernel at each position (the base class of Keras' <c>LocallyConnected1D</c>,
/// <c>LocallyConnected2D</c>). Weights: kernel (output positions, kernel size·channels, filters), bias (…output
/// positions, filters).
/// </summary>
public abstract class LocallyConnected : Layer
{
    readonly int _rank, _filters, _implementation;
    readonly int[] _kernelSize, _strides;
    readonly string _padding;
    readonly bool _channelsFirst;
    readonly ConvOptions _options;
    readonly ActivationFunction _activation;
    readonly Initializer _kernelInitializer, _biasInitializer;
    readonly Regularizer? _kernelRegularizer;
    readonly Constraint? _kernelConstraint;
    Variable? _kernel, _bias;

    private protected LocallyConnected(int rank, int filters, ConvOptions options, Initializer? kernelInitializer,
        Regularizer? kernelRegularizer, Constraint? kernelConstraint, int implementation, LayerOptions layer)
        : base(layer)
    {
        if (filters < 1)
            throw new ArgumentOutOfRangeException(nameof(filters), "A locally connected layer needs 1 or more " +
                $"filters; given {filters}.");
        if (implementation is not (1 or 2))
            throw new ArgumentOutOfRangeException(nameof(implementation), "The implementation must be 1 or 2; given " +
                $"{implementation}.");
        ArgumentNullException.ThrowIfNull(options.KernelSize, "kernelSize");
        _padding = Saving.Padding.Check(options.Padding);
        if (_padding != "valid")
            throw new ArgumentException("Invalid border mode for a locally connected layer (only \"valid\" is " +
                $"supported): {_padding}", nameof(options));
        (_rank, _filters, _options, _implementation) = (rank, filters, options, implementation);
        _kernelSize = options.KernelSize.For(rank, "kernelSize");
        _strides = (options.Strides ?? 1).For(rank, "strides");
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(options.DataFormat);
        (_activation, _kernelInitializer, _biasInitializer) =
            (options.Activation ?? "linear", kernelInitializer ?? "glorot_uniform", options.BiasInitializer ?? "zeros");
        (_kernelRegularizer, _kernelConstraint, ActivityRegularizer) =
            (kernelRegularizer, kernelConstraint, options.ActivityRegularizer);
    }

    /// <inheritdoc/>
    protected override int? InputRank => _rank + 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Variable kernel = Made(_kernel);
        Tensor y = Products(ChannelOrder.ToLast(x, _channelsFirst), kernel, _kernelSize, _strides, _channelsFirst);
        if (_bias is not null) y += _bias;
        return ChannelOrder.FromLast(_activation.Call(y), _channelsFirst);
    }

    /// <summary>
    /// x (batch, …spatial, channels) with a kernel (output positions, kernel size·channels, filters).
    /// </summary>
    internal static Tensor Products(Tensor x, Tensor kernel, int[] kernelSize, int[] strides, bool channelsFirst)
    {
        int rank = kernelSize.Length;
        var patches =
            new Tensor(new Patches(Windows.Over(Windows.Lengths(x), kernelSize, strides, null, "valid"), 0), x);
        // Keras' kernels have the channels first if the data do.
        if (channelsFirst)
            patches = K.PermuteDimensions(patches,
                [.. Enumerable.Range(0, rank + 1), patches.Rank - 1, .. Enumerable.Range(rank + 1, rank)]);
        Dim[] places = [.. patches.Dims.Skip(1).Take(rank)];
        Tensor rows = new(new Ops.Reshape(new(x.Dims[0], kernel.Dims[0], kernel.Dims[1])), patches);
        // One product per output position.
        Tensor products = new(new BatchMatMul(false, false), K.PermuteDimensions(rows, 1, 0, 2), kernel);
        return new(new Ops.Reshape(new([x.Dims[0], .. places, kernel.Dims[2]])),
            K.PermuteDimensions(products, 1, 0, 2));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["filters"] = _filters;
        config["kernel_size"] = Saving.Config.Sizes(_kernelSize);
        config["strides"] = Saving.Config.Sizes(_strides);
        config["padding"] = _padding;
        // As in Keras, the sequence layer writes its data format only if it is not the default.
        if (_rank > 1 || _channelsFirst) config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        config["activation"] = _activation.Serialize();
        config["use_bias"] = _options.UseBias;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["bias_initializer"] = _biasInitializer.Serialize();
        config["kernel_regularizer"] = _kernelRegularizer?.Serialize();
        config["bias_regularizer"] = _options.BiasRegularizer?.Serialize();
        config["activity_regularizer"] = ActivityRegularizer?.Serialize();
        config["kernel_constraint"] = _kernelConstraint?.Serialize();
        config["bias_constraint"] = _options.BiasConstraint?.Serialize();
        if (_implementation != 1) config["implementation"] = _implementation;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int[] sizes = [.. inputShape.Skip(1).Select(d => d
            ?? throw new ArgumentException($"The sizes of the inputs to layer {Name} should be fully defined. Found " +
            $"shape {inputShape}.", nameof(inputShape)))];
        int[] lengths = _channelsFirst ? sizes[1..] : sizes[..^1];
        int channels = _channelsFirst ? sizes[0] : sizes[^1];
        int[] places = [.. Windows.Over(lengths, _kernelSize, _strides, null,
            _padding).Values.Select((w, i) => w.Positions(lengths[i]))];
        if (places.Any(p => p < 1))
            throw new ArgumentException($"The kernel of layer {Name} does not fit its input of shape {inputShape}.",
                nameof(inputShape));
        _kernel = AddWeight("kernel",
            [Graphs.Counts.Values(places), Graphs.Counts.Values([.. _kernelSize, channels]), _filters],
            _kernelInitializer, _kernelRegularizer, constraint: _kernelConstraint);
        _bias = _options.UseBias ? AddWeight("bias", [.. places, _filters], _biasInitializer, _options.BiasRegularizer,
            constraint: _options.BiasConstraint) : null;
    }
}
