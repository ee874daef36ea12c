using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// An operation that other frameworks know by one name and this one computes from smaller ones, which its passes fuse. The name
/// stands beside the last of them (<see cref="Tensor.Meaning"/>), so that an exported model says what was meant.
/// </summary>
internal abstract record Composite;

/// <summary>What a tensor is by another name, and of what.</summary>
internal sealed record Meaning(Composite Composite, IReadOnlyList<Tensor> Inputs);

/// <summary>An activation function, by ONNX' name and attributes, known since a version of its operators.</summary>
internal sealed record NamedFunction(string Operator, int Since, params (string Name, object Value)[] Attributes) : Composite;

/// <summary>Cut off below and above.</summary>
internal sealed record Clipped(float Min, float Max) : Composite;

/// <summary>x where positive, else slope·x; inputs x, slopes.</summary>
internal sealed record ParametricRelu : Composite;

/// <summary>Softmax along any axis.</summary>
internal sealed record SoftmaxAlong(int Axis) : Composite;

/// <summary>The mean over axes.</summary>
internal sealed record MeanOver(Axes Axes, bool KeepDims) : Composite;

/// <summary>A reduction that leaves sizes of 1 behind.</summary>
internal sealed record KeptReduction(ReduceKind Kind, Axes Axes) : Composite;

/// <summary>Normalised by moving averages; inputs x, mean, variance, then scale and shift where they exist.</summary>
internal sealed record BatchNormalized(int Axis, float Epsilon, bool Scaled, bool Shifted) : Composite;

/// <summary>Normalised over the axes from the first on; inputs x, then scale and shift where they exist.</summary>
internal sealed record LayerNormalized(int FirstAxis, float Epsilon, bool Scaled, bool Shifted) : Composite;

/// <summary>A convolution of each channel by itself; inputs x, kernel (…sizes, channels, multiplier).</summary>
internal sealed record DepthwiseConvolution(Windows Windows) : Composite;

/// <summary>What a convolution with these windows has as its gradient; inputs x, kernel (…sizes, filters, channels of x).</summary>
internal sealed record TransposedConvolution(Windows Windows) : Composite;

/// <summary>The mean of each window, without its margins.</summary>
internal sealed record AveragePool(Windows Windows) : Composite;

/// <summary>More places along the axes from the first on.</summary>
internal sealed record Upsampled(int FirstAxis, IReadOnlyList<int> Times, bool Bilinear) : Composite;

/// <summary>Zeros put before and after the places of (batch, …places, channels); negative numbers cut.</summary>
internal sealed record Margins(IReadOnlyList<(int Before, int After)> Ends) : Composite;
