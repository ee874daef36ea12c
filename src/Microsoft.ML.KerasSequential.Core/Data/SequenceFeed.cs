using Microsoft.ML.KerasSequential.Initializers;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>The batches of a sequence, perhaps shuffled anew for each pass.</summary>
internal sealed class SequenceFeed : BatchFeed
{
    readonly BatchSequence _sequence;
    readonly Func<RandomSource>? _shuffle;
    readonly int[] _order;

    public SequenceFeed(BatchSequence sequence, Func<RandomSource>? shuffle, int maxQueueSize, int workers) : base(maxQueueSize, workers)
    {
        if (sequence.Count < 1) throw new ArgumentException($"The sequence has {sequence.Count} batches; at least one is needed.");
        (_sequence, _shuffle) = (sequence, shuffle);
        _order = [.. Enumerable.Range(0, sequence.Count)];
        _shuffle?.Invoke().Shuffle(_order);
    }

    public override int? Count => _order.Length;

    protected override bool MustBeInOrder => false;

    protected override Batch? Make(long number)
    {
        int index = _order[number % _order.Length];
        return _sequence[index] ?? throw new ArgumentException($"The sequence gave null as batch {index}.");
    }

    protected override void Renew()
    {
        _sequence.OnEpochEnd();
        _shuffle?.Invoke().Shuffle(_order);
    }
}
