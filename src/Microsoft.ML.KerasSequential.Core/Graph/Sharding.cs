using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Divides a graph among devices that each compute some samples of the batch. A value with the batch in its shape is
/// divided; a value computed from divided values without the batch in its shape (a gradient, a mean, a metric) is a
/// partial result on each device, and <see cref="AcrossDevices"/> combines the parts. Everything else, including
/// updates, is computed by every device.
/// </summary>
internal static class Sharding
{
    /// <summary>The divided graph, or the reason why it cannot be divided.</summary>
    public static (Graph? Graph, string? Reason) Of(Graph graph)
    {
        if (!graph.Inputs.Any(IsDivided)) return (null, "the size of its batch is fixed");
        var made = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        foreach (Tensor node in Topology.Order(graph.Roots))
        {
            if (Obstacle(node) is { } obstacle) return (null, obstacle);
            Tensor[] inputs = [.. node.Inputs.Select(i => made[i])];
            Tensor copy = inputs.SequenceEqual(node.Inputs, ReferenceEqualityComparer.Instance) ? node
                : new Tensor(node.Op, node.Dims, inputs) { Name = node.Name };
            if (!IsDivided(node) && node.Inputs.Any(IsDivided))
            {
                if (Kind(node.Op) is not { } kind) return (null, $"{node.Name} mixes the samples of a batch");
                copy = new Tensor(new AcrossDevices(kind), copy) { Name = node.Name };
            }
            made[node] = copy;
        }
        return (new Graph(graph.Inputs, [.. graph.Outputs.Select(o => made[o])],
            [.. graph.Updates.Select(u => u with { Value = made[u.Value] })])
        { IndicesAreChecked = graph.IndicesAreChecked }, null);
    }

    /// <summary>Whether each device has only its own samples of a value.</summary>
    public static bool IsDivided(Tensor tensor) => tensor.Op is MultiOp several
        ? several.LayoutOf(tensor.Inputs).Views.Any(v => HasBatch(v.Dims))
        : HasBatch(tensor.Dims);

    /// <summary>Whether several samples of a batch may contribute to one value.</summary>
    public static bool Mixes(Tensor node) => node.Op is AcrossDevices || Obstacle(node) is not null
        || (!IsDivided(node) && node.Inputs.Any(IsDivided));

    static bool HasBatch(Dims dims) => dims.Any(HasBatch);

    static bool HasBatch(Dim dim) => dim.Symbols.Contains(Symbol.Batch);

    /// <summary>How the devices' partial results are combined.</summary>
    static ReduceKind? Kind(Op op) => op switch
    {
        Reduce reduce => reduce.Kind,
        // Products whose inner dimension is the batch, and sums over samples.
        MatMul or BatchMatMul or ConvolveKernelGradient or ScatterAdd => ReduceKind.Sum,
        _ => null,
    };

    /// <summary>Ops that see more of the batch than one device has.</summary>
    static string? Obstacle(Tensor node)
    {
        bool Along(int axis) => HasBatch(node.Inputs[0].Dims[axis]) || HasBatch(node.Dims[axis]);
        bool mixes = node.Op switch
        {
            Scan => IsDivided(node) || node.Inputs.Any(IsDivided),
            CustomForward or CustomBackward => node.Inputs.Any(IsDivided),
            Slice s => Along(s.Axis),
            Pad p => Along(p.Axis),
            Concat c => Along(c.Axis),
            Reverse r => Along(r.Axis),
            Cumulative c => Along(c.Axis),
            LowerTriangle t => HasBatch(t.Size),
            Gather => IsDivided(node.Inputs[0]),
            ScatterAdd s => HasBatch(s.Rows),
            BatchGather => HasBatch(node.Inputs[0].Dims[1]),
            BatchScatterAdd s => HasBatch(s.Rows),
            Softmax or ArgMax or InTopK => HasBatch(node.Inputs[0].Dims.Last),
            _ => false,
        };
        return mixes ? $"{node.Name} may see several samples at once" : null;
    }
}
