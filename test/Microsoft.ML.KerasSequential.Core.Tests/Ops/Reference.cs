using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests.Ops;

/// <summary>The reference for kernels and gradients: each op in float64, in the plainest loops.</summary>
internal sealed partial class Reference(IReadOnlyDictionary<Tensor, double[]> inputs)
{
    static readonly Bindings s_none = new(new Dictionary<Symbol, int>());

    readonly Dictionary<Tensor, double[]> _values = new(inputs, ReferenceEqualityComparer.Instance);

    public double[] Evaluate(Tensor root)
    {
        foreach (Tensor node in Topology.Order([root]))
            if (!_values.ContainsKey(node)) _values[node] = Compute(node);
        return _values[root];
    }

    /// <summary>Central differences of a loss with respect to each value of one of its inputs.</summary>
    public static double[] Slopes(IReadOnlyDictionary<Tensor, double[]> inputs, Tensor loss, Tensor wrt)
    {
        const double step = 1e-5;
        var reference = new Reference(inputs);
        reference.Evaluate(loss);
        Tensor[] after = DependsOn(wrt, loss);
        double[] x = inputs[wrt], slopes = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double old = x[i];
            double above = LossAt(old + step), below = LossAt(old - step);
            x[i] = old;
            slopes[i] = (above - below) / (2 * step);

            double LossAt(double value)
            {
                x[i] = value;
                foreach (Tensor node in after) reference._values[node] = reference.Compute(node);
                return reference._values[loss][0];
            }
        }
        return slopes;
    }

    /// <summary>What a change of an input changes, in the order of computation; a stopped gradient changes
    /// nothing.</summary>
    static Tensor[] DependsOn(Tensor input, Tensor root)
    {
        var changed = new HashSet<Tensor>(ReferenceEqualityComparer.Instance) { input };
        return [.. Topology.Order([root]).Where(node =>
            node.Op is not Elementwise { Kind: ElementwiseKind.StopGradient }
            && node.Inputs.Any(changed.Contains) && changed.Add(node))];
    }

    /// <summary>The error function: its power series near 0, the continued fraction of its complement beyond
    /// 2.</summary>
    public static double Erf(double x)
    {
        if (double.IsNaN(x)) return x;
        double far = Math.Abs(x);
        if (far > 6) return Math.Sign(x);
        if (far > 2)
        {
            double fraction = 0;
            for (int k = 80; k > 0; k--) fraction = k / 2.0 / (far + fraction);
            return Math.Sign(x) * (1 - Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (far + fraction));
        }
        double term = x, sum = x;
        for (int k = 1; k < 60; k++)
        {
            term *= -x * x / k;
            sum += term / (2 * k + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    /// <summary>The elementwise operations by definition.</summary>
    public static double Apply(ElementwiseKind kind, double x, double y = 0, double z = 0) => kind switch
    {
        ElementwiseKind.Identity or ElementwiseKind.StopGradient or ElementwiseKind.StraightThrough => x,
        ElementwiseKind.Negate => -x,
        ElementwiseKind.Abs => Math.Abs(x),
        ElementwiseKind.Sign => double.IsNaN(x) ? x : Math.Sign(x),
        ElementwiseKind.Sqrt => Math.Sqrt(x),
        ElementwiseKind.Square => x * x,
        ElementwiseKind.Exp => Math.Exp(x),
        ElementwiseKind.Expm1 => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1,
        ElementwiseKind.Erf => Erf(x),
        ElementwiseKind.Log => Math.Log(x),
        ElementwiseKind.Log1p => Math.Abs(x) < 1e-5 ? x - x * x / 2 : Math.Log(1 + x),
        ElementwiseKind.Sin => Math.Sin(x),
        ElementwiseKind.Cos => Math.Cos(x),
        ElementwiseKind.Tanh => Math.Tanh(x),
        ElementwiseKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
        ElementwiseKind.Softplus => x > 30 ? x : x < -30 ? Math.Exp(x) : Math.Log(1 + Math.Exp(x)),
        ElementwiseKind.Relu => double.IsNaN(x) ? x : Math.Max(x, 0),
        ElementwiseKind.Floor => Math.Floor(x),
        ElementwiseKind.Round => Math.Round(x, MidpointRounding.ToEven),
        ElementwiseKind.Add => x + y,
        ElementwiseKind.Subtract => x - y,
        ElementwiseKind.Multiply => x * y,
        ElementwiseKind.Divide => x / y,
        ElementwiseKind.Pow => Math.Pow(x, y),
        ElementwiseKind.Minimum => Math.Min(x, y),
        ElementwiseKind.Maximum => Math.Max(x, y),
        ElementwiseKind.Less => x < y ? 1 : 0,
        ElementwiseKind.LessEqual => x <= y ? 1 : 0,
        ElementwiseKind.Equal => x == y ? 1 : 0,
        ElementwiseKind.Where => x != 0 ? y : z,
        _ => throw new InvalidOperationException($"The reference does not know {kind}."),
    };

    /// <summary>
    /// Visits all windows: for each value of a patch, its source index (−1 beyond the edge) and its own index.
    /// </summary>
    static double[] Windowed(Windows windows, int[] places, int[] patches, Action<int, int, double[]> visit, int size)
    {
        var result = new double[size];
        int rank = windows.Values.Count;
        for (int to = 0; to < patches.Aggregate(1, (a, b) => a * b); to++)
        {
            int[] index = Unravel(to, patches);
            visit(Source(windows, places, index, index.AsSpan(rank + 1)), to, result);
        }
        return result;
    }

    /// <summary>
    /// The index of the value that a window at a position reads at a place within it, which ends with the channel; −1
    /// beyond the edge.
    /// </summary>
    static int Source(Windows windows, int[] places, ReadOnlySpan<int> position, ReadOnlySpan<int> within)
    {
        int source = position[0];
        for (int d = 0; d < windows.Values.Count; d++)
        {
            Window w = windows.Values[d];
            int from = position[d + 1] * w.Stride - w.Before + within[d] * w.Dilation;
            if (from < 0 || from >= places[d + 1]) return -1;
            source = source * places[d + 1] + from;
        }
        return source * places[^1] + within[^1];
    }

    static double[] Largest(Windows windows, double[] x, int[] places, int[] positions, int size)
    {
        double[] largest = Each(size, _ => double.NegativeInfinity);
        VisitWindows(windows, places, positions, (from, to) => largest[to] = Math.Max(largest[to], x[from]));
        return largest;
    }

    static double[] ToLargest(Windows windows, double[] x, int[] places, double[] largest, double[] gradient,
        int[] positions)
    {
        var result = new double[x.Length];
        var given = new bool[largest.Length];
        VisitWindows(windows, places, positions, (from, to) =>
        {
            if (given[to] || x[from] != largest[to]) return;
            given[to] = true;
            result[from] += gradient[to];
        });
        return result;
    }

    /// <summary>For each position, the source indices of its window, in order.</summary>
    static void VisitWindows(Windows windows, int[] places, int[] positions, Action<int, int> visit)
    {
        int[] patches = [.. positions[..^1], .. windows.Values.Select(w => w.Size), positions[^1]];
        Windowed(windows, places, patches, (from, to, _) =>
        {
            int[] index = Unravel(to, patches);
            if (from >= 0) visit(from, Ravel([.. index[..(windows.Values.Count + 1)], index[^1]], positions));
        }, 0);
    }

    double[] Compute(Tensor node)
    {
        if (node.Op is MultiOp)
        {
            _results[node] = Results(node);
            return [];
        }
        if (node.Op is Part part) return _results[node.Inputs[0]][part.Index];
        int[] shape = node.Dims.Evaluate(s_none);
        double[][] x = [.. node.Inputs.Select(i => _values[i])];
        int[][] shapes = [.. node.Inputs.Select(i => i.Dims.Evaluate(s_none))];
        int size = shape.Aggregate(1, (a, b) => a * b);
        return node.Op switch
        {
            Constant c => [.. c.Value.ToArray().Select(v => (double)v)],
            Scalar s => [s.Value],
            LowerTriangle => Each(size, i => i % shape[1] <= i / shape[1] ? 1 : 0),
            SizeOf s => [s.Size.Evaluate(s_none)],
            Elementwise e =>
                Each(size, i => Apply(e.Kind, At(0, i), x.Length > 1 ? At(1, i) : 0, x.Length > 2 ? At(2, i) : 0)),
            BroadcastTo => Each(size, i => At(0, i)),
            Reshape or AcrossDevices or Unpack => x[0],
            Transpose t => Each(size, i =>
            {
                int[] index = Unravel(i, shape), source = new int[index.Length];
                for (int d = 0; d < index.Length; d++) source[t.Axes[d]] = index[d];
                return x[0][Ravel(source, shapes[0])];
            }),
            Reduce r => Reduction(r, x[0], shapes[0], shape),
            MatMul m => Product(m, x[0], shapes[0], x[1], shapes[1]),
            IntegerMatMul m => Product(new(false, m.TransposeB), x[0], shapes[0], x[1], shapes[1]),
            Softmax => Rows(x[0], shape[^1], Probabilities),
            SoftmaxCrossentropy c => RowLoss(x[1], shapes[1][^1],
                (row, r) => -row.Select((p, k) => x[0][r * row.Length + k] == 0 ? 0
                    : x[0][r * row.Length + k] * ClippedLog(p, c.Clip)).Sum()),
            SparseSoftmaxCrossentropy c =>
                RowLoss(x[1], shapes[1][^1], (row, r) => -ClippedLog(row[(int)x[0][r]], c.Clip)),
            SoftmaxCrossentropyGradient c =>
                Each(size, i => Slope(i, shape[^1], x[1], x[2], k => x[0][i / shape[^1] * shape[^1] + k], c.Clip)),
            SparseSoftmaxCrossentropyGradient c =>
                Each(size, i => Slope(i, shape[^1], x[1], x[2], k => x[0][i / shape[^1]] == k ? 1 : 0, c.Clip)),
            Gather => Each(size, i =>
            {
                int row = shapes[0].Skip(1).Aggregate(1, (a, b) => a * b);
                double index = x[1][i / row];
                return index >= 0 && index < shapes[0][0] ? x[0][(int)index * row + i % row] : double.NaN;
            }),
            ScatterAdd => Scatter(x[0], x[1], shape),
            BatchGather => Each(size, i =>
            {
                int row = shapes[0].Skip(2).Aggregate(1, (a, b) => a * b), places = x[1].Length / shapes[1][0];
                return x[0][TableRow(x[1], i / row, places, shapes[0][1]) * row + i % row];
            }),
            BatchScatterAdd => Scatter(
                Each(x[0].Length, i => TableRow(x[0], i, x[0].Length / shape[0], shape[1])), x[1],
                [shape[0] * shape[1], .. shape.Skip(2)]),
            BatchMatMul m => BatchProduct(m, x[0], shapes[0], x[1], shapes[1]),
            Slice s => Each(size, i =>
            {
                int[] index = Unravel(i, shape);
                index[s.Axis] += s.Start;
                return x[0][Ravel(index, shapes[0])];
            }),
            Pad p => Each(size, i =>
            {
                int[] index = Unravel(i, shape);
                index[p.Axis] -= p.Before;
                return index[p.Axis] >= 0 && index[p.Axis] < shapes[0][p.Axis] ? x[0][Ravel(index, shapes[0])] : 0;
            }),
            Concat c => Each(size, i =>
            {
                int[] index = Unravel(i, shape);
                int input = 0;
                while (index[c.Axis] >= shapes[input][c.Axis]) index[c.Axis] -= shapes[input++][c.Axis];
                return x[input][Ravel(index, shapes[input])];
            }),
            Reverse r => Each(size, i =>
            {
                int[] index = Unravel(i, shape);
                index[r.Axis] = shape[r.Axis] - 1 - index[r.Axis];
                return x[0][Ravel(index, shape)];
            }),
            Cumulative c => Accumulated(c, x, shape),
            Convolve c => Convolution(c.Windows, shapes[0], shapes[1], shape,
                (place, weight, result, sum) => sum[result] += x[0][place] * x[1][weight], size),
            ConvolveKernelGradient c => Convolution(c.Windows, shapes[0], shape, shapes[1],
                (place, weight, result, sum) => sum[weight] += x[0][place] * x[1][result], size),
            MaxPool p => Largest(p.Windows, x[0], shapes[0], shape, size),
            MaxPoolGradient p => ToLargest(p.Windows, x[0], shapes[0], x[1], x[2], shapes[1]),
            Patches p => Windowed(p.Windows, shapes[0], shape,
                (from, to, sum) => sum[to] = from < 0 ? p.Fill : x[0][from], size),
            PatchesGradient p => Windowed(p.Windows, shape, shapes[0],
                (from, to, sum) => sum[Math.Max(0, from)] += from < 0 ? 0 : x[0][to], size),
            CustomForward => Each(size, i => x[0][i] * x[0][i]),
            CustomBackward => Each(size, i => 2 * x[0][i] * x[2][i]),
            OneHot o => Each(size, i => x[0][i / o.Depth] == i % o.Depth ? 1 : 0),
            ArgMax => Rows(x[0], shapes[0][^1], row => [Array.IndexOf(row, row.Max())]),
            InTopK k => Rows(x[0], shapes[0][^1], row => [0]).Select((_, r) =>
            {
                double[] row = x[0][(r * shapes[0][^1])..((r + 1) * shapes[0][^1])];
                return row.Count(v => v > row[(int)x[1][r]]) < k.K ? 1.0 : 0.0;
            }).ToArray(),
            _ => throw new InvalidOperationException($"The reference does not know {node.Op.Name}."),
        };

        double At(int input, int i)
        {
            // Not broadcast, as most inputs are.
            if (x[input].Length == size && shapes[input].Length == shape.Length) return x[input][i];
            int[] index = Unravel(i, shape), source = new int[shapes[input].Length];
            for (int d = 0; d < source.Length; d++)
                source[d] = shapes[input][d] == 1 ? 0 : index[d + index.Length - source.Length];
            return x[input][Ravel(source, shapes[input])];
        }
    }

    static double ClippedLog(double p, bool clip) => Math.Log(clip ? Math.Clamp(p, 1e-7, 1 - 1e-7) : p);

    static double Slope(int i, int columns, double[] p, double[] upstream, Func<int, double> target, bool clip)
    {
        int row = i / columns * columns;
        double Passing(int k) => !clip || (p[row + k] >= 1e-7 && p[row + k] <= 1 - 1e-7) ? target(k) : 0;
        return upstream[i / columns] * (p[i] * Enumerable.Range(0, columns).Sum(Passing) - Passing(i % columns));
    }

    static double[] Each(int size, Func<int, double> value) => [.. Enumerable.Range(0, size).Select(value)];

    static double[] Rows(double[] x, int columns, Func<double[], IEnumerable<double>> row) =>
        columns == 0 ? [] : [.. x.Chunk(columns).SelectMany(row)];

    static double[] RowLoss(double[] logits, int columns, Func<double[], int, double> loss) =>
        [.. logits.Chunk(columns).Select((row, r) => loss(Probabilities(row), r))];

    static double[] Probabilities(double[] logits)
    {
        double largest = logits.Max(), sum = logits.Sum(v => Math.Exp(v - largest));
        return [.. logits.Select(v => Math.Exp(v - largest) / sum)];
    }

    static double[] Reduction(Reduce op, double[] x, int[] shape, int[] result)
    {
        double start = op.Kind switch
        {
            ReduceKind.Sum => 0,
            ReduceKind.Max => double.NegativeInfinity,
            ReduceKind.Min => double.PositiveInfinity,
            _ => 1
        };
        double[] y = Each(result.Aggregate(1, (a, b) => a * b), _ => start);
        int[] kept = [.. Enumerable.Range(0, shape.Length).Where(axis => !op.Axes.Contains(axis))];
        int[] place = new int[kept.Length];
        for (int i = 0; i < x.Length; i++)
        {
            int[] index = Unravel(i, shape);
            for (int d = 0; d < kept.Length; d++) place[d] = index[kept[d]];
            int target = Ravel(place, result);
            y[target] = op.Kind switch
            {
                ReduceKind.Sum => y[target] + x[i],
                ReduceKind.Max => Math.Max(y[target], x[i]),
                ReduceKind.Min => Math.Min(y[target], x[i]),
                _ => y[target] * x[i],
            };
        }
        return y;
    }

    static double[] Product(MatMul op, double[] a, int[] aShape, double[] b, int[] bShape)
    {
        int aColumns = aShape[^1], aRows = aShape[..^1].Aggregate(1, (p, q) => p * q);
        int bColumns = bShape[^1], bRows = bShape[..^1].Aggregate(1, (p, q) => p * q);
        int rows = op.TransposeA ? aColumns : aRows, depth = op.TransposeA ? aRows : aColumns,
            columns = op.TransposeB ? bRows : bColumns;
        double[] c = new double[rows * columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < depth; k++)
                    c[i * columns + j] += (op.TransposeA ? a[k * aColumns + i] : a[i * aColumns + k])
                        * (op.TransposeB ? b[j * bColumns + k] : b[k * bColumns + j]);
        return c;
    }

    static double[] BatchProduct(BatchMatMul op, double[] a, int[] aShape, double[] b, int[] bShape)
    {
        int aSize = aShape[^1] * aShape[^2], bSize = bShape[^1] * bShape[^2];
        int count = aShape[..^2].Aggregate(1, (p, q) => p * q);
        return [.. Enumerable.Range(0, count).SelectMany(i =>
            Product(new MatMul(op.TransposeA, op.TransposeB), a[(i * aSize)..((i + 1) * aSize)], aShape[^2..],
                b[(i * bSize)..((i + 1) * bSize)], bShape[^2..]))];
    }

    /// <summary>
    /// Visits each product of a convolution: the index of the input, of the weight and of the result.
    /// </summary>
    static double[] Convolution(Windows windows, int[] places, int[] kernel, int[] result,
        Action<int, int, int, double[]> visit, int size)
    {
        var sum = new double[size];
        int count = kernel[..^1].Aggregate(1, (a, b) => a * b);
        int[][] weights = [.. Enumerable.Range(0, count).Select(w => Unravel(w, kernel[..^1]))];
        int filters = kernel[^1];
        // All filters see the same value.
        for (int to = 0, results = result.Aggregate(1, (a, b) => a * b); to < results; to += filters)
        {
            int[] at = Unravel(to, result);
            for (int w = 0; w < weights.Length; w++)
            {
                int from = Source(windows, places, at, weights[w]);
                if (from < 0) continue;
                for (int filter = 0; filter < filters; filter++) visit(from, w * filters + filter, to + filter, sum);
            }
        }
        return sum;
    }

    /// <summary>
    /// For each position, the cumulative sum or product; the gradient as the sum over the products without the factor.
    /// </summary>
    static double[] Accumulated(Cumulative op, double[][] x, int[] shape) => Each(x[0].Length, i =>
    {
        int[] index = Unravel(i, shape);
        int place = index[op.Axis];
        double At(double[] values, int at) =>
            values[Ravel([.. index.Select((d, axis) => axis == op.Axis ? at : d)], shape)];
        IEnumerable<int> UpTo(int end) =>
            Enumerable.Range(0, shape[op.Axis]).Where(p => op.Backward ? p >= end : p <= end);
        double Product(IEnumerable<int> places) => places.Aggregate(1.0, (product, p) => product * At(x[0], p));
        return op switch
        {
            CumulativeSum => UpTo(place).Sum(p => At(x[0], p)),
            CumulativeProduct => Product(UpTo(place)),
            _ => Enumerable.Range(0, shape[op.Axis]).Where(end => UpTo(end).Contains(place))
                .Sum(end => At(x[1], end) * Product(UpTo(end).Where(p => p != place))),
        };
    });

    static double[] Scatter(double[] indices, double[] updates, int[] shape)
    {
        double[] y = new double[shape.Aggregate(1, (a, b) => a * b)];
        int row = shape.Skip(1).Aggregate(1, (a, b) => a * b);
        for (int i = 0; i < indices.Length; i++)
            for (int k = 0; k < row; k++) y[(int)indices[i] * row + k] += updates[i * row + k];
        return y;
    }

    /// <summary>The row among those of all samples' tables that an index means.</summary>
    static int TableRow(double[] indices, int i, int places, int rows) =>
        i / places * rows + (int)Math.Clamp(indices[i], 0, rows - 1);

    static int[] Unravel(int i, int[] shape)
    {
        int[] index = new int[shape.Length];
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            index[d] = i % shape[d];
            i /= shape[d];
        }
        return index;
    }

    static int Ravel(int[] index, int[] shape)
    {
        int i = 0;
        for (int d = 0; d < shape.Length; d++) i = i * shape[d] + index[d];
        return i;
    }
}
