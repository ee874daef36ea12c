using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using A = Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N0>;
using B = Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N1>;
using C = Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N2>;
using D = Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N3>;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The operations in one <see cref="SpanPass"/>, derived from the type of its expression.</summary>
internal sealed class SpanPattern
{
    static readonly Dictionary<Type, ElementwiseKind> s_kinds = ProgramBuilder.Expressions
        .Where(e => e.Key != ElementwiseKind.StopGradient).ToDictionary(e => e.Value.Open, e => e.Key);

    /// <summary>
    /// Sequences of operations that are common in layers, losses and optimizers, as one pass: biases and activations,
    /// weighted means, the shift and scale of batch normalization. The order of operands matters.
    /// </summary>
    static readonly SpanPass[] s_together =
    [
        SpanPass.Of<Relu<Add<A, B>>, N2>(),
        SpanPass.Of<Sigmoid<Add<A, B>>, N2>(),
        SpanPass.Of<Tanh<Add<A, B>>, N2>(),
        SpanPass.Of<Add<Multiply<A, B>, C>, N3>(),
        SpanPass.Of<Add<A, Multiply<B, C>>, N3>(),
        SpanPass.Of<Subtract<A, Multiply<B, C>>, N3>(),
        SpanPass.Of<Add<Multiply<A, B>, Multiply<C, D>>, N4>(),
        SpanPass.Of<Multiply<Subtract<A, B>, C>, N3>(),
        SpanPass.Of<Multiply<Multiply<A, B>, C>, N3>(),
        SpanPass.Of<Square<Subtract<A, B>>, N2>(),
        SpanPass.Of<Where<Less<A, B>, C, D>, N4>(),
    ];

    /// <summary>All passes by their last operation, those with the most operations first.</summary>
    static readonly ILookup<ElementwiseKind, SpanPattern> s_all = s_together
        .Concat(ProgramBuilder.Expressions.Values.Select(e => e.Pass))
        .Select(pass => new SpanPattern(pass, pass.Expression))
        .OrderByDescending(p => p.Operations).ToLookup(p => p._kind);

    readonly ElementwiseKind _kind;
    readonly Operand[] _operands;

    /// <summary>An operand of an operation: an input of the pass, or another operation's result.</summary>
    readonly record struct Operand(int Input, SpanPattern? Operation);

    SpanPattern(SpanPass pass, Type expression)
    {
        Pass = pass;
        _kind = s_kinds[expression.GetGenericTypeDefinition()];
        _operands = [.. expression.GetGenericArguments().Select(t => t.GetGenericTypeDefinition() == typeof(Input<>)
            ? new Operand(Numerics.Index.Value(t.GetGenericArguments()[0]), null)
            : new Operand(-1, new SpanPattern(pass, t)))];
    }

    public SpanPass Pass { get; }

    int Operations => 1 + _operands.Sum(o => o.Operation?.Operations ?? 0);

    /// <summary>The pass that covers the most operations ending in a node, and its inputs.</summary>
    public static (SpanPass Pass, Tensor[] Operands) Largest(Tensor node, SpanProgramBuilder chain)
    {
        foreach (SpanPattern pattern in s_all[((Elementwise)node.Op).Kind])
        {
            var operands = new Tensor[Args<LaneScalar>.InputSlots];
            if (pattern.Matches(node, chain, operands))
                return (pattern.Pass, [.. operands.TakeWhile(o => o is not null)]);
        }
        throw new InvalidOperationException($"{node.Op.Name} has no expression.");
    }

    bool Matches(Tensor node, SpanProgramBuilder chain, Tensor[] operands)
    {
        for (int i = 0; i < _operands.Length; i++)
        {
            Tensor input = chain.Source(node.Inputs[i]);
            if (_operands[i].Operation is not { } operation) operands[_operands[i].Input] = input;
            else if (!chain.IsInner(input) || ((Elementwise)input.Op).Kind != operation._kind
                || !operation.Matches(input, chain, operands)) return false;
        }
        return true;
    }
}
