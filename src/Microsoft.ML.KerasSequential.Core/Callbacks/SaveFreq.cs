namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Specifies how often a file is saved: after each epoch, or after a number of batches (Keras 3 <c>save_freq</c>).
/// </summary>
public sealed class SaveFreq
{
    SaveFreq(int? batches) => Batches = batches;

    /// <summary>Gets the number of batches between two files, or null for once per epoch.</summary>
    internal int? Batches { get; }

    /// <summary>Converts <c>"epoch"</c> to a frequency.</summary>
    /// <param name="unit">The unit.</param>
    /// <exception cref="ArgumentException">The unit is unknown.</exception>
    public static implicit operator SaveFreq(string unit) => unit == "epoch" ? new(null)
        : throw new ArgumentException($"`save_freq` must be \"epoch\" or a number of batches; given \"{unit}\".",
            nameof(unit));

    /// <summary>Converts a number of batches to a frequency.</summary>
    /// <param name="batches">The number of batches, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static implicit operator SaveFreq(int batches) => batches >= 1 ? new(batches)
        : throw new ArgumentOutOfRangeException(nameof(batches),
            $"`save_freq` must be 1 batch or more; given {batches}.");
}
