namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// Merges element by element; sizes of 1 broadcast, and missing dimensions are inserted after the batch (the base class
/// of <see cref="Add"/>, <see cref="Subtract"/>, <see cref="Multiply"/>, <see cref="Average"/>, <see cref="Maximum"/>
/// and <see cref="Minimum"/>).
/// </summary>
public abstract class ElementwiseMerge : Merge
{
    private protected ElementwiseMerge(LayerOptions options) : base(options)
    {
    }

    private protected override Tensor Merged(IReadOnlyList<Tensor> inputs)
    {
        int rank = inputs.Max(i => i.Rank);
        return Fold([.. inputs.Select(i =>
        {
            while (i.Rank < rank) i = K.ExpandDims(i, 1);
            return i;
        })]);
    }

    private protected abstract Tensor Fold(IReadOnlyList<Tensor> inputs);
}
