namespace Microsoft.ML.KerasSequential.Data;

/// <summary>A number of steps, each on all the data (Keras' <c>steps_per_epoch</c> with arrays).</summary>
internal sealed class WholeArraySource(ModelData data, int steps) : EpochSource
{
    readonly int[] _order = [.. Enumerable.Range(0, data.Count)];

    public override int Steps => steps;

    public override IReadOnlyList<NDArray> Arrays => data.Arrays;

    public override void BeginEpoch()
    {
    }

    public override StepData Next(CancellationToken token) => new(data, _order, 1);
}
