using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>A range of one dimension.</summary>
internal sealed record Slice(int Axis, int Start, Dim Size) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims x = inputs[0].Dims;
        if (x[Axis].Constant is int all && Size.Constant is int size && (long)Start + size > all)
            throw new ArgumentException($"Slice: indices {Start} to {(long)Start + size - 1} of dimension {Axis} do " +
                $"not exist in a tensor of shape {inputs[0].Shape}.");
        return x.With(Axis, Size);
    }
}

/// <summary>Zero padding before and after along one dimension: the gradient of <see cref="Slice"/>.</summary>
internal sealed record Pad(int Axis, int Before, Dim Total) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims.With(Axis, Total);
}

/// <summary>Concatenates tensors along one dimension.</summary>
internal sealed record Concat(int Axis, Dim Total) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims first = inputs[0].Dims;
        foreach (Tensor input in inputs)
        {
            if (!Dims.MayEqual(first.With(Axis, 1),
                input.Dims.Rank == first.Rank ? input.Dims.With(Axis, 1) : input.Dims))
                throw new ArgumentException("Concatenate: the shapes " +
                    $"{string.Join(", ", inputs.Select(i => i.Shape))} must be equal except for dimension {Axis}.");
        }
        return first.With(Axis, Total);
    }
}

/// <summary>Reverses one dimension.</summary>
internal sealed record Reverse(int Axis) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[0].Dims;
}
