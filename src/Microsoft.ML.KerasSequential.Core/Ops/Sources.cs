using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>Data that the caller provides at each run.</summary>
internal sealed record Placeholder(Dims Dims, long Key) : Op
{
    public override bool IsSource => true;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Dims;
}

/// <summary>The current value of a variable.</summary>
internal sealed record ReadVariable(Dims Dims, long Key, ValueFormat Format) : Op
{
    public override bool IsSource => true;

    public override ValueFormat FormatOf(IReadOnlyList<Tensor> inputs) => Format;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Dims;
}

/// <summary>An array that is part of the graph.</summary>
internal sealed record Constant(NDArray Value) : Op
{
    public override bool IsSource => true;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => new([.. Value.Shape.ToArray().Select(d => (Dim)d)]);
}

/// <summary>A number that is part of the graph; in fused expressions it takes no memory.</summary>
internal sealed record Scalar(float Value) : Op
{
    public override string Name => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Dims.Scalar;
}

/// <summary>A size that is known when a plan is bound: the divisor of a mean over the batch.</summary>
internal sealed record SizeOf(Dim Size) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Dims.Scalar;
}
