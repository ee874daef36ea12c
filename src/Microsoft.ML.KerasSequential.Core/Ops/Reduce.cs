using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

internal enum ReduceKind
{
    Sum,
    Max,
    Min,
    Prod,
}

/// <summary>
/// Reduces over axes, which are removed from the shape. The order of additions depends on the shape alone.
/// </summary>
internal sealed record Reduce(ReduceKind Kind, Axes Axes) : Op
{
    public override string Name => Kind.ToString();

    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        new([.. inputs[0].Dims.Where((_, i) => !Axes.Contains(i))]);
}

/// <summary>The index of the largest value along the last dimension, the first one on ties (as a float32).</summary>
[NoGradient("an index")]
internal sealed record ArgMax : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims dims = inputs[0].Dims;
        return dims.Rank > 0 ? dims.Without(dims.Rank - 1)
            : throw new ArgumentException("ArgMax needs at least one dimension; the given tensor has none.");
    }
}

/// <summary>
/// 1 where the target class is among the K largest predictions of its row, else 0. Inputs: predictions (…, n), targets
/// (…).
/// </summary>
[NoOnnx("a metric, which predictions do not need")]
[NoGradient("an indicator")]
internal sealed record InTopK(int K) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims predictions = inputs[0].Dims, targets = inputs[1].Dims;
        return predictions.Rank > 0 && Dims.MayEqual(predictions.Without(predictions.Rank - 1),
            targets) ? predictions.Without(predictions.Rank - 1)
            : throw new ArgumentException($"InTopK: predictions of shape {inputs[0].Shape} need targets of that " +
                $"shape without the last dimension; given {inputs[1].Shape}.");
    }
}
