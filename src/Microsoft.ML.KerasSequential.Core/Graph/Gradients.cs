using Microsoft.ML.KerasSequential.Ops;
using static Microsoft.ML.KerasSequential.Ops.ElementwiseKind;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Reverse-mode differentiation. The gradient of each op is in one of two tables: a line or a short method, built from
/// the same ops as the forward, so that gradients fuse, run and export like everything else.
/// </summary>
internal static class Gradients
{
    /// <summary>
    /// From a node y and the gradient g with respect to it to the gradients with respect to its inputs; null where none
    /// flows.
    /// </summary>
    internal delegate Tensor?[] Rule(Tensor y, Tensor g);

    internal static readonly IReadOnlyDictionary<ElementwiseKind, Rule> Elementwise =
        new Dictionary<ElementwiseKind, Rule>
        {
            [Identity] = (y, g) => [g],
            [Negate] = (y, g) => [-g],
            [Abs] = (y, g) => [g * K.Sign(y.Inputs[0])],
            [Sqrt] = (y, g) => [g * 0.5 / y],
            [Square] = (y, g) => [g * (2 * y.Inputs[0])],
            [Exp] = (y, g) => [g * y],
            [Expm1] = (y, g) => [g * (y + 1)],
            [Erf] = (y, g) => [g * (2 / Math.Sqrt(Math.PI) * K.Exp(-K.Square(y.Inputs[0])))],
            [Log] = (y, g) => [g / y.Inputs[0]],
            [Log1p] = (y, g) => [g / (y.Inputs[0] + 1)],
            [Sin] = (y, g) => [g * K.Cos(y.Inputs[0])],
            [Cos] = (y, g) => [-g * K.Sin(y.Inputs[0])],
            [Tanh] = (y, g) => [g * (1 - K.Square(y))],
            [Sigmoid] = (y, g) => [g * (y * (1 - y))],
            [Softplus] = (y, g) => [g * K.Sigmoid(y.Inputs[0])],
            [Relu] = (y, g) => [K.Where(0 < y, g, 0)],
            [Add] = (y, g) => [g, g],
            [Subtract] = (y, g) => [g, -g],
            [Multiply] = (y, g) => [g * y.Inputs[1], g * y.Inputs[0]],
            [Divide] = (y, g) => [g / y.Inputs[1], -g * y / y.Inputs[1]],
            [Pow] = Power,
            [Minimum] = (y, g) => Split(g, y.Inputs[0] <= y.Inputs[1]),
            [Maximum] = (y, g) => Split(g, y.Inputs[0] >= y.Inputs[1]),
            [StraightThrough] = (y, g) => [null, g],
            [Where] = (y, g) => [null, K.Where(y.Inputs[0], g, 0), K.Where(y.Inputs[0], 0, g)],
        };

    internal static readonly IReadOnlyDictionary<Type, Rule> Structural = new Dictionary<Type, Rule>
    {
        [typeof(BroadcastTo)] = (y, g) => [g],
        [typeof(Reshape)] = (y, g) => [K.ReshapeLike(g, y.Inputs[0])],
        [typeof(Transpose)] = (y, g) => [new Tensor(new Transpose(((Transpose)y.Op).Inverse()), g)],
        [typeof(Reduce)] = Reduction,
        [typeof(MatMul)] = Product,
        [typeof(BatchMatMul)] = BatchProduct,
        [typeof(Softmax)] = (y, g) => [y * (g - K.Sum(g * y, axis: -1, keepdims: true))],
        [typeof(SoftmaxCrossentropy)] = (y, g) =>
        [
            -K.ExpandDims(g, -1) * K.Log(ClipIf(((SoftmaxCrossentropy)y.Op).Clip, K.Softmax(y.Inputs[1]))),
            new Tensor(new SoftmaxCrossentropyGradient(((SoftmaxCrossentropy)y.Op).Clip), y.Inputs[0],
                K.Softmax(y.Inputs[1]), g),
        ],
        [typeof(SparseSoftmaxCrossentropy)] = (y, g) =>
        [
            null,
            new Tensor(new SparseSoftmaxCrossentropyGradient(((SparseSoftmaxCrossentropy)y.Op).Clip), y.Inputs[0],
                K.Softmax(y.Inputs[1]), g),
        ],
        [typeof(Gather)] = (y, g) => [new Tensor(new ScatterAdd(y.Inputs[0].Dims[0]), y.Inputs[1], g), null],
        [typeof(Convolve)] = Convolve.Rule,
        [typeof(ConvolveKernelGradient)] = ConvolveKernelGradient.Rule,
        [typeof(MaxPool)] = (y, g) => [new Tensor(new MaxPoolGradient(((MaxPool)y.Op).Windows), y.Inputs[0], y, g)],
        [typeof(Patches)] = (y, g) => [new Tensor(new PatchesGradient(((Patches)y.Op).Windows, y.Inputs[0].Dims), g)],
        [typeof(PatchesGradient)] = (y, g) => [new Tensor(new Patches(((PatchesGradient)y.Op).Windows, 0), g)],
        [typeof(Slice)] = (y, g) =>
            [new Tensor(new Pad(((Slice)y.Op).Axis, ((Slice)y.Op).Start, y.Inputs[0].Dims[((Slice)y.Op).Axis]), g)],
        [typeof(Pad)] = (y, g) =>
            [new Tensor(new Slice(((Pad)y.Op).Axis, ((Pad)y.Op).Before, y.Inputs[0].Dims[((Pad)y.Op).Axis]), g)],
        [typeof(Concat)] = Pieces,
        [typeof(Reverse)] = (y, g) => [new Tensor(y.Op, g)],
        [typeof(CumulativeSum)] = (y, g) =>
            [new Tensor(new CumulativeSum(((CumulativeSum)y.Op).Axis, !((CumulativeSum)y.Op).Backward), g)],
        [typeof(CumulativeProduct)] = (y, g) => [new Tensor(
            new CumulativeProductGradient(((CumulativeProduct)y.Op).Axis, ((CumulativeProduct)y.Op).Backward),
            y.Inputs[0], g)],
        [typeof(CustomForward)] = CustomBackward.Rule,
        [typeof(ScatterAdd)] = (y, g) => [null, new Tensor(new Gather(), g, y.Inputs[0])],
        [typeof(BatchGather)] = (y, g) =>
            [new Tensor(new BatchScatterAdd(y.Inputs[0].Dims[1]), y.Inputs[1], g), null],
        [typeof(BatchScatterAdd)] = (y, g) => [null, new Tensor(new BatchGather(), g, y.Inputs[0])],
    };

    /// <summary>
    /// From a node with several results and the gradients with respect to them, null where none flows, to the requested
    /// gradients with respect to its inputs.
    /// </summary>
    internal delegate Tensor?[] MultiRule(Tensor y, Tensor?[] g, Func<Tensor, bool> wanted);

    internal static readonly IReadOnlyDictionary<Type, MultiRule> Multiple = new Dictionary<Type, MultiRule>
    {
        [typeof(Scan)] = ScanGradient.Rule,
        [typeof(Recurrent)] = RecurrentGradient.Rule,
    };

    /// <summary>The gradients of the sum of <paramref name="loss"/>; zeros where it has no dependency.</summary>
    public static Tensor[] Of(Tensor loss, IReadOnlyList<Tensor> wrt, Tensor? seed = null) =>
        [.. Flowing(loss, wrt, seed).Select((gradient, i) => gradient ?? K.ZerosLike(wrt[i]))];

    /// <summary>The gradients of the sum of a loss with respect to the weights trained by them.</summary>
    /// <exception cref="ArgumentException">No gradient flows to a weight.</exception>
    public static Tensor[] Required(Tensor loss, IReadOnlyList<Variable> weights)
    {
        Tensor?[] gradients = Flowing(loss, weights, null);
        string[] without = [.. weights.Where((_, i) => gradients[i] is null).Select(w => w.Name)];
        return without.Length == 0 ? [.. gradients.OfType<Tensor>()] : throw new ArgumentException(
            $"No gradient flows from the loss to {string.Join(", ", without)}: the output does not depend on " +
            $"{(without.Length == 1 ? "it" : "them")}, or only through operations " +
            "without a gradient, such as K.Argmax, K.Round, K.StopGradient. Use differentiable ones, or freeze the " +
            "layer with Trainable = false.", nameof(loss));
    }

    /// <summary>The gradients of the sum of a loss; null where none flows.</summary>
    static Tensor?[] Flowing(Tensor loss, IReadOnlyList<Tensor> wrt, Tensor? seed)
    {
        HashSet<Tensor> relevant = Dependents(loss, wrt);
        var gradients = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        var parts = new Dictionary<Tensor, Tensor?[]>(ReferenceEqualityComparer.Instance);
        if (relevant.Contains(loss)) gradients[loss] = seed ?? K.OnesLike(loss);

        foreach (Tensor y in Enumerable.Reverse(Topology.Order([loss])))
        {
            bool several = parts.TryGetValue(y, out Tensor?[]? partial);
            if (!gradients.TryGetValue(y, out Tensor? g) && !several || y.Inputs.Length == 0) continue;
            if (y.Op is Part { Index: var index })
            {
                if (!parts.TryGetValue(y.Inputs[0], out partial))
                    parts[y.Inputs[0]] = partial =
                        new Tensor?[((MultiOp)y.Inputs[0].Op).LayoutOf(y.Inputs[0].Inputs).Views.Count];
                partial[index] = partial[index] is { } other ? other + g! : g;
                continue;
            }
            using IDisposable? scope = y.Name.Contains('/', StringComparison.Ordinal) || y.Op is IProductOp
                ? TraceScope.GradientOf(y) : null;
            Tensor?[] flows = several
                ? Multiple.GetValueOrDefault(y.Op.GetType())?.Invoke(y, partial!, relevant.Contains) ?? []
                : RuleFor(y)?.Invoke(y, g!) ?? [];
            for (int i = 0; i < flows.Length; i++)
            {
                Tensor x = y.Inputs[i];
                if (flows[i] is not { } flow || !relevant.Contains(x)) continue;
                flow = SumTo(flow, x.Dims);
                gradients[x] = gradients.TryGetValue(x, out Tensor? sum) ? sum + flow : flow;
            }
        }
        return [.. wrt.Select(x => gradients.GetValueOrDefault(x))];
    }

    internal static Rule? RuleFor(Tensor y) => y.Op is Elementwise { Kind: var kind }
        ? Elementwise.GetValueOrDefault(kind)
        : Structural.GetValueOrDefault(y.Op.GetType());

    /// <summary>Sums over broadcast dimensions, so that the gradient has its input's shape.</summary>
    static Tensor SumTo(Tensor g, Dims target)
    {
        if (g.Dims.Equals(target)) return g;
        if (Dims.MayEqual(g.Dims, target) && !g.Dims.Zip(target).Any(p => p.Second.IsOne && !p.First.IsOne))
            return new Tensor(new Reshape(target), g);
        if (Dims.Broadcast(g.Dims, target) is { } wider && !wider.Equals(g.Dims))
            g = new Tensor(new BroadcastTo(wider), g);
        int extra = g.Rank - target.Rank;
        int[] axes =
            [.. Enumerable.Range(0, g.Rank).Where(i => i < extra || (target[i - extra].IsOne && !g.Dims[i].IsOne))];
        Tensor sum = axes.Length == 0 ? g : new Tensor(new Reduce(ReduceKind.Sum, new(axes)), g);
        return sum.Dims.Equals(target) ? sum : new Tensor(new Reshape(target), sum);
    }

    static Tensor?[] Split(Tensor g, Tensor firstWins) => [K.Where(firstWins, g, 0), K.Where(firstWins, 0, g)];

    static Tensor?[] Power(Tensor y, Tensor g)
    {
        Tensor x = y.Inputs[0], p = y.Inputs[1];
        // log x is undefined for x ≤ 0: there the exponent gets no gradient, as in the common frameworks.
        return [g * p * K.Pow(x, p - 1), g * K.Where(0 < x, y * K.Log(K.Where(0 < x, x, 1)), 0)];
    }

    static Tensor?[] Reduction(Tensor y, Tensor g)
    {
        Tensor x = y.Inputs[0];
        var reduce = (Reduce)y.Op;
        if (reduce.Kind == ReduceKind.Prod) return [ProductSlopes(x, reduce.Axes, g)];
        var kept = new Dims([.. x.Dims.Select((d, i) => reduce.Axes.Contains(i) ? (Dim)1 : d)]);
        Tensor wide = new(new Reshape(kept), g);
        if (reduce.Kind == ReduceKind.Sum) return [new Tensor(new BroadcastTo(x.Dims), wide)];

        // The gradient of an extreme value is divided among all elements that attain it.
        Tensor hit = K.Equal(x, new Tensor(new Reshape(kept), y));
        Tensor hits = new(new Reshape(kept), new Tensor(new Reduce(ReduceKind.Sum, reduce.Axes), hit));
        return [hit * (wide / hits)];
    }

    /// <summary>
    /// For each factor, the product of all others, taken from the cumulative products so that zeros are not a special
    /// case.
    /// </summary>
    static Tensor ProductSlopes(Tensor x, Axes axes, Tensor g)
    {
        if (axes.Count == 0) return g;
        int[] others = [.. Enumerable.Range(0, x.Rank).Where(i => !axes.Contains(i))],
            order = [.. others, .. axes.Values];
        Tensor turned = new(new Transpose(new(order)), x);
        Dim size = turned.Dims.Product(others.Length, x.Rank);
        Tensor factors = new(new Reshape(new([.. turned.Dims.Take(others.Length), size])), turned);
        // The last position comes first: from the end, the gradient is at the first position.
        Tensor first = K.Equal(K.Cumsum(new Tensor(new BroadcastTo(new(size)), K.Scalar(1))), 1);
        Tensor ends = K.Where(first, K.ExpandDims(g, -1), 0);
        Tensor slopes = new(new CumulativeProductGradient(others.Length, Backward: true), factors, ends);
        return new(new Transpose(new Transpose(new(order)).Inverse()), new Tensor(new Reshape(turned.Dims), slopes));
    }

    static Tensor?[] Product(Tensor y, Tensor g)
    {
        var op = (MatMul)y.Op;
        Tensor a = y.Inputs[0], b = y.Inputs[1];
        Tensor da = op.TransposeA
            ? new(new MatMul(op.TransposeB, true), b, g)
            : new(new MatMul(false, !op.TransposeB), g, b);
        Tensor db = op.TransposeB
            ? new(new MatMul(true, op.TransposeA), g, a)
            : new(new MatMul(!op.TransposeA, false), a, g);
        return [K.ReshapeLike(da, a), K.ReshapeLike(db, b)];
    }

    static Tensor?[] BatchProduct(Tensor y, Tensor g)
    {
        var op = (BatchMatMul)y.Op;
        Tensor a = y.Inputs[0], b = y.Inputs[1];
        return
        [
            op.TransposeA ? new(new BatchMatMul(op.TransposeB, true), b, g)
                : new(new BatchMatMul(false, !op.TransposeB), g, b),
            op.TransposeB ? new(new BatchMatMul(true, op.TransposeA), g, a)
                : new(new BatchMatMul(!op.TransposeA, false), a, g),
        ];
    }

    /// <summary>Splits y along the axis among the inputs, in order.</summary>
    static Tensor?[] Pieces(Tensor y, Tensor g)
    {
        int axis = ((Concat)y.Op).Axis, start = 0;
        var pieces = new Tensor?[y.Inputs.Length];
        for (int i = 0; i < pieces.Length; i++)
        {
            Dim size = y.Inputs[i].Dims[axis];
            pieces[i] = new Tensor(new Slice(axis, start, size), g);
            if (i + 1 < pieces.Length)
                start += size.Constant ?? throw new ArgumentException("Concatenate: the gradient needs known sizes " +
                    $"along dimension {axis}; given {y.Inputs[i].Shape}.");
        }
        return pieces;
    }

    static Tensor ClipIf(bool clip, Tensor p) =>
        clip ? K.Clip(p, SoftmaxCrossentropy.Epsilon, 1 - SoftmaxCrossentropy.Epsilon) : p;

    /// <summary>
    /// The nodes on a path from any of <paramref name="wrt"/> to the loss; no others need a gradient.
    /// </summary>
    static HashSet<Tensor> Dependents(Tensor loss, IReadOnlyList<Tensor> wrt)
    {
        var relevant = new HashSet<Tensor>(wrt, ReferenceEqualityComparer.Instance);
        foreach (Tensor node in Topology.Order([loss]))
            if (node.Inputs.Any(relevant.Contains)) relevant.Add(node);
        return relevant;
    }
}
