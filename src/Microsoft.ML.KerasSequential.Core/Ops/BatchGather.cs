using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// Rows of each sample's own table by index: (batch, rows, …rest) and indices (batch, …places) give
/// (batch, …places, …rest). An index outside the table means the nearest row, so no index is invalid.
/// </summary>
internal sealed record BatchGather : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims table = inputs[0].Dims, indices = inputs[1].Dims;
        return table.Rank > 1 && indices.Rank > 0 && Dim.MayEqual(table[0], indices[0])
            && table[1].Constant is not 0
            ? new([.. indices, .. table.Skip(2)])
            : throw new ArgumentException("BatchGather needs a table (batch, rows, …) with one or more rows and " +
                $"indices (batch, …) of the same batch; given {inputs[0].Shape} and {inputs[1].Shape}.");
    }
}

/// <summary>
/// The sum of the updates to each row of each sample's table, in the order of the indices. Inputs: indices
/// (batch, …places), updates (batch, …places, …rest).
/// </summary>
[NoOnnx("the gradient of another operation")]
internal sealed record BatchScatterAdd(Dim Rows) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        new([inputs[0].Dims[0], Rows, .. inputs[1].Dims.Skip(inputs[0].Dims.Rank)]);
}
