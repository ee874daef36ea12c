namespace Microsoft.ML.KerasSequential.Graphs;

internal static class Topology
{
    /// <summary>All nodes that the roots depend on, inputs before what uses them.</summary>
    public static List<Tensor> Order(IEnumerable<Tensor> roots)
    {
        var order = new List<Tensor>();
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        var stack = new Stack<(Tensor Node, int Next)>();
        foreach (Tensor root in roots)
        {
            if (!seen.Add(root)) continue;
            stack.Push((root, 0));
            while (stack.TryPop(out (Tensor Node, int Next) top))
            {
                if (top.Next == top.Node.Inputs.Length)
                {
                    order.Add(top.Node);
                    continue;
                }
                stack.Push((top.Node, top.Next + 1));
                Tensor input = top.Node.Inputs[top.Next];
                if (seen.Add(input)) stack.Push((input, 0));
            }
        }
        return order;
    }
}
