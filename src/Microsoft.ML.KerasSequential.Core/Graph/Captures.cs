using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// What the body of a loop reads from outside: computed once, before the loop, and shared by all steps.
/// </summary>
/// <param name="Outside">The tensors that the body reads.</param>
/// <param name="Inside">The placeholder for each of them in the body.</param>
/// <param name="Results">The body's results, computed from the placeholders.</param>
internal sealed record Captures(Tensor[] Outside, Tensor[] Inside, Tensor[] Results)
{
    /// <param name="own">The body's own placeholders.</param>
    /// <param name="results">What the body computes.</param>
    public static Captures Of(IReadOnlyList<Tensor> own, IReadOnlyList<Tensor> results)
    {
        List<Tensor> order = Topology.Order(results);
        var inner = new HashSet<Tensor>(own, ReferenceEqualityComparer.Instance);
        // Constants, variables and expressions of them are computed where they are needed.
        var foreign = new HashSet<Tensor>(
            order.Where(t => t.Op is Placeholder && !inner.Contains(t)), ReferenceEqualityComparer.Instance);
        if (foreign.Count == 0) return new([], [], [.. results]);
        foreach (Tensor node in order)
        {
            if (node.Inputs.Any(inner.Contains)) inner.Add(node);
            else if (node.Inputs.Any(foreign.Contains)) foreign.Add(node);
        }

        var made = new Dictionary<Tensor, Tensor>(ReferenceEqualityComparer.Instance);
        var outside = new List<Tensor>();
        foreach (Tensor node in order.Where(n => inner.Contains(n) && n.Op is not Placeholder))
        {
            Tensor[] inputs = [.. node.Inputs.Select(Made)];
            made[node] = inputs.SequenceEqual(node.Inputs, ReferenceEqualityComparer.Instance) ? node
                : new Tensor(node.Op, node.Dims, inputs) { Name = node.Name };
        }
        Tensor[] rebuilt = [.. results.Select(Made)];
        return new([.. outside], [.. outside.Select(o => made[o])], rebuilt);

        Tensor Made(Tensor tensor)
        {
            if (made.TryGetValue(tensor, out Tensor? known)) return known;
            if (!foreign.Contains(tensor) || inner.Contains(tensor)) return tensor;
            outside.Add(tensor);
            return made[tensor] = K.Placeholder(tensor.Dims);
        }
    }
}
