namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>The arguments that every layer takes (Keras' <c>**kwargs</c> of <c>Layer</c>).</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Trainable">Whether training may change the weights; true by default.</param>
/// <param name="InputShape">The shape of one sample, for a model's first layer.</param>
/// <param name="BatchInputShape">The shape of a batch, for a model's first layer.</param>
/// <param name="BatchSize">A fixed batch size to go with <paramref name="InputShape"/>.</param>
/// <param name="Weights">The initial weights.</param>
public readonly record struct LayerOptions(
    string? Name = null,
    bool? Trainable = null,
    Shape? InputShape = null,
    Shape? BatchInputShape = null,
    int? BatchSize = null,
    IReadOnlyList<NDArray>? Weights = null)
{
    /// <summary>The batch's shape, from whichever argument specifies it.</summary>
    internal Shape? FullInputShape()
    {
        if (BatchSize is int batch and < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), $"A batch size must be 1 or more; given {batch}.");
        Shape? full = BatchInputShape ?? (InputShape is null ? null : new Shape([BatchSize, .. InputShape]));
        if (full is { Rank: 0 })
            throw new ArgumentException("An input shape that includes the batch needs at least one dimension.",
                nameof(BatchInputShape));
        foreach (int? dim in full ?? [])
            if (dim is < 1)
                throw new ArgumentOutOfRangeException(nameof(InputShape), "The sizes of an input shape must be 1 or " +
                    $"more, or null; given {full}.");
        return full;
    }
}
