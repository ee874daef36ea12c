using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// One step of a loop over a sequence, as a separate graph: from the step's values, the states and what all steps share
/// to the next states and the step's outputs.
/// </summary>
/// <param name="sequences">Placeholders for what is read step by step.</param>
/// <param name="states">Placeholders for the states that a step passes to the next one.</param>
/// <param name="shared">Placeholders for what all steps read.</param>
/// <param name="nextStates">One tensor per state.</param>
/// <param name="outputs">The step's other results.</param>
/// <param name="keepsStates">Whether to keep the states of all steps, or only the last ones.</param>
internal sealed class ScanBody(Tensor[] sequences, Tensor[] states, Tensor[] shared, Tensor[] nextStates,
    Tensor[] outputs, bool keepsStates)
{
    readonly Lazy<(Graph Graph, Schedule Schedule)> _plan = new(() =>
        Schedule.Of(Closed(new Graph([.. sequences, .. states, .. shared], [.. nextStates, .. outputs], []))));

    public Tensor[] Sequences { get; } = sequences;

    public Tensor[] States { get; } = states;

    public Tensor[] Shared { get; } = shared;

    public Tensor[] NextStates { get; } = nextStates;

    public Tensor[] Outputs { get; } = outputs;

    public bool KeepsStates { get; } = keepsStates;

    /// <summary>The variables that a step reads.</summary>
    public Variable[] Variables { get; } = [.. Topology.Order([.. nextStates, .. outputs]).OfType<Variable>()];

    /// <summary>The step in the form that a device runs.</summary>
    public (Graph Graph, Schedule Schedule) Plan => _plan.Value;

    static Graph Closed(Graph graph) => graph.UndeclaredInputs().FirstOrDefault() is not { } foreign ? graph
        : throw new ArgumentException("A step of a recurrent layer may depend only on its input, its states and " +
            $"variables; this one depends on {foreign}.");
}

/// <summary>
/// A loop over the first dimension of sequences (steps, …). Inputs: the sequences, the initial states, what all steps
/// share, and the variables that the body reads. Results, for each state: the values before each step, after each step,
/// and after the last one; then the outputs of all steps.
/// </summary>
internal sealed record Scan(ScanBody Body, Dim Steps, bool Backward) : SequenceOp
{
    public int FirstState => Body.Sequences.Length;

    public int FirstShared => FirstState + Body.States.Length;

    public int FirstVariable => FirstShared + Body.Shared.Length;

    /// <summary>The node of a loop.</summary>
    public static Tensor Over(ScanBody body, Dim steps, bool backward, IEnumerable<Tensor> sequences,
        IEnumerable<Tensor> states, IEnumerable<Tensor> shared) =>
        new(new Scan(body, steps, backward), [.. sequences, .. states, .. shared, .. body.Variables]);

    /// <summary>The result that holds an output of all steps.</summary>
    public static Tensor Output(Tensor scan, int output) =>
        new(new Part(((Scan)scan.Op).Body.States.Length * ViewsPerState + output), scan);

    public override Layout LayoutOf(IReadOnlyList<Tensor> inputs)
    {
        Dim steps = Steps;
        var blocks = new List<Block>();
        var views = new List<View>();
        foreach (Tensor state in Body.States)
        {
            Dims all = new([steps, .. state.Dims]);
            int block = blocks.Count;
            // One more slot for the initial state; if only the last state is needed, two slots alternate.
            blocks.Add(Body.KeepsStates ? new(state.Dims, steps, 1) : new(state.Dims, 2));
            bool keeps = Body.KeepsStates;
            views.Add(new(block, all, _ => 0));
            views.Add(new(block, all, _ => 1));
            views.Add(new(block, state.Dims, b => keeps ? steps.Evaluate(b) : steps.Evaluate(b) % 2));
        }
        foreach (Tensor output in Body.Outputs)
        {
            views.Add(new(blocks.Count, new([steps, .. output.Dims]), _ => 0));
            blocks.Add(new(output.Dims, steps));
        }
        return new(blocks, views);
    }

    public override string ToString() => $"Scan over {Steps}";
}
