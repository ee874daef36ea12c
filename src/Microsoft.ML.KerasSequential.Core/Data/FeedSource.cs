namespace Microsoft.ML.KerasSequential.Data;

/// <summary>A number of batches from a feed, or a whole pass, each checked when it arrives.</summary>
internal sealed class FeedSource(BatchFeed feed, int? steps, Func<Batch, ModelData> check) : EpochSource
{
    StepData? _first;
    int[] _rows = [];

    public override int Steps => steps ?? feed.Count!.Value;

    /// <summary>Takes and checks the first batch before anything else starts.</summary>
    public FeedSource Prime(CancellationToken token)
    {
        _first = Next(token);
        return this;
    }

    public override void BeginEpoch()
    {
    }

    public override StepData Next(CancellationToken token)
    {
        if (_first is { } first)
        {
            _first = null;
            return first;
        }
        ModelData data = check(feed.Next(token));
        if (_rows.Length < data.Count) _rows = [.. Enumerable.Range(0, data.Count)];
        return new(data, _rows.AsMemory(0, data.Count), data.Count);
    }

    public override void EndEpoch() => feed.EndPass();

    public override void Dispose()
    {
        base.Dispose();
        feed.Dispose();
    }
}
