using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using A = Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N0>;
using B = Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N1>;
using C = Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N2>;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// Turns a chain of elementwise nodes into a closed generic type and an instance that holds its constants.
/// </summary>
internal sealed class ProgramBuilder
{
    const string MakesTypes = "The type of the expression is made at run time.";

    readonly Dictionary<Tensor, int> _inputs = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Tensor, int> _bound = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<Tensor> _chain;

    ProgramBuilder(IReadOnlyList<Tensor> chain) => _chain = new(chain, ReferenceEqualityComparer.Instance);

    /// <summary>The expression of each kind, shared by the devices, the interpreter and the tests.</summary>
    public static Dictionary<ElementwiseKind, Expression> Expressions { get; } = new()
    {
        [ElementwiseKind.Identity] = Expression.Unary<Identity<A>>(),
        [ElementwiseKind.StopGradient] = Expression.Unary<Identity<A>>(),
        [ElementwiseKind.Negate] = Expression.Unary<Negate<A>>(),
        [ElementwiseKind.Abs] = Expression.Unary<Abs<A>>(),
        [ElementwiseKind.Sign] = Expression.Unary<Sign<A>>(),
        [ElementwiseKind.Sqrt] = Expression.Unary<Sqrt<A>>(),
        [ElementwiseKind.Square] = Expression.Unary<Square<A>>(),
        [ElementwiseKind.Exp] = Expression.Unary<Exp<A>>(),
        [ElementwiseKind.Expm1] = Expression.Unary<Expm1<A>>(),
        [ElementwiseKind.Log] = Expression.Unary<Log<A>>(),
        [ElementwiseKind.Erf] = Expression.Unary<Erf<A>>(),
        [ElementwiseKind.Log1p] = Expression.Unary<Log1p<A>>(),
        [ElementwiseKind.Sin] = Expression.Unary<Sin<A>>(),
        [ElementwiseKind.Cos] = Expression.Unary<Cos<A>>(),
        [ElementwiseKind.Tanh] = Expression.Unary<Tanh<A>>(),
        [ElementwiseKind.Sigmoid] = Expression.Unary<Sigmoid<A>>(),
        [ElementwiseKind.Softplus] = Expression.Unary<Softplus<A>>(),
        [ElementwiseKind.Relu] = Expression.Unary<Relu<A>>(),
        [ElementwiseKind.Floor] = Expression.Unary<Floor<A>>(),
        [ElementwiseKind.Round] = Expression.Unary<Round<A>>(),
        [ElementwiseKind.Add] = Expression.Binary<Add<A, B>>(),
        [ElementwiseKind.Subtract] = Expression.Binary<Subtract<A, B>>(),
        [ElementwiseKind.Multiply] = Expression.Binary<Multiply<A, B>>(),
        [ElementwiseKind.Divide] = Expression.Binary<Divide<A, B>>(),
        [ElementwiseKind.Pow] = Expression.Binary<Pow<A, B>>(),
        [ElementwiseKind.Minimum] = Expression.Binary<Minimum<A, B>>(),
        [ElementwiseKind.Maximum] = Expression.Binary<Maximum<A, B>>(),
        [ElementwiseKind.Less] = Expression.Binary<Less<A, B>>(),
        [ElementwiseKind.LessEqual] = Expression.Binary<LessEqual<A, B>>(),
        [ElementwiseKind.Equal] = Expression.Binary<Equal<A, B>>(),
        [ElementwiseKind.StraightThrough] = Expression.Binary<First<A, B>>(),
        [ElementwiseKind.Where] = Expression.Ternary<Where<A, B, C>>(),
    };

    /// <param name="chain">The nodes, inputs before what uses them.</param>
    /// <param name="inputs">The operands read from memory; an operand's index is its slot.</param>
    /// <param name="outputs">The results written to memory; a result's index is its slot.</param>
    [RequiresDynamicCode(MakesTypes)]
    public static IProgram Build(IReadOnlyList<Tensor> chain, IReadOnlyList<Tensor> inputs,
        IReadOnlyList<Tensor> outputs)
    {
        var builder = new ProgramBuilder(chain);
        for (int i = 0; i < inputs.Count; i++) builder._inputs[inputs[i]] = i;
        for (int i = 0; i < outputs.Count; i++) builder._bound[outputs[i]] = i;

        // What is used twice is computed once.
        foreach (Tensor node in chain)
            if (!builder._bound.ContainsKey(node) && chain.Sum(n => n.Inputs.Count(i => i == node)) > 1)
                builder._bound[node] = builder._bound.Count;

        object program = new Done();
        // An output that is read from memory as is (a reduction without prologue) is a statement too.
        foreach (Tensor node in outputs.Where(o => !builder._chain.Contains(o)))
            program = builder.Bind(node, program);
        foreach (Tensor node in Enumerable.Reverse(chain.Where(builder._bound.ContainsKey)))
            program = builder.Bind(node, program);
        return (IProgram)program;
    }

    [RequiresDynamicCode(MakesTypes)]
    object Bind(Tensor node, object rest)
    {
        object value = _chain.Contains(node) ? Operation(node) : Operand(node);
        Type[] types = [Numerics.Index.Type(_bound[node]), value.GetType(), rest.GetType()];
        return ClosedType.Create(typeof(Bind<,,>), types, value, rest);
    }

    [RequiresDynamicCode(MakesTypes)]
    object Operand(Tensor node)
    {
        if (node.Op is Scalar scalar) return new Number(scalar.Value);
        if (_inputs.TryGetValue(node, out int slot))
            return ClosedType.Create(typeof(Input<>), [Numerics.Index.Type(slot)]);
        if (_bound.TryGetValue(node, out int bound))
            return ClosedType.Create(typeof(Bound<>), [Numerics.Index.Type(bound)]);
        return Operation(node);
    }

    [RequiresDynamicCode(MakesTypes)]
    object Operation(Tensor node)
    {
        object[] operands = [.. node.Inputs.Select(Operand)];
        if (node.Op is BroadcastTo) return operands[0];
        Type[] types = [.. operands.Select(o => o.GetType())];
        return ClosedType.Create(Expressions[((Elementwise)node.Op).Kind].Open, types, operands);
    }
}
