namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// What is passed from layer to layer: a tensor, and 1 or 0 for each of its time steps (batch, steps), or null if all
/// steps count.
/// </summary>
internal readonly record struct Masked(Tensor Value, Tensor? Mask);
