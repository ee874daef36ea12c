using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>The same elements in the same order, with another shape.</summary>
internal sealed record Reshape(Dims Target) : Op
{
    public override bool IsView => true;

    public override ValueFormat FormatOf(IReadOnlyList<Tensor> inputs) => inputs[0].Format;

    public override bool Reads(int input, ValueFormat format) => true;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        Dim.MayEqual(inputs[0].Dims.Size, Target.Size) ? Target
            : throw new ArgumentException($"Cannot reshape a tensor of shape {inputs[0].Shape} to " +
                $"{Target.ToShape()}: the sizes differ.");
}

/// <summary>Permutes the dimensions: output dimension i is input dimension Axes[i].</summary>
internal sealed record Transpose(Axes Axes) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims dims = inputs[0].Dims;
        return Axes.Values.Order().SequenceEqual(Enumerable.Range(0, dims.Rank))
            ? new([.. Axes.Values.Select(a => dims[a])])
            : throw new ArgumentException($"Transpose: {Axes} is not a permutation of the {dims.Rank} axes of a " +
                $"tensor of shape {inputs[0].Shape}.");
    }

    public Axes Inverse()
    {
        int[] inverse = new int[Axes.Count];
        for (int i = 0; i < inverse.Length; i++) inverse[Axes[i]] = i;
        return new(inverse);
    }
}
