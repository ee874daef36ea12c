using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>A new value that a variable gets at the end of a run.</summary>
internal readonly record struct Update(Variable Variable, Tensor Value);

/// <summary>What one run computes: inputs, outputs that the caller reads, and updates of variables.</summary>
internal sealed class Graph(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, IReadOnlyList<Update> updates)
{
    public IReadOnlyList<Tensor> Inputs { get; } = inputs;

    public IReadOnlyList<Tensor> Outputs { get; } = [.. outputs.Select(o => o.Unpacked())];

    public IReadOnlyList<Update> Updates { get; } = updates;

    /// <summary>
    /// Whether the caller checks the indices among the inputs (<see cref="IndexUse"/>) before each run.
    /// </summary>
    public bool IndicesAreChecked { get; init; }

    /// <summary>Everything that must be computed; unneeded nodes do not appear.</summary>
    public IEnumerable<Tensor> Roots => Outputs.Concat(Updates.Select(u => u.Value));

    /// <summary>The inputs that are needed but were not declared.</summary>
    public IEnumerable<Tensor> UndeclaredInputs() =>
        Topology.Order(Roots).Where(t => t.Op is Placeholder && !Inputs.Contains(t));
}
