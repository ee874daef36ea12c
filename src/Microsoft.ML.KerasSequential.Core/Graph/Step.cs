namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// One launch of the plan. Its parts: a macro-op (or none), and a chain of elementwise nodes that runs before it (a
/// reduction's prologue), after it (a product's epilogue), or alone.
/// </summary>
internal sealed class Step
{
    /// <summary>The op that has its own kernel; null for a purely elementwise step.</summary>
    public Tensor? Macro { get; init; }

    /// <summary>The fused elementwise nodes, inputs before what uses them.</summary>
    public IReadOnlyList<Tensor> Chain { get; init; } = [];

    /// <summary>Whether the chain feeds the macro-op rather than following it.</summary>
    public bool ChainIsPrologue { get; init; }

    /// <summary>The nodes whose values other steps, the caller or variables need; they get memory.</summary>
    public required IReadOnlyList<Tensor> Outputs { get; init; }

    /// <summary>Everything read from memory.</summary>
    public required IReadOnlyList<Tensor> Inputs { get; init; }

    public Tensor Root => Outputs[^1];

    public override string ToString()
    {
        IEnumerable<Tensor> nodes = Macro is null ? Chain : ChainIsPrologue ? [.. Chain, Macro] : [Macro, .. Chain];
        return string.Join(" → ", nodes.Select(n => n.Op.Name));
    }
}
