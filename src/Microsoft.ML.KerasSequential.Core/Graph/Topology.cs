namespace Microsoft.ML.KerasSequential.Graphs;

internal static class Topology
{
    /// <summary>All nodes that the roots depend on, inputs before what uses them.</summary>
    public static List<Tensor> Order(IEnumerable<Tensor> roots) => Order(roots, node => node.Inputs);

    /// <summary>The same where a node may have dependencies other than its inputs.</summary>
    public static List<Tensor> Order(IEnumerable<Tensor> roots, Func<Tensor, IReadOnlyList<Tensor>> inputsOf)
    {
        var order = new List<Tensor>();
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        var stack = new Stack<(Tensor Node, IReadOnlyList<Tensor> Inputs, int Next)>();
        foreach (Tensor root in roots)
        {
            if (!seen.Add(root)) continue;
            stack.Push((root, inputsOf(root), 0));
            while (stack.TryPop(out (Tensor Node, IReadOnlyList<Tensor> Inputs, int Next) top))
            {
                if (top.Next == top.Inputs.Count)
                {
                    order.Add(top.Node);
                    continue;
                }
                stack.Push((top.Node, top.Inputs, top.Next + 1));
                Tensor input = top.Inputs[top.Next];
                if (seen.Add(input)) stack.Push((input, inputsOf(input), 0));
            }
        }
        return order;
    }
}
