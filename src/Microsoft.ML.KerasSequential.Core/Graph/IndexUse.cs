using System.Globalization;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// A place of a graph where something is looked up by number: a row of a table, a class. A number that names nothing
/// must not pass unnoticed. Numbers that are data are checked before a run, by <see cref="Data.IndexChecks"/>; those that
/// a run computes raise a flag, which the executable looks at before anything is written
/// (<see cref="Runtime.IndexGuard"/>).
/// </summary>
/// <param name="Node">The operation.</param>
/// <param name="Indices">The numbers.</param>
/// <param name="Count">How many things there are; the numbers are whole, from 0 on and below.</param>
internal sealed record IndexUse(Tensor Node, Tensor Indices, Dim Count)
{
    /// <summary>What an operation looks up, if it does.</summary>
    public static IndexUse? Of(Tensor node) => node.Op switch
    {
        Gather => new(node, node.Inputs[1], node.Inputs[0].Dims[0]),
        OneHot oneHot => new(node, node.Inputs[0], oneHot.Depth),
        SparseSoftmaxCrossentropy => new(node, node.Inputs[0], node.Inputs[1].Dims.Last),
        InTopK => new(node, node.Inputs[1], node.Inputs[0].Dims.Last),
        _ => null,
    };

    /// <summary>All that nodes look up but for numbers that cannot be wrong, those in loops among them.</summary>
    public static IEnumerable<IndexUse> In(IEnumerable<Tensor> nodes) =>
        nodes.SelectMany(node => node.Op is Scan scan ? In(Topology.Order(scan.Body.Plan.Graph.Roots))
            : Of(node) is { IsAlwaysRight: false } use ? [use] : []);

    /// <summary>What a run of a graph has to watch itself, since nobody checked the numbers before.</summary>
    public static IEnumerable<IndexUse> ToWatch(Graph graph, Tensor node) =>
        In([node]).Where(use =>
            !graph.IndicesAreChecked || node.Op is Scan || !use.IsMadeOfInputs(graph.Inputs));

    /// <summary>Whether a number names one of so many things.</summary>
    public static bool Contains(float index, int count) => index >= 0 && index < count && index == MathF.Floor(index);

    /// <summary>What is wrong with a number.</summary>
    /// <param name="what">What is being checked: the input, the target.</param>
    /// <param name="index">The number; null if another process has it.</param>
    /// <param name="count">How many things there are.</param>
    public string Complaint(string what, float? index, int count)
    {
        string number = index?.ToString(CultureInfo.InvariantCulture) ?? "another one on another rank";
        string place = Place(isLayer: what == "input" || Node.Op is Gather);
        return $"Error when checking {what}: {place} takes whole numbers from 0 to {count - 1}, but got {number}.";
    }

    /// <summary>The placeholder whose numbers these are, in another order or shape at most; or null.</summary>
    public Tensor? Data => Origin(Indices) is { Op: Placeholder } data ? data : null;

    /// <summary>
    /// Whether the numbers come from a graph's inputs alone, sample by sample, so that they can be known before a run.
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

    /// <summary>The layer, the loss or the metric, by the path of the trace.</summary>
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

    /// <summary>Whether an operation leaves numbers as they are.</summary>
    static bool IsLayout(Op op) => op is Reshape or Transpose or BroadcastTo
        or Elementwise { Kind: ElementwiseKind.Identity or ElementwiseKind.StopGradient };
}
