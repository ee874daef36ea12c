namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// An op over the time steps of a sequence that carries states. Its first results are, for each state: the values
/// before each step, after each step, and after the last one.
/// </summary>
internal abstract record SequenceOp : MultiOp
{
    public const int ViewsPerState = 3, Before = 0, After = 1, Last = 2;

    /// <summary>The result that holds a state before or after all steps, or after the last one.</summary>
    public static Tensor State(Tensor node, int state, int view) => new(new Part(state * ViewsPerState + view), node);
}
