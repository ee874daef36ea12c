namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Specifies how often values are written for TensorBoard: after each epoch, after each batch, or after a number of
/// samples.
/// </summary>
public class UpdateFreq
{
    UpdateFreq(int? samples) => Samples = samples;

    /// <summary>Gets the number of samples between writes, or null for once per epoch.</summary>
    internal int? Samples { get; }

    /// <summary>Converts <c>"epoch"</c> or <c>"batch"</c> to a frequency.</summary>
    /// <param name="unit">The unit.</param>
    /// <exception cref="ArgumentException">The unit is unknown.</exception>
    public static implicit operator UpdateFreq(string unit) => unit switch
    {
        "epoch" => new(null),
        "batch" => new(1),
        _ => throw new ArgumentException(
            $"`update_freq` must be \"epoch\", \"batch\" or a number of samples; given \"{unit}\".", nameof(unit)),
    };

    /// <summary>Converts a number of samples to a frequency.</summary>
    /// <param name="samples">The number of samples, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static implicit operator UpdateFreq(int samples) => samples >= 1 ? new(samples)
        : throw new ArgumentOutOfRangeException(nameof(samples),
            $"`update_freq` must be 1 sample or more; given {samples}.");
}
