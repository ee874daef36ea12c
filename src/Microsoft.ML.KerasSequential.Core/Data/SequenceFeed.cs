using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>The batches of a sequence, perhaps shuffled anew for each pass.</summary>
internal sealed class SequenceFeed : BatchFeed
{
    readonly BatchSequence _sequence;
    readonly Func<RandomSource>? _shuffle;
    int[]? _order;

    public SequenceFeed(BatchSequence sequence, Func<RandomSource>? shuffle, int maxQueueSize, int workers) : base(maxQueueSize, workers)
    {
        (_sequence, _shuffle) = (sequence, shuffle);
        _order = Order();
    }

    public override int? Count => _order!.Length;

    protected override bool MustBeInOrder => false;

    protected override Batch? Make(long number)
    {
        int index = _order![number - FirstOfPass];
        return _sequence[index] ?? throw new ArgumentException($"The sequence gave null as batch {index}.");
    }

    protected override void Renew()
    {
        _sequence.OnEpochEnd();
        _order = Order();
    }

    /// <summary>The order of a pass; the number of batches may be another one than before.</summary>
    int[] Order()
    {
        if (_sequence.Count < 1) throw new ArgumentException($"The sequence has {_sequence.Count} batches; at least one is needed.");
        // Each pass shuffles what the one before left.
        int[] order = _order?.Length == _sequence.Count ? _order : [.. Enumerable.Range(0, _sequence.Count)];
        _shuffle?.Invoke().Shuffle(order);
        return order;
    }
}
