namespace Microsoft.ML.KerasSequential;

/// <summary>How <c>fit</c> reorders samples before each epoch: not at all, one by one, or by whole batches.</summary>
public sealed class Shuffle
{
    Shuffle(bool samples, bool batches) => (Samples, Batches) = (samples, batches);

    internal bool Samples { get; }

    internal bool Batches { get; }

    /// <summary>One by one, or not at all.</summary>
    /// <param name="shuffle">Whether to.</param>
    public static implicit operator Shuffle(bool shuffle) => new(shuffle, false);

    /// <summary><c>"batch"</c>: whole batches.</summary>
    /// <param name="mode">The word.</param>
    /// <exception cref="ArgumentException">Another word.</exception>
    public static implicit operator Shuffle(string mode) => mode == "batch" ? new(false, true)
        : throw new ArgumentException($"`shuffle` must be true, false or \"batch\"; given \"{mode}\".", nameof(mode));
}
