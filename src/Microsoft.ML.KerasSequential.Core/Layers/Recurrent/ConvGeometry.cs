namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The geometry of a convolution's kernel.</summary>
internal sealed record ConvGeometry(Sizes KernelSize, Sizes? Strides, string Padding, string? DataFormat,
    Sizes? DilationRate);
