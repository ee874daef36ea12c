namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>Rebuilds what depends on some tensors over other ones.</summary>
internal static class Substitution
{
    /// <summary>The same tensors, computed from the replacements.</summary>
    /// <param name="roots">What to rebuild.</param>
    /// <param name="replaced">Each tensor to replace, with its replacement of the same shape.</param>
    public static Tensor[] Of(IReadOnlyList<Tensor> roots, IReadOnlyDictionary<Tensor, Tensor> replaced)
    {
        var made = new Dictionary<Tensor, Tensor>(replaced, ReferenceEqualityComparer.Instance);
        foreach (Tensor node in Topology.Order(roots))
        {
            if (made.ContainsKey(node) || !node.Inputs.Any(made.ContainsKey)) continue;
            Tensor copy = new(node.Op, node.Dims, [.. node.Inputs.Select(Now)]) { Name = node.Name };
            if (node.Meaning is { } meaning) copy.Called(meaning.Composite, [.. meaning.Inputs.Select(Now)]);
            made[node] = copy;
        }
        return [.. roots.Select(Now)];

        Tensor Now(Tensor tensor) => made.GetValueOrDefault(tensor, tensor);
    }
}
