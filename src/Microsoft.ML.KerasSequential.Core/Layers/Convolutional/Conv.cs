using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// activation(x ∗ kernel + bias) (the base class of Keras' <c>Conv1D</c>, <c>Conv2D</c>, <c>Conv3D</c>). Weights:
/// kernel (…kernel size, channels, filters), bias (filters).
/// </summary>
public abstract class Conv : ConvBase
{
    readonly Initializer _kernelInitializer;
    readonly Regularizer? _kernelRegularizer;
    readonly Constraint? _kernelConstraint;
    Variable? _kernel;

    private protected Conv(int rank, int filters, ConvOptions convolution, Initializer? kernelInitializer,
        Regularizer? kernelRegularizer, Constraint? kernelConstraint, LayerOptions options)
        : base(rank, convolution, options)
    {
        if (filters < 1)
            throw new ArgumentOutOfRangeException(nameof(filters), "A convolution needs 1 or more filters; given " +
                $"{filters}.");
        Filters = filters;
        (_kernelInitializer, _kernelRegularizer, _kernelConstraint) =
            (kernelInitializer ?? "glorot_uniform", kernelRegularizer, kernelConstraint);
    }

    /// <summary>The number of output channels.</summary>
    public int Filters { get; }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["filters"] = Filters;
        config["kernel_initializer"] = _kernelInitializer.Serialize();
        config["kernel_regularizer"] = _kernelRegularizer?.Serialize();
        config["kernel_constraint"] = _kernelConstraint?.Serialize();
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        ArgumentNullException.ThrowIfNull(inputShape);
        _kernel = AddWeight("kernel", [.. KernelSize, .. KernelChannels(Channels(inputShape))], _kernelInitializer,
            _kernelRegularizer, constraint: _kernelConstraint);
        BuildBias(Filters);
    }

    /// <summary>The last two sizes of the kernel.</summary>
    private protected virtual int[] KernelChannels(int channels) => [channels, Filters];

    private protected override Graphs.Dim OutputChannels(Graphs.Dim channels) => Filters;

    private protected override Tensor Convolve(Tensor x) => Convolution.Of(x, Kernel, Strides, DilationRate, Padding);

    private protected Variable Kernel => _kernel!;
}
