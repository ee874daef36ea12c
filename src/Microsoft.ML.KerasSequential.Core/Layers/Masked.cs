namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>What travels from layer to layer: a tensor, and 1 or 0 for each of its steps (batch, steps), or null where all steps count.</summary>
internal readonly record struct Masked(Tensor Value, Tensor? Mask);
