using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential;

/// <summary>How <c>fit</c> shuffles samples before each epoch: not at all, one by one, or in whole batches.</summary>
public sealed class Shuffle
{
    Shuffle(bool samples, bool batches) => (Samples, Batches) = (samples, batches);

    internal bool Samples { get; }

    internal bool Batches { get; }

    /// <summary>Shuffles the sample indices.</summary>
    /// <param name="order">The indices; 0, 1, 2 … when whole batches are shuffled.</param>
    /// <param name="batchSize">The batch size; a smaller last batch stays last.</param>
    /// <param name="random">The source of the new order, if there is one.</param>
    internal void Reorder(int[] order, int batchSize, Func<RandomSource> random)
    {
        if (Samples) random().Shuffle(order);
        if (!Batches) return;
        int whole = order.Length / batchSize;
        int[] batches = [.. Enumerable.Range(0, whole)];
        random().Shuffle(batches);
        for (int b = 0; b < whole; b++)
            for (int i = 0; i < batchSize; i++) order[b * batchSize + i] = batches[b] * batchSize + i;
    }

    /// <summary>Samples one by one, or no shuffling.</summary>
    /// <param name="shuffle">Whether to shuffle.</param>
    public static implicit operator Shuffle(bool shuffle) => new(shuffle, false);

    /// <summary><c>"batch"</c>: whole batches.</summary>
    /// <param name="mode">The mode.</param>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    public static implicit operator Shuffle(string mode) => mode == "batch" ? new(false, true)
        : throw new ArgumentException($"`shuffle` must be true, false or \"batch\"; given \"{mode}\".", nameof(mode));
}
