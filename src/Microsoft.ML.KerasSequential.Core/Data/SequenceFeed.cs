using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>The batches of a sequence, perhaps shuffled anew for each pass.</summary>
internal sealed class SequenceFeed : BatchFeed
{
    readonly BatchSequence _sequence;
    readonly Func<RandomSource>? _shuffle;
    int _count;
    int[]? _order;

    public SequenceFeed(BatchSequence sequence, Func<RandomSource>? shuffle, int maxQueueSize, int workers) : base(maxQueueSize, workers)
    {
        (_sequence, _shuffle) = (sequence, shuffle);
        Begin();
    }

    public override int? Count => _count;

    protected override bool MustBeInOrder => false;

    protected override Batch? Make(long number)
    {
        int index = (int)(number - FirstOfPass);
        if (_order is not null) index = _order[index];
        return _sequence[index] ?? throw new ArgumentException($"The sequence gave null as batch {index}.");
    }

    protected override void Renew()
    {
        _sequence.OnEpochEnd();
        Begin();
    }

    /// <summary>A pass begins; the number of batches may be another one than before.</summary>
    void Begin()
    {
        int before = _count;
        _count = _sequence.Count;
        if (_count < 1) throw new ArgumentException($"The sequence has {_count} batches; at least one is needed.");
        // Batches in their own order need no list, however many there are.
        if (_shuffle is null) return;
        if (_count > Array.MaxLength) throw new ArgumentException($"The sequence has {_count} batches; {Array.MaxLength} can be shuffled at most. Give shuffle: false.");
        // Each pass shuffles what the one before left.
        if (_order is null || before != _count) _order = [.. Enumerable.Range(0, _count)];
        _shuffle().Shuffle(_order);
    }
}
