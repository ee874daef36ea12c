using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests.Ops;

/// <summary>
/// An op under test: its inputs' shapes from two random sizes, the range of its values, and the node.
/// </summary>
/// <param name="Op">The covered registry entry: an elementwise kind or an op's class name.</param>
/// <param name="Shapes">The shapes of the inputs, given two sizes.</param>
/// <param name="Build">The node.</param>
/// <param name="Values">Random values for an input; smooth ranges keep finite differences away from kinks.</param>
/// <param name="Differentiable">The inputs whose gradients are checked; all by default.</param>
/// <param name="LargestDifferences">The maximum size for central differences, where many would take long.</param>
internal sealed record OpCase(string Op, Func<int, int, int[][]> Shapes, Func<Tensor[], Tensor> Build,
    Func<int, Random, double>? Values = null, int[]? Differentiable = null, int LargestDifferences = 17)
{
    public double Value(int input, Random random) => Values?.Invoke(input, random) ?? random.NextDouble() * 4 - 2;
}

/// <summary>All ops. A test that enumerates the registries fails if one is missing here.</summary>
internal static class OpTable
{
    static CustomOp Squared { get; } = new("Squared",
        a =>
        {
            for (int i = 0; i < a.Output.Length; i++) a.Output[i] = a.Input(0)[i] * a.Input(0)[i];
        },
        a =>
        {
            for (int i = 0; i < a.Gradient.Length; i++) a.Gradient[i] = 2 * a.Input(0)[i] * a.OutputGradient[i];
        });

    public static IReadOnlyList<OpCase> Cases { get; } =
    [
        .. Unary(ElementwiseKind.Identity, ElementwiseKind.StopGradient, ElementwiseKind.Negate, ElementwiseKind.Square,
            ElementwiseKind.Exp, ElementwiseKind.Expm1, ElementwiseKind.Erf, ElementwiseKind.Sin, ElementwiseKind.Cos,
            ElementwiseKind.Tanh, ElementwiseKind.Sigmoid, ElementwiseKind.Softplus),
        .. Unary((_, r) => AwayFromWhole(r), ElementwiseKind.Abs, ElementwiseKind.Sign, ElementwiseKind.Relu,
            ElementwiseKind.Floor, ElementwiseKind.Round),
        .. Unary((_, r) => 0.3 + 3 * r.NextDouble(), ElementwiseKind.Sqrt, ElementwiseKind.Log, ElementwiseKind.Log1p),
        .. Binary(null, ElementwiseKind.Add, ElementwiseKind.Subtract, ElementwiseKind.Multiply),
        .. Binary((i, r) => i == 0 ? r.NextDouble() * 4 - 2 : (0.5 + r.NextDouble()) * (r.Next(2) * 2 - 1),
            ElementwiseKind.Divide),
        .. Binary((i, r) => 0.4 + 2 * r.NextDouble(), ElementwiseKind.Pow),
        .. Binary((i, r) => Math.Round(r.NextDouble() * 40) * 0.2 + i * 0.1, ElementwiseKind.Minimum,
            ElementwiseKind.Maximum, ElementwiseKind.Less, ElementwiseKind.LessEqual, ElementwiseKind.Equal),
        new(nameof(AcrossDevices), (m, n) => [[m, n]], t => new(new AcrossDevices(ReduceKind.Sum), t),
            Differentiable: []),
        new("Equal", (m, n) => [[m, n], [m, n]], t => Node(ElementwiseKind.Equal, t), (_, r) => r.Next(3)),
        new("Where", (m, n) => [[m, n], [m, n], [n]], t => Node(ElementwiseKind.Where, t),
            (i, r) => i == 0 ? r.Next(2) : r.NextDouble(), [1, 2]),
        new(nameof(BroadcastTo), (m, n) => [[n]], t => new(new BroadcastTo(new(3, 2, t[0].Dims[0])), t)),
        new(nameof(BroadcastTo), (m, n) => [[m, 1, n]],
            t => new(new BroadcastTo(new(t[0].Dims[0], 4, t[0].Dims[2])), t)),
        new(nameof(Reshape), (m, n) => [[m, 2, n]],
            t => K.Square(new(new Reshape(new(t[0].Dims[2], t[0].Dims[0] * 2)), t))),
        .. new int[][] { [1, 0], [0, 1] }.Select(
            axes => new OpCase(nameof(Transpose), (m, n) => [[m, n]], t => new(new Transpose(new(axes)), t))),
        .. new int[][] { [2, 1, 0], [0, 2, 1], [1, 0, 2], [2, 0, 1] }.Select(
            axes => new OpCase(nameof(Transpose), (m, n) => [[m, 3, n]],
                t => K.Square(new(new Transpose(new(axes)), t)))),
        .. Reductions(ReduceKind.Sum, null),
        // On a grid: two equal values share the gradient, as does the central difference; almost equal ones would
        // disturb it.
        .. Reductions(ReduceKind.Max, (_, r) => r.Next(-20_000, 20_000) * 1e-4),
        .. Reductions(ReduceKind.Min, (_, r) => r.Next(-20_000, 20_000) * 1e-4),
        .. Reductions(ReduceKind.Prod, (_, r) => 0.5 + r.NextDouble()),
        new(nameof(Reduce), (m, n) => [[m, n], [n]], t => K.Sum(K.Square(t[0] - t[1]), axis: 0)),
        new(nameof(Reduce), (m, n) => [[m, n], [m, 1]], t => K.Sum(K.Tanh(t[0] * t[1]), axis: -1)),
        .. from ta in new[] { false, true }
           from tb in new[] { false, true }
           select new OpCase(nameof(MatMul), (m, n) => [ta ? [5, m] : [m, 5], tb ? [n, 5] : [5, n]],
               t => new(new MatMul(ta, tb), t)),
        new(nameof(MatMul), (m, n) => [[m, n], [n, 1]], t => new(new MatMul(false, false), t)),
        new(nameof(MatMul), (m, n) => [[n, m], [n, 1]], t => new(new MatMul(true, false), t)),
        new(nameof(MatMul), (m, n) => [[m, 2, 3], [3, n]], t => new(new MatMul(false, false), t)),
        new(nameof(MatMul), (m, n) => [[m, 4], [4, n], [n], [m, n]], t => K.Tanh(K.Dot(t[0], t[1]) + t[2]) * t[3]),
        .. from turned in new[] { false, true }
           select new OpCase(nameof(IntegerMatMul), (m, n) => [[m, 37], turned ? [n, 37] : [37, n]],
               t => new(new IntegerMatMul(turned), t), (_, r) => r.Next(-128, 128), []),
        new(nameof(IntegerMatMul), (m, n) => [[2, m, n], [n, 3], [3], [2, m, 1]],
            t => K.Relu(K.IntegerDot(t[0], t[1]) / (t[2] * t[3])),
            (i, r) => i < 2 ? r.Next(-128, 128) : 1 + r.NextDouble(), []),
        new(nameof(Unpack), (m, n) => [[m, n]], t => new(new Unpack(), t), Differentiable: []),
        new(nameof(ElementwiseKind.StraightThrough), (m, n) => [[m, n]],
            t => K.StraightThrough(K.Square(t[0]), K.Square(t[0]))),
        new(nameof(Softmax), (m, n) => [[m, n + 1]], t => K.Square(K.Softmax(t[0]))),
        new(nameof(Softmax), (m, n) => [[m, 3, n]], t => K.Square(K.Softmax(t[0], axis: 1))),
        new(nameof(SoftmaxCrossentropy), (m, n) => [[m, n + 1], [m, n + 1]],
            t => new(new SoftmaxCrossentropy(Clip: true), t),
            (i, r) => i == 0 ? r.NextDouble() : r.NextDouble() * 4 - 2),
        new(nameof(SoftmaxCrossentropy), (m, n) => [[m, n + 1], [m, n + 1]],
            t => new(new SoftmaxCrossentropy(Clip: false), t),
            (i, r) => i == 0 ? r.NextDouble() : r.NextDouble() * 4 - 2),
        new(nameof(SoftmaxCrossentropyGradient), (m, n) => [[m, n + 1], [m, n + 1], [m]],
            t => new(new SoftmaxCrossentropyGradient(Clip: true), t), (_, r) => r.NextDouble(), []),
        new(nameof(SparseSoftmaxCrossentropy), (m, n) => [[m], [m, 4]],
            t => new(new SparseSoftmaxCrossentropy(Clip: true), t),
            (i, r) => i == 0 ? r.Next(4) : r.NextDouble() * 4 - 2, [1]),
        new(nameof(SparseSoftmaxCrossentropy), (m, n) => [[m, n], [m, n, 19]],
            t => new(new SparseSoftmaxCrossentropy(Clip: false), t),
            (i, r) => i == 0 ? r.Next(19) : r.NextDouble() * 4 - 2, [1]),
        new(nameof(SparseSoftmaxCrossentropyGradient), (m, n) => [[m], [m, 5], [m]],
            t => new(new SparseSoftmaxCrossentropyGradient(Clip: true), t),
            (i, r) => i == 0 ? r.Next(5) : r.NextDouble(), []),
        new(nameof(Gather), (m, n) => [[4, n], [m]], t => new(new Gather(), t),
            (i, r) => i == 1 ? r.Next(4) : r.NextDouble(), [0]),
        new(nameof(ScatterAdd), (m, n) => [[m], [m, n]], t => new(new ScatterAdd(4), t),
            (i, r) => i == 0 ? r.Next(4) : r.NextDouble(), [1]),
        // Indices below and above the table mean its first and last row.
        new(nameof(BatchGather), (m, n) => [[m, 4, n], [m, 2, 3]], t => new(new BatchGather(), t),
            (i, r) => i == 1 ? r.Next(-1, 6) : r.NextDouble(), [0]),
        new(nameof(BatchGather), (m, n) => [[m, 3], [m, n]], t => new(new BatchGather(), t),
            (i, r) => i == 1 ? r.Next(3) + 0.25 : r.NextDouble(), [0]),
        new(nameof(BatchScatterAdd), (m, n) => [[m, 5], [m, 5, n]], t => new(new BatchScatterAdd(4), t),
            (i, r) => i == 0 ? r.Next(-1, 6) : r.NextDouble(), [1]),
        .. from ta in new[] { false, true }
           from tb in new[] { false, true }
           select new OpCase(nameof(BatchMatMul), (m, n) => [ta ? [m, 3, n] : [m, n, 3], tb ? [m, 2, 3] : [m, 3, 2]],
               t => new(new BatchMatMul(ta, tb), t), LargestDifferences: 3),
        new(nameof(BatchMatMul), (m, n) => [[2, m, 5, n], [2, m, n, 4]], t => new(new BatchMatMul(false, false), t),
            LargestDifferences: 3),
        new(nameof(Slice), (m, n) => [[m, 5, n]], t => K.Square(new(new Slice(1, 2, 2), t))),
        new(nameof(Slice), (m, n) => [[4, m, n]], t => new(new Slice(0, 1, 3), t)),
        new(nameof(Pad), (m, n) => [[m, 2, n]], t => K.Square(new(new Pad(1, 1, 4), t))),
        new(nameof(Pad), (m, n) => [[m, n, 3]], t => new(new Pad(2, 0, 5), t)),
        new(nameof(Concat), (m, n) => [[m, 2, n], [m, 1, n], [m, 3, n]], t => K.Concatenate(t, 1)),
        new(nameof(Concat), (m, n) => [[m, n, 1], [m, n, 4]], t => K.Square(K.Concatenate(t))),
        new(nameof(Reverse), (m, n) => [[3, m, n]], t => K.Square(K.Reverse(t[0], 0))),
        new(nameof(Reverse), (m, n) => [[m, 4, n]], t => K.Reverse(t[0], 1)),
        .. from axis in new[] { 0, 1, 2 }
           from backward in new[] { false, true }
           from op in new Graphs.Op[] { new CumulativeSum(axis, backward), new CumulativeProduct(axis, backward) }
           select new OpCase(op.Name, (m, n) => [[m, 3, n]], t => K.Square(new Tensor(op, t)), (_, r) => Factor(r),
               LargestDifferences: 5),
        // More lines than are processed together, and longer ones.
        new(nameof(CumulativeSum), (m, n) => [[2, 40, n]], t => new(new CumulativeSum(1), t), Differentiable: []),
        .. from axis in new[] { 0, 1, 2 }
           from backward in new[] { false, true }
           select new OpCase(nameof(CumulativeProductGradient), (m, n) => [[m, 3, n], [m, 3, n]],
               t => new(new CumulativeProductGradient(axis, backward), t), (_, r) => Factor(r), []),
        // Zeros among the factors, one and more in a row.
        new(nameof(Reduce), (m, n) => [[m, n]], t => K.Prod(t[0], axis: 1), (_, r) => Factor(r), LargestDifferences: 5),
        .. new Windows[]
        {
            new(new Window(3, 1, 1, 0, 0)), new(new Window(2, 2, 1, 0, 0)), new(new Window(2, 1, 3, 0, 0)),
        }.Select(
            w => new OpCase(nameof(Convolve), (m, n) => [[m, 7, 9], [w.Values[0].Size, 9, n + 1]],
                t => new(new Convolve(w), t), LargestDifferences: 3)),
        new(nameof(Convolve), (m, n) => [[m, 4, 5, 8], [2, 3, 8, n + 1]],
            t => new(new Convolve(new Windows(new Window(2, 1, 1, 0, 0), new Window(3, 1, 1, 0, 0))), t),
            LargestDifferences: 3),
        new(nameof(Convolve), (m, n) => [[m, 4, 5, 3], [2, 2, 3, n + 1]],
            t => K.Tanh(new Tensor(new Convolve(new Windows(new Window(2, 2, 1, 0, 0), new Window(2, 3, 1, 0, 0))), t)
                + 0.1), LargestDifferences: 3),
        new(nameof(Convolve), (m, n) => [[m, 3, 14, 2, 2], [2, 1, 2, 2, 2]],
            t => new(
                new Convolve(
                    new Windows(new Window(2, 1, 1, 0, 0), new Window(1, 1, 1, 0, 0), new Window(2, 1, 1, 0, 0))), t),
            LargestDifferences: 3),
        // Windows over the edge: equal and unequal padding, strides, dilation, few and many channels, three dimensions,
        // padding wider than a window, and lines too long for a copy.
        new(nameof(Convolve), (m, n) => [[m, 4, 5, 8], [3, 3, 8, n + 1]],
            t => new(new Convolve(new Windows(new Window(3, 1, 1, 1, 1), new Window(3, 1, 1, 1, 1))), t),
            LargestDifferences: 3),
        new(nameof(Convolve), (m, n) => [[m, 4, 5, 2], [3, 2, 2, n + 1]],
            t => K.Tanh(new Tensor(new Convolve(new Windows(new Window(3, 2, 1, 0, 1), new Window(2, 3, 1, 1, 0))), t)
                + 0.1), LargestDifferences: 3),
        new(nameof(Convolve), (m, n) => [[m, 7, 6], [3, 6, n + 1]],
            t => new(new Convolve(new Windows(new Window(3, 1, 2, 4, 0))), t), LargestDifferences: 3),
        new(nameof(Convolve), (m, n) => [[m, 3, 4, 5, 2], [2, 3, 2, 2, 2]],
            t => new(
                new Convolve(
                    new Windows(new Window(2, 1, 1, 0, 1), new Window(3, 1, 1, 1, 1), new Window(2, 2, 1, 1, 1))), t),
            LargestDifferences: 3),
        new(nameof(Convolve), (m, n) => [[m, 3, 2], [2, 2, n + 1]],
            t => new(new Convolve(new Windows(new Window(2, 1, 1, 3, 2))), t), LargestDifferences: 3),
        new(nameof(Convolve), (m, n) => [[1, 3, 120, 96], [3, 3, 96, n]],
            t => K.Sum(new Tensor(new Convolve(new Windows(new Window(3, 1, 1, 1, 1), new Window(3, 1, 1, 1, 1))), t),
                [1, 2]), Differentiable: []),
        new(nameof(ConvolveKernelGradient), (m, n) => [[m, 6, 5], [m, 6, n + 1]],
            t => new(new ConvolveKernelGradient(new(new Window(3, 1, 1, 1, 1)), new(3, 5, t[1].Dims[2])), t),
            LargestDifferences: 3),
        new(nameof(ConvolveKernelGradient), (m, n) => [[m, 5, 4, 18], [m, 3, 4, 2]],
            t => new(
                new ConvolveKernelGradient(new(new Window(2, 2, 1, 0, 1), new Window(2, 1, 1, 1, 0)), new(2, 2, 18, 2)),
                t), LargestDifferences: 3),
        new(nameof(ConvolveKernelGradient), (m, n) => [[m, 6, 5], [m, 4, n + 1]],
            t => new(new ConvolveKernelGradient(new(new Window(3, 1, 1, 0, 0)), new(3, 5, t[1].Dims[2])), t),
            LargestDifferences: 3),
        new(nameof(ConvolveKernelGradient), (m, n) => [[m, 5, 4, 3], [m, 2, 3, 2]],
            t => new(
                new ConvolveKernelGradient(new(new Window(2, 2, 1, 0, 0), new Window(2, 1, 1, 0, 0)), new(2, 2, 3, 2)),
                t), LargestDifferences: 3),
        // A loop with two states, one output, and something that all steps share: all of its results count.
        new(nameof(Scan), (m, n) => [[4, m, n], [m, n], [m, n], [n]], t => Looped(t, backward: false),
            LargestDifferences: 3),
        .. from kind in Enum.GetValues<CellKind>()
           from masked in new[] { false, true }
           select new OpCase(nameof(Recurrent), (m, n) => RecurrentShapes(kind, masked, m, n),
               t => Sequence(kind, GateFunction.Tanh, GateFunction.Sigmoid, masked, t),
               (i, r) => masked && i == RecurrentInputs(kind) ? r.Next(2) : r.NextDouble() - 0.5,
               [.. Enumerable.Range(0, RecurrentInputs(kind))], 3),
        .. from function in Enum.GetValues<GateFunction>()
           from kind in new[] { CellKind.SimpleRNN, CellKind.LSTM }
           select new OpCase(nameof(Recurrent), (m, n) => RecurrentShapes(kind, false, m, n),
               t => Sequence(kind, function, function, false, t), (i, r) => AwayFromKinks(i, r), null, 3),
        new(nameof(MaxPool), (m, n) => [[m, 5, n + 1]],
            t => K.Square(new(new MaxPool(new(new Window(3, 2, 1, 1, 1))), t))),
        new(nameof(MaxPool), (m, n) => [[m, 4, 5, n]],
            t => new(new MaxPool(new(new Window(2, 2, 1, 0, 0), new Window(3, 1, 1, 1, 1))), t)),
        new(nameof(MaxPool), (m, n) => [[m, 2, 3, 4, 2]],
            t => new(
                new MaxPool(new(new Window(2, 1, 1, 0, 1), new Window(2, 2, 1, 0, 1), new Window(1, 3, 1, 0, 0))), t)),
        // Among equal values in a window, the first one gets the gradient; integers have many ties.
        new(nameof(MaxPoolGradient), (m, n) => [[m, 5, n], [m, 5, n]],
            t => new(new MaxPoolGradient(new(new Window(3, 1, 1, 1, 1))), t[0],
                new Tensor(new MaxPool(new(new Window(3, 1, 1, 1, 1))), t[0]), t[1]),
            (i, r) => i == 0 ? r.Next(3) : r.NextDouble(), []),
        new(nameof(Patches), (m, n) => [[m, 5, n]], t => new(new Patches(new(new Window(3, 2, 1, 1, 1)), 0), t)),
        new(nameof(Patches), (m, n) => [[m, 4, 5, n]],
            t => K.Square(new(new Patches(new(new Window(2, 1, 2, 0, 1), new Window(3, 2, 1, 2, 0)), 0.5f), t))),
        new(nameof(Patches), (m, n) => [[m, 3, 2, 3, n]],
            t => new(
                new Patches(new(new Window(2, 1, 1, 0, 0), new Window(2, 2, 1, 1, 1), new Window(1, 2, 1, 0, 0)),
                    0), t)),
        new(nameof(PatchesGradient), (m, n) => [[m, 3, 3, n]],
            t => new(new PatchesGradient(new(new Window(3, 2, 1, 1, 1)), new([t[0].Dims[0], 5, t[0].Dims[3]])), t)),
        // The user's function: here the square.
        new(nameof(CustomForward), (m, n) => [[m, n]], t => Squared.Call(t)),
        new(nameof(CustomBackward), (m, n) => [[m, n], [m, n], [m, n]], t => new(new CustomBackward(Squared, 0), t),
            null, []),
        new(nameof(OneHot), (m, n) => [[m, n]], t => new(new OneHot(4), t), (_, r) => r.Next(4), []),
        new(nameof(ArgMax), (m, n) => [[m, n + 1]], t => new(new ArgMax(), t), Differentiable: []),
        new(nameof(InTopK), (m, n) => [[m, 6], [m]], t => new(new InTopK(2), t),
            (i, r) => i == 1 ? r.Next(6) : r.NextDouble(), []),
        new(nameof(LowerTriangle), (m, n) => [[m, m]], t => t[0] * new Tensor(new LowerTriangle(t[0].Dims[0]))),
        new(nameof(SizeOf), (m, n) => [[m, n]], t => t[0] * new Tensor(new SizeOf(t[0].Dims.Size))),
    ];

    static Tensor Looped(Tensor[] t, bool backward)
    {
        Tensor x = K.Placeholder(t[1].Dims), a = K.Placeholder(t[1].Dims), b = K.Placeholder(t[1].Dims),
            factor = K.Placeholder(t[3].Dims);
        Tensor nextA = K.Tanh(a * factor + x), nextB = b + nextA * x;
        var body = new ScanBody([x], [a, b], [factor], [nextA, nextB], [nextB * a], keepsStates: true);
        Tensor scan = Scan.Over(body, 4, backward, [t[0]], [t[1], t[2]], [t[3]]);
        return K.Square(Scan.State(scan, 0, Scan.After)) + Scan.State(scan, 1, Scan.After) * Scan.Output(scan, 0)
            + Scan.State(scan, 0, Scan.Last) + 2 * Scan.State(scan, 1, Scan.Last);
    }

    /// <summary>The inputs of a recurrent kernel, except the mask.</summary>
    static int RecurrentInputs(CellKind kind) => kind is CellKind.LSTM or CellKind.ResetAfterGRU ? 4 : 3;

    static int[][] RecurrentShapes(CellKind kind, bool masked, int m, int n)
    {
        int gates = new CellProgram(kind, default, default, masked).Gates, units = n + 1;
        List<int[]> shapes = [[3, m, gates * units], [units, gates * units], [m, units]];
        if (kind == CellKind.LSTM) shapes.Add([m, units]);
        if (kind == CellKind.ResetAfterGRU) shapes.Add([units]);
        if (masked) shapes.Add([3, m]);
        return [.. shapes];
    }

    static Tensor Sequence(CellKind kind, GateFunction activation, GateFunction recurrent, bool masked, Tensor[] t)
    {
        var op = new Recurrent(new(kind, activation, recurrent, masked));
        Tensor node = new(op, t);
        Tensor View(int state, int view) => new(new Part(state * Recurrent.ViewsPerState + view), node);
        Tensor y = K.Square(View(0, Recurrent.After)) + 2 * View(0, Recurrent.Last);
        return kind == CellKind.LSTM ? y + 3 * View(1, Recurrent.Last) : y;
    }

    static IEnumerable<OpCase> Unary(params ElementwiseKind[] kinds) => Unary(null!, kinds);

    static IEnumerable<OpCase> Unary(Func<int, Random, double> values, params ElementwiseKind[] kinds) =>
        kinds.Select(k => new OpCase(k.ToString(), (m, n) => [[m, n]], t => Node(k, t), values));

    /// <summary>Equal shapes, and every way to broadcast.</summary>
    static IEnumerable<OpCase> Binary(Func<int, Random, double>? values, params ElementwiseKind[] kinds) =>
        from k in kinds
        from shapes in new Func<int, int, int[][]>[]
        {
            (m, n) => [[m, n], [m, n]], (m, n) => [[m, n], [n]], (m, n) => [[n], [m, n]], (m, n) => [[m, n], [m, 1]],
                (m, n) => [[m, n], []],
            (m, n) => [[m, 1], [1, n]], (m, n) => [[2, m, n], [m, 1]], (m, n) => [[m, 2, n], [m, 1, n]],
        }
        select new OpCase(k.ToString(), shapes, t => Node(k, t), values);

    static IEnumerable<OpCase> Reductions(ReduceKind kind, Func<int, Random, double>? values) =>
        from axes in new int[][] { [0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2] }
        select new OpCase(nameof(Reduce), (m, n) => [[m, 3, n]], t => new(new Reduce(kind, new(axes)), t), values);

    /// <summary>A number close to 1 or −1, or 0.</summary>
    static double Factor(Random random) =>
        random.Next(6) == 0 ? 0 : (0.5 + random.NextDouble()) * (random.Next(2) * 2 - 1);

    static Tensor Node(ElementwiseKind kind, Tensor[] inputs) => new(new Elementwise(kind), inputs);

    /// <summary>The gates' inputs stay away from 0: a weak recurrent kernel, everything else strong.</summary>
    static double AwayFromKinks(int input, Random r) =>
        input == 1 ? 0.04 * (r.NextDouble() - 0.5) : (0.5 + 0.5 * r.NextDouble()) * (r.Next(2) * 2 - 1);

    static double AwayFromWhole(Random r) => r.Next(-3, 3) + 0.1 + 0.3 * r.NextDouble();
}
