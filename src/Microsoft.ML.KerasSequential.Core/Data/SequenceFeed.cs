using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Provides the batches of a sequence, optionally reshuffled for each pass.</summary>
internal sealed class SequenceFeed : BatchFeed
{
    readonly BatchSequence _sequence;
    readonly Func<RandomSource>? _shuffle;
    int _count;
    int[]? _order;

    public SequenceFeed(BatchSequence sequence, Func<RandomSource>? shuffle, int maxQueueSize, int workers)
        : base(maxQueueSize, workers)
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
        return _sequence[index] ?? throw new ArgumentException($"The sequence returned null for batch {index}.");
    }

    protected override void Renew()
    {
        _sequence.OnEpochEnd();
        Begin();
    }

    /// <summary>Starts a pass. The number of batches can differ from the previous pass.</summary>
    void Begin()
    {
        int before = _count;
        _count = _sequence.Count;
        if (_count < 1) throw new ArgumentException($"The sequence has {_count} batches; at least one is needed.");
        // Without shuffling, no list is needed, regardless of the number of batches.
        if (_shuffle is null) return;
        if (_count > Array.MaxLength)
            throw new ArgumentException(
                $"The sequence has {_count} batches; at most {Array.MaxLength} can be shuffled. Pass shuffle: false.");
        // Each pass shuffles the order of the previous pass.
        if (_order is null || before != _count) _order = [.. Enumerable.Range(0, _count)];
        _shuffle().Shuffle(_order);
    }
}
