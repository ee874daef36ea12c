using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// Rows of a table by index: (rows, …rest) and indices (…) give (…, …rest). An index outside the table gives NaN and
/// raises a flag.
/// </summary>
internal sealed record Gather : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims table = inputs[0].Dims;
        return table.Rank > 0 ? new([.. inputs[1].Dims, .. table.Skip(1)])
            : throw new ArgumentException("Gather needs a table with at least one dimension; the given tensor has " +
                "none.");
    }

    public override bool Reads(int input, ValueFormat format) => format == ValueFormat.Float32 || input == 0;
}

/// <summary>
/// The sum of the updates to each row, in the order of the indices. Inputs: indices (…), updates (…, …rest).
/// </summary>
[NoOnnx("the gradient of another operation")]
internal sealed record ScatterAdd(Dim Rows) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        new([Rows, .. inputs[1].Dims.Skip(inputs[0].Dims.Rank)]);
}

/// <summary>
/// 1 at the index along a new last dimension, 0 elsewhere; all 0 for an invalid index, which raises a flag.
/// </summary>
[NoGradient("indices are not differentiable")]
internal sealed record OneHot(int Depth) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => new([.. inputs[0].Dims, Depth]);
}
