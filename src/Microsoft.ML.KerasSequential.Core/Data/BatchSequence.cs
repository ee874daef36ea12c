namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Batches by number (Keras <c>keras.utils.Sequence</c>). Each batch is used once an epoch; with several workers batches are made
/// beside each other and still come in order.
/// </summary>
/// <remarks>
/// <see cref="this[int]"/> is called from several threads at a time. It must not use the model that is being trained, which
/// waits for it.
/// </remarks>
public abstract class BatchSequence
{
    /// <summary>The number of batches in an epoch.</summary>
    public abstract int Count { get; }

    /// <summary>Makes a batch.</summary>
    /// <param name="index">Its number, from 0.</param>
    public abstract Batch this[int index] { get; }

    /// <summary>Called when all batches were used once, before the next epoch; no batch is being made meanwhile.</summary>
    public virtual void OnEpochEnd()
    {
    }
}
