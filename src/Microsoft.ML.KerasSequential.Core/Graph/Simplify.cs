using Microsoft.ML.KerasSequential.Ops;
using static Microsoft.ML.KerasSequential.Ops.ElementwiseKind;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Rebuilds the graph from its roots with local rules: equal nodes are merged, constants are folded, and operations
/// that change nothing are removed. Rules keep IEEE results: x·0 stays, since x may be NaN.
/// </summary>
internal sealed class Simplify
{
    readonly Dictionary<(Op, Sequence), Tensor> _unique = [];
    readonly Dictionary<Tensor, Tensor> _done = new(ReferenceEqualityComparer.Instance);

    public static Graph Apply(Graph graph)
    {
        var pass = new Simplify();
        foreach (Tensor node in Topology.Order(graph.Inputs.Concat(graph.Roots))) pass._done[node] = pass.Rewrite(node);
        return new(
            [.. graph.Inputs.Select(t => pass._done[t])],
            [.. graph.Outputs.Select(t => pass._done[t])],
            [.. graph.Updates.Select(u => new Update(u.Variable, pass._done[u.Value]))])
        { IndicesAreChecked = graph.IndicesAreChecked };
    }

    Tensor Rewrite(Tensor node)
    {
        if (node.Op.IsSource) return node;
        Tensor[] inputs = [.. node.Inputs.Select(t => _done[t])];
        return Shortcut(node.Op, inputs, node.Dims) ?? Unique(node, inputs);
    }

    Tensor Unique(Tensor node, Tensor[] inputs)
    {
        var key = (node.Op, new Sequence(inputs));
        if (_unique.TryGetValue(key, out Tensor? known)) return known;
        bool same = inputs.AsSpan().SequenceEqual(node.Inputs);
        Tensor result = same ? node : new Tensor(node.Op, inputs) { Name = node.Name };
        return _unique[key] = result;
    }

    /// <summary>An existing node that is equivalent to the operation, or null.</summary>
    static Tensor? Shortcut(Op op, Tensor[] inputs, Dims dims)
    {
        Tensor x = inputs.Length > 0 ? inputs[0] : null!;
        switch (op)
        {
            case SizeOf { Size.Constant: int size }:
                return K.Scalar(size);
            case Elementwise { Kind: Identity or StopGradient or StraightThrough }:
                return x;
            case Elementwise elementwise when inputs.All(i => i.Op is Scalar):
                return Fold(elementwise.Kind, [.. inputs.Select(i => ((Scalar)i.Op).Value)]);
            case Elementwise elementwise when inputs.Length == 2:
                return Neutral(elementwise.Kind, inputs[0], inputs[1], dims);
            case Elementwise { Kind: Negate } when x.Op is Elementwise { Kind: Negate }:
                return x.Inputs[0];
            case BroadcastTo or Reshape when x.Dims.Equals(dims):
                return x;
            case Reshape when x.Op is Reshape:
                return new Tensor(new Reshape(dims), x.Inputs[0]) { Name = x.Name };
            case Transpose transpose when transpose.Axes.Values.SequenceEqual(
                Enumerable.Range(0, transpose.Axes.Count)):
                return x;
            case Transpose outer when x.Op is Transpose inner:
                var axes = new Axes([.. outer.Axes.Values.Select(a => inner.Axes[a])]);
                return Shortcut(new Transpose(axes), x.Inputs, dims)
                    ?? new Tensor(new Transpose(axes), x.Inputs[0]) { Name = x.Name };
            case Reduce reduce when reduce.Axes.Values.All(a => x.Dims[a].IsOne):
                return x.Dims.Equals(dims) ? x : new Tensor(new Reshape(dims), x) { Name = x.Name };
            default:
                return null;
        }
    }

    /// <summary>x + 0, x − 0, x·1, x/1, x¹ and their mirror images.</summary>
    static Tensor? Neutral(ElementwiseKind kind, Tensor x, Tensor y, Dims dims)
    {
        Tensor? result = (kind, x.Op, y.Op) switch
        {
            (Add or Subtract, _, Scalar { Value: 0 }) => x,
            (Multiply or Divide or Pow, _, Scalar { Value: 1 }) => x,
            (Add, Scalar { Value: 0 }, _) => y,
            (Multiply, Scalar { Value: 1 }, _) => y,
            (Subtract, Scalar { Value: 0 }, _) => K.Negative(y),
            (Multiply, _, Scalar { Value: -1 }) => K.Negative(x),
            (Multiply, Scalar { Value: -1 }, _) => K.Negative(y),
            (Multiply, BroadcastTo, _) when y.Dims.Equals(dims) => K.Multiply(x.Inputs[0], y),
            (Multiply, _, BroadcastTo) when x.Dims.Equals(dims) => K.Multiply(x, y.Inputs[0]),
            _ => null,
        };
        return result is not null && result.Dims.Equals(dims) ? result : null;
    }

    static Tensor? Fold(ElementwiseKind kind, float[] v) => kind switch
    {
        Add => K.Scalar(v[0] + v[1]),
        Subtract => K.Scalar(v[0] - v[1]),
        Multiply => K.Scalar(v[0] * v[1]),
        Divide => K.Scalar(v[0] / v[1]),
        Negate => K.Scalar(-v[0]),
        Square => K.Scalar(v[0] * v[0]),
        Sqrt => K.Scalar(MathF.Sqrt(v[0])),
        _ => null,
    };

    /// <summary>A list of nodes that equals another if both contain the same nodes.</summary>
    readonly struct Sequence(Tensor[] items) : IEquatable<Sequence>
    {
        readonly Tensor[] _items = items;

        public bool Equals(Sequence other) => _items.AsSpan().SequenceEqual(other._items);

        public override bool Equals(object? obj) => obj is Sequence other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (Tensor item in _items) hash.Add(item.Id);
            return hash.ToHashCode();
        }
    }
}
