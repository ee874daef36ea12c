namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Batches by index (Keras <c>keras.utils.Sequence</c>). Each batch is used once per epoch; with several workers,
/// batches are made in parallel and still arrive in order.
/// </summary>
/// <remarks>
/// <see cref="this[int]"/> may be called from several threads at once. It must not use the model being trained, which
/// waits for it.
/// </remarks>
public abstract class BatchSequence
{
    /// <summary>The number of batches in an epoch.</summary>
    public abstract int Count { get; }

    /// <summary>Makes a batch.</summary>
    /// <param name="index">The batch's index, from 0.</param>
    public abstract Batch this[int index] { get; }

    /// <summary>Called after all batches were used once, before the next epoch; no batch is being made at that
    /// time.</summary>
    public virtual void OnEpochEnd()
    {
    }
}
