namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Where a kernel looks.</summary>
internal sealed record ConvGeometry(Sizes KernelSize, Sizes? Strides, string Padding, string? DataFormat, Sizes? DilationRate);
