using System.Globalization;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// An op of a graph that looks something up by index: a row of a table, a class. Invalid indices must not go unnoticed.
/// Indices that are data are checked before a run, by <see cref="Data.IndexChecks"/>; those computed in a run raise a
/// flag, which the executable checks before anything is written (<see cref="Runtime.IndexGuard"/>).
/// </summary>
/// <param name="Node">The operation.</param>
/// <param name="Indices">The indices.</param>
/// <param name="Count">The number of things to look up; indices are integers from 0 to this number minus 1.</param>
internal sealed record IndexUse(Tensor Node, Tensor Indices, Dim Count)
{
    /// <summary>What an operation looks up, if anything.</summary>
    public static IndexUse? Of(Tensor node) => node.Op switch
    {
        Gather => new(node, node.Inputs[1], node.Inputs[0].Dims[0]),
        OneHot oneHot => new(node, node.Inputs[0], oneHot.Depth),
        SparseSoftmaxCrossentropy => new(node, node.Inputs[0], node.Inputs[1].Dims.Last),
        InTopK => new(node, node.Inputs[1], node.Inputs[0].Dims.Last),
        _ => null,
    };

    /// <summary>All lookups of nodes except those whose indices cannot be invalid, including those in loops.</summary>
    public static IEnumerable<IndexUse> In(IEnumerable<Tensor> nodes) =>
        nodes.SelectMany(node => node.Op is Scan scan ? In(Topology.Order(scan.Body.Plan.Graph.Roots))
            : Of(node) is { IsAlwaysRight: false } use ? [use] : []);

    /// <summary>The lookups that a run of a graph must check itself, since nobody checked the indices before.</summary>
    public static IEnumerable<IndexUse> ToWatch(Graph graph, Tensor node) =>
        In([node]).Where(use =>
            !graph.IndicesAreChecked || node.Op is Scan || !use.IsMadeOfInputs(graph.Inputs));

    /// <summary>Whether a number is a valid index below a count.</summary>
    public static bool Contains(float index, int count) => index >= 0 && index < count && index == MathF.Floor(index);

    /// <summary>The error for an invalid index.</summary>
    /// <param name="what">What is being checked: the input, the target.</param>
    /// <param name="index">The index; null if another process has it.</param>
    /// <param name="count">The number of things to look up.</param>
    public string Complaint(string what, float? index, int count)
    {
        string number = index?.ToString(CultureInfo.InvariantCulture) ?? "an invalid one on another rank";
        string place = Place(isLayer: what == "input" || Node.Op is Gather);
        return $"Error when checking {what}: {place} takes integers from 0 to {count - 1}, but got {number}.";
    }

    /// <summary>The placeholder that holds these indices, reordered or reshaped at most; or null.</summary>
    public Tensor? Data => Origin(Indices) is { Op: Placeholder } data ? data : null;

    /// <summary>
    /// Whether the indices depend on a graph's inputs alone, sample by sample, so that they can be computed before a
    /// run.
    /// </summary>
    public bool IsMadeOfInputs(IReadOnlyList<Tensor> inputs)
    {
        if (Count.Constant is null) return false;
        if (Data is { } data) return inputs.Contains(data);
        return Topology.Order([Indices]).TrueForAll(node => node.Op switch
        {
            Placeholder => inputs.Contains(node) && Sharding.IsDivided(node),
            ReadVariable or RandomOp or Scan or Recurrent or CustomForward or CustomBackward or SizeOf => false,
            _ => !Sharding.Mixes(node),
        });
    }

    /// <summary>The layer, the loss or the metric, from the path in the trace.</summary>
    string Place(bool isLayer)
    {
        int slash = Node.Name.LastIndexOf('/');
        if (slash <= 0) return Node.Name;
        return isLayer ? $"layer {Node.Name[..slash]}" : Node.Name[..slash];
    }

    bool IsAlwaysRight => Origin(Indices) switch
    {
        { Op: ArgMax } largest => largest.Inputs[0].Dims.Last.Constant <= Count.Constant,
        { Op: Constant constant } => Count.Constant is int count
            && Array.TrueForAll(constant.Value.Data, v => Contains(v, count)),
        { Op: Scalar scalar } => Count.Constant is int count && Contains(scalar.Value, count),
        _ => false,
    };

    static Tensor Origin(Tensor tensor)
    {
        while (IsLayout(tensor.Op)) tensor = tensor.Inputs[0];
        return tensor;
    }

    /// <summary>Whether an operation leaves values unchanged.</summary>
    static bool IsLayout(Op op) => op is Reshape or Transpose or BroadcastTo
        or Elementwise { Kind: ElementwiseKind.Identity or ElementwiseKind.StopGradient };
}
