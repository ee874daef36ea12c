using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Assigns samples to batches, in a different order in each epoch. The random numbers of a sample depend only on seed,
/// epoch and sample, so any number of threads makes the same batches.
/// </summary>
internal sealed class EpochOrder
{
    readonly int _batchSize;
    readonly bool _shuffle;
    readonly ulong _seed;
    readonly int[] _order;
    ulong _epoch;

    /// <summary>Creates the order of the first epoch.</summary>
    /// <param name="count">The number of samples.</param>
    /// <param name="batchSize">The batch size; the last batch may be smaller.</param>
    /// <param name="shuffle">Whether the order is random; otherwise the samples keep their order.</param>
    /// <param name="seed">A seed, or null for the process-wide one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A batch would be empty.</exception>
    public EpochOrder(int count, int batchSize, bool shuffle, int? seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        (_batchSize, _shuffle, _seed) = (batchSize, shuffle, Graphs.GlobalRandom.SeedOf(seed));
        _order = [.. Enumerable.Range(0, count)];
        Reorder();
    }

    public int Batches => Graphs.Counts.Batches(_order.Length, _batchSize);

    /// <summary>The samples of a batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such batch.</exception>
    public int[] Samples(int batch)
    {
        if (batch < 0 || batch >= Batches)
            throw new ArgumentOutOfRangeException(nameof(batch), $"There are {Batches} batches; given {batch}.");
        int start = batch * _batchSize;
        return _order.AsSpan(start, Math.Min(_batchSize, _order.Length - start)).ToArray();
    }

    /// <summary>The random numbers of a sample in this epoch.</summary>
    public RandomSource RandomOf(int sample) => new(SplitMix.Mix(_seed + _epoch) + (ulong)sample);

    public void NextEpoch()
    {
        _epoch++;
        Reorder();
    }

    void Reorder()
    {
        if (_shuffle) new RandomSource(SplitMix.Mix(_seed + 0x9E37 + _epoch)).Shuffle(_order);
    }
}
