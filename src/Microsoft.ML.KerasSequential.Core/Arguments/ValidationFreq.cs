namespace Microsoft.ML.KerasSequential;

/// <summary>The epochs after which validation runs: every n-th, or those listed (counted from 1).</summary>
public sealed class ValidationFreq
{
    readonly int _every;
    readonly int[]? _epochs;

    ValidationFreq(int every, int[]? epochs) => (_every, _epochs) = (every, epochs);

    /// <summary>Every n-th epoch.</summary>
    /// <param name="every">n, 1 or more.</param>
    /// <exception cref="ArgumentException">Less than 1.</exception>
    public static implicit operator ValidationFreq(int every) => every >= 1 ? new(every, null)
        : throw new ArgumentException($"`validation_freq` cannot be less than 1; given {every}.", nameof(every));

    /// <summary>The epochs listed, counted from 1.</summary>
    /// <param name="epochs">The epochs.</param>
    public static implicit operator ValidationFreq(int[] epochs)
    {
        ArgumentNullException.ThrowIfNull(epochs);
        return new(1, (int[])epochs.Clone());
    }

    internal bool Includes(int epoch) => _epochs?.Contains(epoch + 1) ?? (epoch + 1) % _every == 0;
}
