using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Fuses elementwise nodes into chains that become one loop each. A node joins the chain of its consumers when all of
/// them are in it and both have the same shape: then no other step can come between, so no cycle can arise. A chain
/// read only by a reduction becomes its prologue; a chain that contains all readers of a matrix product becomes its
/// epilogue.
/// </summary>
internal sealed class Fuse
{
    /// <summary>The compiler stops inlining expressions nested deeper than about 18 levels.</summary>
    const int MaxDepth = 14;

    const int MaxNodes = 24;

    readonly Dictionary<Tensor, List<Tensor>> _consumers = new(ReferenceEqualityComparer.Instance);
    readonly HashSet<Tensor> _kept;
    readonly Dictionary<Tensor, Cluster> _clusterOf = new(ReferenceEqualityComparer.Instance);
    readonly List<Tensor> _order;

    sealed class Cluster(Tensor root)
    {
        public Tensor Root { get; } = root;

        public Dims Space { get; } = root.Op is Reduce ? root.Inputs[0].Dims : root.Dims;

        public List<Tensor> Nodes { get; } = root.Op is Reduce ? [] : [root];

        public Dictionary<Tensor, int> Depth { get; } = new(ReferenceEqualityComparer.Instance) { [root] = 1 };

        public IEnumerable<Tensor> Inputs => Nodes.Count == 0 ? [Root.Inputs[0]]
            : Nodes.SelectMany(n => n.Inputs).Where(i => !Nodes.Contains(i) && i.Op is not Scalar).Distinct();
    }

    Fuse(Graph graph)
    {
        _order = Topology.Order(graph.Roots);
        _kept = new(graph.Roots, ReferenceEqualityComparer.Instance);
        foreach (Tensor node in _order)
            foreach (Tensor input in node.Inputs)
                (_consumers.TryGetValue(input, out List<Tensor>? list) ? list : _consumers[input] = []).Add(node);
    }

    public static List<Step> Apply(Graph graph) => new Fuse(graph).Steps();

    internal static bool IsElementwise(Tensor node) => node.Op is Elementwise or BroadcastTo;

    List<Step> Steps()
    {
        foreach (Tensor node in Enumerable.Reverse(_order))
        {
            if (node.Op is Reduce) _clusterOf[node] = new Cluster(node);
            else if (IsElementwise(node)) Place(node);
        }

        var steps = new List<Step>();
        var products = new Dictionary<Cluster, Tensor>();
        foreach (Tensor node in _order)
            if (node.Op is MatMul or IntegerMatMul or Convolve && EpilogueOf(node) is { } cluster)
                products[cluster] = node;

        foreach (Tensor node in _order)
        {
            if (node.Op.IsSource || node.Op.IsView || node.Op is Scalar) continue;
            if (_clusterOf.TryGetValue(node, out Cluster? cluster))
            {
                if (cluster.Root == node) steps.Add(ToStep(cluster, products.GetValueOrDefault(cluster)));
            }
            else if (!products.ContainsValue(node))
            {
                steps.Add(new Step { Macro = node, Outputs = [node], Inputs = node.Inputs });
            }
        }
        return steps;
    }

    void Place(Tensor node)
    {
        if (_consumers.TryGetValue(node, out List<Tensor>? consumers)
            && consumers.All(_clusterOf.ContainsKey)
            && consumers.Select(c => _clusterOf[c]).Distinct().ToList() is [var cluster]
            && cluster.Space.Equals(node.Dims)
            && Fits(cluster, node, consumers))
        {
            cluster.Nodes.Add(node);
            cluster.Depth[node] = 1 + consumers.Max(c => cluster.Depth[c]);
            _clusterOf[node] = cluster;
        }
        else
        {
            _clusterOf[node] = new Cluster(node);
        }
    }

    bool Fits(Cluster cluster, Tensor node, List<Tensor> consumers)
    {
        // A reduction keeps no second output, and a node that is needed elsewhere takes a slot.
        bool bound = _kept.Contains(node) || consumers.Sum(c => c.Inputs.Count(i => i == node)) > 1;
        if (cluster.Root.Op is Reduce
            && (_kept.Contains(node) || consumers.Any(c => c.Op is Reduce && c != cluster.Root)))
            return false;
        int slots = cluster.Nodes.Count(n => n == cluster.Root || IsBound(n, cluster)) + (bound ? 1 : 0);
        if (slots > Args<LaneScalar>.BoundSlots || cluster.Nodes.Count >= MaxNodes) return false;
        if (!bound && consumers.Max(c => cluster.Depth[c]) >= MaxDepth) return false;
        int inputs = cluster.Inputs.Concat(node.Inputs).Where(i => i != node && i.Op is not Scalar).Distinct().Count();
        return inputs <= Args<LaneScalar>.InputSlots;
    }

    bool IsBound(Tensor node, Cluster cluster) =>
        _kept.Contains(node) || _consumers[node].Sum(c => c.Inputs.Count(i => i == node)) > 1 || node == cluster.Root;

    Cluster? EpilogueOf(Tensor product) =>
        !_kept.Contains(product)
        && _consumers.TryGetValue(product, out List<Tensor>? consumers)
        && consumers.All(c => IsElementwise(c))
        && consumers.Select(c => _clusterOf[c]).Distinct().ToList() is [var cluster]
        && cluster.Root.Op is not Reduce
        && cluster.Space.Equals(product.Dims)
        && cluster.Inputs.All(i => i == product || RowsAndColumns.Fits(i.Dims, cluster.Space))
            ? cluster : null;

    Step ToStep(Cluster cluster, Tensor? product)
    {
        List<Tensor> chain = [.. cluster.Nodes.OrderBy(n => _order.IndexOf(n))];
        bool prologue = cluster.Root.Op is Reduce;
        IEnumerable<Tensor> inputs = cluster.Inputs;
        if (product is not null) inputs = inputs.Where(i => i != product).Concat(product.Inputs).Distinct();
        return new Step
        {
            Macro = prologue ? cluster.Root : product,
            Chain = chain,
            ChainIsPrologue = prologue,
            Outputs = prologue ? [cluster.Root] : [.. chain.Where(n => n == cluster.Root || _kept.Contains(n))],
            Inputs = [.. inputs],
        };
    }
}
