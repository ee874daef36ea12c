using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// An operation that other frameworks have a single name for and this one composes from smaller ones, which its passes
/// fuse. The name is attached to the last of them (<see cref="Tensor.Meaning"/>), so that an exported model uses it.
/// </summary>
internal abstract record Composite;

/// <summary>The composite that a tensor represents, and its inputs.</summary>
internal sealed record Meaning(Composite Composite, IReadOnlyList<Tensor> Inputs);

/// <summary>
/// An activation function, by ONNX's name and attributes, available since a version of its operator set.
/// </summary>
internal sealed record NamedFunction(string Operator, int Since, params (string Name, object Value)[] Attributes)
    : Composite;

/// <summary>Clips to a lower and an upper bound.</summary>
internal sealed record Clipped(float Min, float Max) : Composite;

/// <summary>x where positive, else slope·x; inputs x, slopes.</summary>
internal sealed record ParametricRelu : Composite;

/// <summary>Softmax along any axis.</summary>
internal sealed record SoftmaxAlong(int Axis) : Composite;

/// <summary>The mean over axes.</summary>
internal sealed record MeanOver(Axes Axes, bool KeepDims) : Composite;

/// <summary>A reduction that keeps sizes of 1.</summary>
internal sealed record KeptReduction(ReduceKind Kind, Axes Axes) : Composite;

/// <summary>Normalized by moving averages; inputs x, mean, variance, then scale and shift if present.</summary>
internal sealed record BatchNormalized(int Axis, float Epsilon, bool Scaled, bool Shifted) : Composite;

/// <summary>
/// Shifted and scaled to a mean and a variance that were computed from data before, or back; inputs x, mean, variance.
/// Mean and variance broadcast in a shape. The count, which is stored with them, has no part in it.
/// </summary>
internal sealed record Standardized(IReadOnlyList<int> Shape, float Epsilon, bool Invert, Variable Count) : Composite;

/// <summary>Normalized over the axes from the first one on; inputs x, then scale and shift if present.</summary>
internal sealed record LayerNormalized(int FirstAxis, float Epsilon, bool Scaled, bool Shifted) : Composite;

/// <summary>A convolution of each channel on its own; inputs x, kernel (…sizes, channels, multiplier).</summary>
internal sealed record DepthwiseConvolution(Windows Windows) : Composite;

/// <summary>
/// A convolution of each group of channels with its own filters; inputs x, kernel (…sizes, channels / groups, filters).
/// </summary>
internal sealed record GroupedConvolution(Windows Windows, int Groups) : Composite;

/// <summary>
/// The operation whose gradient is a convolution with these windows; inputs x, kernel (…sizes, filters, channels of x).
/// </summary>
internal sealed record TransposedConvolution(Windows Windows) : Composite;

/// <summary>The mean of each window, without its padding.</summary>
internal sealed record AveragePool(Windows Windows) : Composite;

/// <summary>Upsampling along the axes from the first one on.</summary>
internal sealed record Upsampled(int FirstAxis, IReadOnlyList<int> Times, bool Bilinear) : Composite;

/// <summary>
/// Zero padding before and after the spatial dimensions of (batch, …spatial, channels); negative numbers crop.
/// </summary>
internal sealed record Margins(IReadOnlyList<(int Before, int After)> Ends) : Composite;
