namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// Provides the batches of an enumeration. A collection starts over at its end; any other enumeration ends there.
/// </summary>
internal sealed class EnumerableFeed(IEnumerable<Batch> batches, int maxQueueSize, int workers)
    : BatchFeed(maxQueueSize, workers)
{
    IEnumerator<Batch>? _enumerator;

    public override int? Count => batches is IReadOnlyCollection<Batch> { Count: > 0 } known ? known.Count
        : batches.TryGetNonEnumeratedCount(out int count) && count > 0 ? count : null;

    protected override bool MustBeInOrder => true;

    protected override Batch? Make(long number)
    {
        _enumerator ??= batches.GetEnumerator();
        if (!_enumerator.MoveNext())
        {
            if (Count is null) return null;
            _enumerator.Dispose();
            _enumerator = batches.GetEnumerator();
            if (!_enumerator.MoveNext()) return null;
        }
        return _enumerator.Current ?? throw new ArgumentException($"The data returned null for batch {number}.");
    }

    protected override void Close() => _enumerator?.Dispose();
}
