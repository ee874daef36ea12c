using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Shapes with free sizes were accepted where they might turn out equal. Now that the sizes are known, each such pair
/// is checked, so that no kernel reads beyond its operands.
/// </summary>
internal static class SizeCheck
{
    public static void Verify(Graph graph, Bindings bindings)
    {
        foreach (Tensor node in Topology.Order(graph.Roots))
        {
            if (!Fits(node, bindings))
                throw new ArgumentException($"{node.Name}: the sizes " +
                    $"{string.Join(" and ", node.Inputs.Select(i => Shape.Format(i.Dims.Evaluate(bindings))))} are " +
                    "incompatible.");
        }
    }

    static bool Fits(Tensor node, Bindings bindings)
    {
        int[] output = node.Dims.Evaluate(bindings);
        return node.Op switch
        {
            Elementwise or BroadcastTo => node.Inputs.All(i => Follows(i.Dims, bindings, output)),
            Reshape => node.Inputs[0].Dims.Size.Evaluate(bindings) == node.Dims.Size.Evaluate(bindings),
            MatMul op => Inner(node.Inputs[0].Dims, op.TransposeA, bindings)
                == Inner(node.Inputs[1].Dims, !op.TransposeB, bindings),
            IntegerMatMul op => Inner(node.Inputs[0].Dims, false, bindings)
                == Inner(node.Inputs[1].Dims, !op.TransposeB, bindings),
            BatchMatMul op => Batches(node.Inputs[0].Dims, op.TransposeA, node.Inputs[1].Dims, op.TransposeB, bindings),
            SoftmaxCrossentropy => Same(node.Inputs[0], node.Inputs[1], bindings),
            SoftmaxCrossentropyGradient =>
                Same(node.Inputs[0], node.Inputs[1], bindings) && Rows(node.Inputs[1], node.Inputs[2], bindings),
            SparseSoftmaxCrossentropy => Rows(node.Inputs[1], node.Inputs[0], bindings),
            SparseSoftmaxCrossentropyGradient =>
                Rows(node.Inputs[1], node.Inputs[0], bindings) && Rows(node.Inputs[1], node.Inputs[2], bindings),
            InTopK => Rows(node.Inputs[0], node.Inputs[1], bindings),
            Slice s => s.Start + s.Size.Evaluate(bindings) <= node.Inputs[0].Dims[s.Axis].Evaluate(bindings),
            Pad p => p.Before + node.Inputs[0].Dims[p.Axis].Evaluate(bindings) <= p.Total.Evaluate(bindings),
            Concat c => node.Inputs.Sum(i => i.Dims[c.Axis].Evaluate(bindings)) == c.Total.Evaluate(bindings)
                && node.Inputs.All(i => i.Dims.With(c.Axis, 1).Evaluate(bindings).AsSpan()
                    .SequenceEqual(node.Dims.With(c.Axis, 1).Evaluate(bindings))),
            CumulativeProductGradient => Same(node.Inputs[0], node.Inputs[1], bindings),
            Scan s => Loops(s, node, bindings),
            BatchGather => node.Inputs[0].Dims[0].Evaluate(bindings) == node.Inputs[1].Dims[0].Evaluate(bindings),
            ScatterAdd or BatchScatterAdd => node.Inputs[1].Dims.Evaluate(bindings).AsSpan(0, node.Inputs[0].Rank)
                .SequenceEqual(node.Inputs[0].Dims.Evaluate(bindings)),
            _ => true,
        };
    }

    /// <summary>
    /// All sequences must have as many time steps as the loop, and all values the size that the body expects.
    /// </summary>
    static bool Loops(Scan scan, Tensor node, Bindings bindings)
    {
        Tensor[] expected = [.. scan.Body.Sequences, .. scan.Body.States, .. scan.Body.Shared];
        for (int i = 0; i < expected.Length; i++)
        {
            Dims wanted = i < scan.FirstState ? new([scan.Steps, .. expected[i].Dims]) : expected[i].Dims;
            if (!node.Inputs[i].Dims.Evaluate(bindings).AsSpan().SequenceEqual(wanted.Evaluate(bindings))) return false;
        }
        Verify(scan.Body.Plan.Graph, bindings);
        return true;
    }

    /// <summary>An operand broadcasts only along sizes that are 1 whatever the free sizes are.</summary>
    static bool Follows(Dims operand, Bindings bindings, int[] output)
    {
        int skip = output.Length - operand.Rank;
        return Enumerable.Range(0, operand.Rank)
            .All(i => operand[i].IsOne || operand[i].Evaluate(bindings) == output[i + skip]);
    }

    static int Inner(Dims dims, bool leading, Bindings bindings) =>
        (leading ? dims.Product(0, dims.Rank - 1) : dims.Last).Evaluate(bindings);

    static bool Batches(Dims a, bool transposeA, Dims b, bool transposeB, Bindings bindings) =>
        a.Evaluate(bindings).AsSpan(0, a.Rank - 2).SequenceEqual(b.Evaluate(bindings).AsSpan(0, b.Rank - 2))
        && a[a.Rank - (transposeA ? 2 : 1)].Evaluate(bindings) == b[b.Rank - (transposeB ? 1 : 2)].Evaluate(bindings);

    static bool Same(Tensor a, Tensor b, Bindings bindings) =>
        a.Dims.Evaluate(bindings).AsSpan().SequenceEqual(b.Dims.Evaluate(bindings));

    /// <summary>One value for each row of a matrix.</summary>
    static bool Rows(Tensor matrix, Tensor values, Bindings bindings) =>
        matrix.Dims.Evaluate(bindings).AsSpan(0, matrix.Rank - 1).SequenceEqual(values.Dims.Evaluate(bindings));
}
