using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>The operations on single elements; each names its expression in <c>Math/Expressions.cs</c>.</summary>
internal enum ElementwiseKind
{
    Identity,
    [NoGradient("its purpose is to stop the gradient")] StopGradient,
    Negate,
    Abs,
    [NoGradient("constant almost everywhere")] Sign,
    Sqrt,
    Square,
    Exp,
    Expm1,
    Erf,
    Log,
    Log1p,
    Sin,
    Cos,
    Tanh,
    Sigmoid,
    Softplus,
    Relu,
    [NoGradient("constant almost everywhere")] Floor,
    [NoGradient("constant almost everywhere")] Round,
    Add,
    Subtract,
    Multiply,
    Divide,
    Pow,
    Minimum,
    Maximum,
    [NoGradient("constant almost everywhere")] Less,
    [NoGradient("constant almost everywhere")] LessEqual,
    [NoGradient("constant almost everywhere")] Equal,

    /// <summary>The first input; gradients go to the second, which is not computed.</summary>
    StraightThrough,
    Where,
}

/// <summary>An elementwise operation over one to three inputs that broadcast against each other.</summary>
internal sealed record Elementwise(ElementwiseKind Kind) : Op
{
    public override string Name => Kind.ToString();

    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims result = inputs[0].Dims;
        foreach (Tensor input in inputs.Skip(1))
        {
            result = Dims.Broadcast(result, input.Dims) ?? throw new ArgumentException(
                $"{Name}: the shapes {string.Join(" and ", inputs.Select(i => i.Shape))} do not broadcast against " +
                "each other.");
        }
        return result;
    }
}

/// <summary>Broadcasts the input along dimensions of size 1 and new leading ones.</summary>
internal sealed record BroadcastTo(Dims Target) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        Dims.Broadcast(inputs[0].Dims, Target) is { } dims && Dims.MayEqual(dims, Target) ? Target
            : throw new ArgumentException($"A tensor of shape {inputs[0].Shape} does not broadcast to " +
                $"{Target.ToShape()}.");
}
