using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential;

/// <summary>How <c>fit</c> reorders samples before each epoch: not at all, one by one, or by whole batches.</summary>
public sealed class Shuffle
{
    Shuffle(bool samples, bool batches) => (Samples, Batches) = (samples, batches);

    internal bool Samples { get; }

    internal bool Batches { get; }

    /// <summary>Reorders the numbers of samples.</summary>
    /// <param name="order">The numbers; 0, 1, 2 … where whole batches change places.</param>
    /// <param name="batchSize">The samples of a batch; a smaller last one stays last.</param>
    /// <param name="random">Where the new order comes from, if there is one.</param>
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

    /// <summary>One by one, or not at all.</summary>
    /// <param name="shuffle">Whether to.</param>
    public static implicit operator Shuffle(bool shuffle) => new(shuffle, false);

    /// <summary><c>"batch"</c>: whole batches.</summary>
    /// <param name="mode">The word.</param>
    /// <exception cref="ArgumentException">Another word.</exception>
    public static implicit operator Shuffle(string mode) => mode == "batch" ? new(false, true)
        : throw new ArgumentException($"`shuffle` must be true, false or \"batch\"; given \"{mode}\".", nameof(mode));
}
