using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Turns a chain of elementwise nodes into a closed generic type and an instance that holds its numbers.</summary>
internal sealed class ProgramBuilder
{
    readonly Dictionary<Tensor, int> _inputs = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<Tensor, int> _bound = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<Tensor> _chain;

    ProgramBuilder(IReadOnlyList<Tensor> chain) => _chain = new(chain, ReferenceEqualityComparer.Instance);

    /// <summary>The expression struct of each kind: the registry that the devices and the tests share.</summary>
    public static IReadOnlyDictionary<ElementwiseKind, Type> Expressions { get; } = new Dictionary<ElementwiseKind, Type>
    {
        [ElementwiseKind.Identity] = typeof(Identity<>),
        [ElementwiseKind.StopGradient] = typeof(Identity<>),
        [ElementwiseKind.Negate] = typeof(Negate<>),
        [ElementwiseKind.Abs] = typeof(Abs<>),
        [ElementwiseKind.Sign] = typeof(Sign<>),
        [ElementwiseKind.Sqrt] = typeof(Sqrt<>),
        [ElementwiseKind.Square] = typeof(Square<>),
        [ElementwiseKind.Exp] = typeof(Exp<>),
        [ElementwiseKind.Expm1] = typeof(Expm1<>),
        [ElementwiseKind.Log] = typeof(Log<>),
        [ElementwiseKind.Erf] = typeof(Erf<>),
        [ElementwiseKind.Log1p] = typeof(Log1p<>),
        [ElementwiseKind.Sin] = typeof(Sin<>),
        [ElementwiseKind.Cos] = typeof(Cos<>),
        [ElementwiseKind.Tanh] = typeof(Tanh<>),
        [ElementwiseKind.Sigmoid] = typeof(Sigmoid<>),
        [ElementwiseKind.Softplus] = typeof(Softplus<>),
        [ElementwiseKind.Relu] = typeof(Relu<>),
        [ElementwiseKind.Floor] = typeof(Floor<>),
        [ElementwiseKind.Round] = typeof(Round<>),
        [ElementwiseKind.Add] = typeof(Add<,>),
        [ElementwiseKind.Subtract] = typeof(Subtract<,>),
        [ElementwiseKind.Multiply] = typeof(Multiply<,>),
        [ElementwiseKind.Divide] = typeof(Divide<,>),
        [ElementwiseKind.Pow] = typeof(Pow<,>),
        [ElementwiseKind.Minimum] = typeof(Minimum<,>),
        [ElementwiseKind.Maximum] = typeof(Maximum<,>),
        [ElementwiseKind.Less] = typeof(Less<,>),
        [ElementwiseKind.LessEqual] = typeof(LessEqual<,>),
        [ElementwiseKind.Equal] = typeof(Equal<,>),
        [ElementwiseKind.Where] = typeof(Where<,,>),
    };

    /// <param name="chain">The nodes, inputs before what uses them.</param>
    /// <param name="inputs">What is read from memory; its position is its slot.</param>
    /// <param name="outputs">What is written to memory; its position is its slot.</param>
    public static IProgram Build(IReadOnlyList<Tensor> chain, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs)
    {
        var builder = new ProgramBuilder(chain);
        for (int i = 0; i < inputs.Count; i++) builder._inputs[inputs[i]] = i;
        for (int i = 0; i < outputs.Count; i++) builder._bound[outputs[i]] = i;

        // What is used twice is computed once.
        foreach (Tensor node in chain)
            if (!builder._bound.ContainsKey(node) && chain.Sum(n => n.Inputs.Count(i => i == node)) > 1)
                builder._bound[node] = builder._bound.Count;

        object program = new Done();
        // An output that is read from memory as it is (a reduction without prologue) is a statement too.
        foreach (Tensor node in outputs.Where(o => !builder._chain.Contains(o)))
            program = builder.Bind(node, program);
        foreach (Tensor node in Enumerable.Reverse(chain.Where(builder._bound.ContainsKey)))
            program = builder.Bind(node, program);
        return (IProgram)program;
    }

    object Bind(Tensor node, object rest)
    {
        object value = _chain.Contains(node) ? Operation(node) : Operand(node);
        return Create(typeof(Bind<,,>).MakeGenericType(Numerics.Index.Type(_bound[node]), value.GetType(), rest.GetType()), value, rest);
    }

    object Operand(Tensor node)
    {
        if (node.Op is Scalar scalar) return new Number(scalar.Value);
        if (_inputs.TryGetValue(node, out int slot)) return Create(typeof(Input<>).MakeGenericType(Numerics.Index.Type(slot)));
        if (_bound.TryGetValue(node, out int bound)) return Create(typeof(Bound<>).MakeGenericType(Numerics.Index.Type(bound)));
        return Operation(node);
    }

    object Operation(Tensor node)
    {
        object[] operands = [.. node.Inputs.Select(Operand)];
        if (node.Op is BroadcastTo) return operands[0];
        Type open = Expressions[((Elementwise)node.Op).Kind];
        return Create(open.MakeGenericType([.. operands.Select(o => o.GetType())]), operands);
    }

    static object Create(Type type, params object[] arguments) => Activator.CreateInstance(type, arguments)!;
}
