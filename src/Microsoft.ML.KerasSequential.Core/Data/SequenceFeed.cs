using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>The batches of a sequence, perhaps shuffled anew for each pass.</summary>
internal sealed class SequenceFeed : BatchFeed
{
    readonly BatchSequence _sequence;
    readonly Func<RandomSource>? _shuffle;
    readonly int _count;
    readonly int[]? _order;

    public SequenceFeed(BatchSequence sequence, Func<RandomSource>? shuffle, int maxQueueSize, int workers) : base(maxQueueSize, workers)
    {
        if (sequence.Count < 1) throw new ArgumentException($"The sequence has {sequence.Count} batches; at least one is needed.");
        (_sequence, _shuffle) = (sequence, shuffle);
        _count = sequence.Count;
        // Batches in their own order need no list, however many there are.
        if (shuffle is null) return;
        if (_count > Array.MaxLength) throw new ArgumentException($"The sequence has {_count} batches; {Array.MaxLength} can be shuffled at most. Give shuffle: false.");
        _order = [.. Enumerable.Range(0, _count)];
        shuffle().Shuffle(_order);
    }

    public override int? Count => _count;

    protected override bool MustBeInOrder => false;

    protected override Batch? Make(long number)
    {
        int index = (int)(number % _count);
        if (_order is not null) index = _order[index];
        return _sequence[index] ?? throw new ArgumentException($"The sequence gave null as batch {index}.");
    }

    protected override void Renew()
    {
        _sequence.OnEpochEnd();
        if (_order is not null) _shuffle!().Shuffle(_order);
    }
}
