namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Arrays that were checked against the model: inputs, and targets and sample weights if there are
/// any.</summary>
internal sealed record ModelData(NDArray X, NDArray? Y, NDArray? Weight)
{
    public int Count => X.Rows;

    public IReadOnlyList<NDArray> Arrays { get; } =
        [X, .. Y is null ? [] : new[] { Y }, .. Weight is null ? [] : new[] { Weight }];

    public ModelData Slice(int start, int count) =>
        new(X.Slice(start, count), Y?.Slice(start, count), Weight?.Slice(start, count));
}
