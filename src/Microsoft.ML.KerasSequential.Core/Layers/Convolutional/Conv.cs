using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// activation(x ∗ kernel + bias) (the base class of Keras' <c>Conv1D</c>, <c>Conv2D</c>, <c>Conv3D</c>). Weights:
/// kernel (…kernel size, channels / groups, filters), bias (filters).
/// </summary>
public abstract class Conv : ConvBase
{
    readonly Initializer _kernelInitializer;
    readonly Regularizer? _kernelRegularizer;
    readonly Constraint? _kernelConstraint;
    Variable? _kernel;

    private protected Conv(int rank, int filters, ConvOptions convolution, Initializer? kernelInitializer,
        Regularizer? kernelRegularizer, Constraint? kernelConstraint, LayerOptions options, int groups = 1)
        : base(rank, convolution, options)
    {
        if (filters < 1)
            throw new ArgumentOutOfRangeException(nameof(filters), "A convolution needs 1 or more filters; given " +
                $"{filters}.");
        if (groups < 1 || filters % groups != 0)
            throw new ArgumentOutOfRangeException(nameof(groups), "The number of groups must be 1 or more and divide " +
                $"the number of filters; given {groups} groups and {filters} filters.");
        (Filters, Groups) = (filters, groups);
        (_kernelInitializer, _kernelRegularizer, _kernelConstraint) =
            (kernelInitializer ?? "glorot_uniform", kernelRegularizer, kernelConstraint);
    }

    /// <summary>The number of output channels.</summary>
    public int Filters { get; }

    /// <summary>The number of groups of channels.</summary>
    private protected int Groups { get; }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["filters"] = Filters;
        // Keras 2.3 does not know this key and would reject it.
        if (Groups != 1) config["groups"] = Groups;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["kernel_regularizer"] = _kernelRegularizer?.Serialize();
        config["kernel_constraint"] = _kernelConstraint?.Serialize();
        AddAdapterTo(config);
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        int channels = Channels(inputShape);
        if (channels % Groups != 0)
            throw new ArgumentException($"The number of input channels of layer {Name} must be a multiple of its " +
                $"{Groups} groups; the input has shape {inputShape}.", nameof(inputShape));
        _kernel = AddWeight("kernel", [.. KernelSize, .. KernelChannels(channels)], _kernelInitializer,
            _kernelRegularizer, constraint: _kernelConstraint);
        BuildBias(Filters);
        BuildAdapter(Target);
    }

    /// <summary>The last two sizes of the kernel.</summary>
    private protected virtual int[] KernelChannels(int channels) => [channels / Groups, Filters];

    private protected override Graphs.Dim OutputChannels(Graphs.Dim channels) => Filters;

    private protected override Tensor Convolve(Tensor x) =>
        Convolution.Grouped(x, Adapter?.Sum ?? Kernel, Groups, WindowsOver(Ops.Windows.Lengths(x)));

    private protected Variable Kernel => _kernel!;

    private protected AdapterTarget Target => new("kernel", _kernel, _kernelRegularizer, _kernelConstraint);
}
