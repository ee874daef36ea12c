namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Provides a number of batches from a feed, or a whole pass. Each batch is checked when it arrives.</summary>
internal sealed class FeedSource(BatchFeed feed, int? steps, Func<Batch, ModelData> check) : EpochSource
{
    // The batch that was taken in advance, to check it before anything starts or to find out whether there are more.
    StepData? _first;
    int[] _rows = [];
    int _passed;

    public override int Steps => steps ?? feed.Count ?? _passed;

    public override bool IsOpenEnded => steps is null && feed.ComesInPasses;

    public override bool HasStep(int step, CancellationToken token)
    {
        if (!IsOpenEnded) return base.HasStep(step, token);
        if (_first is not null) return true;
        if (feed.NextOfPass(token) is { } batch)
        {
            _first = Checked(batch);
            return true;
        }
        // A source that can be enumerated only once returns no batches the second time.
        if (step == 0)
            throw new ArgumentException(
                $"The data gave no batches{(_passed == 0 ? "" : " when they were enumerated again")}.");
        _passed = step;
        return false;
    }

    /// <summary>Takes and checks the first batch before anything else starts.</summary>
    public FeedSource Prime(CancellationToken token)
    {
        if (IsOpenEnded) HasStep(0, token);
        else _first = Next(token);
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
        return Checked(feed.Next(token));
    }

    StepData Checked(Batch batch)
    {
        ModelData data = check(batch);
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
