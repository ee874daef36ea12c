namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// One time step of a recurrent layer: from the step's input and the states to the output and the next states (Keras'
/// cells of <c>keras.layers.RNN</c>). To write your own cell, derive from this class: return the sizes of the states,
/// create the weights in <see cref="Layer.Build"/>, and write <see cref="Step(Tensor, IReadOnlyList{Tensor})"/>; the
/// gradient is derived.
/// </summary>
public abstract class Cell : Layer
{
    /// <summary>Creates a cell.</summary>
    /// <param name="options">The arguments that every layer takes.</param>
    protected Cell(in LayerOptions options = default) : base(options)
    {
    }

    /// <summary>The size of each state (Keras <c>state_size</c>).</summary>
    public abstract IReadOnlyList<int> StateSize { get; }

    /// <summary>
    /// The shapes of the states, without the batch; by default vectors of the sizes in <see cref="StateSize"/>.
    /// </summary>
    /// <param name="inputShape">The shape of a step's input, batch first.</param>
    /// <returns>One shape per state.</returns>
    public virtual IReadOnlyList<int[]> StateShapes(Shape inputShape) => [.. StateSize.Select(size => new[] { size })];

    /// <summary>
    /// The shape of the output, without the batch; by default the first state's shape (Keras <c>output_size</c>).
    /// </summary>
    /// <param name="inputShape">The shape of a step's input, batch first.</param>
    /// <returns>The shape.</returns>
    public virtual IReadOnlyList<int?> OutputShapeOf(Shape inputShape) =>
        [.. StateShapes(inputShape)[0].Select(d => (int?)d)];

    /// <summary>Computes one time step.</summary>
    /// <param name="x">The step's input, batch first.</param>
    /// <param name="states">The states before the step.</param>
    /// <returns>The output and the states after the step.</returns>
    public abstract CellOutput Step(Tensor x, IReadOnlyList<Tensor> states);

    /// <summary>The output of a single time step, starting from states of 0.</summary>
    /// <param name="x">The step's input, batch first.</param>
    /// <returns>The output.</returns>
    public sealed override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Step(x, [.. StateShapes(x.Shape).Select(shape => Zeros(x, shape))]).Output;
    }

    /// <summary>What can be computed for all time steps at once; by default nothing.</summary>
    /// <param name="x">The inputs, of all time steps or of one.</param>
    internal virtual Prepared Prepare(Tensor x) => new(x, []);

    /// <summary>One time step over the result of <see cref="Prepare"/>.</summary>
    internal virtual CellOutput Step(Tensor x, IReadOnlyList<Tensor> states, IReadOnlyList<Tensor> shared) =>
        Step(x, states);

    /// <summary>The entire sequence in one kernel, if there is one for this cell.</summary>
    internal virtual WholeSequence? Whole(Prepared prepared, IReadOnlyList<Tensor> states, Tensor? mask) => null;

    /// <summary>A state of 0 for each sample of x.</summary>
    internal static Tensor Zeros(Tensor x, int[] shape) =>
        new(new Ops.BroadcastTo(new([x.Dims[0], .. shape.Select(d => (Graphs.Dim)d)])), K.Scalar(0));
}

/// <summary>The result of one time step.</summary>
/// <param name="Output">The output.</param>
/// <param name="States">The states after the step.</param>
public readonly record struct CellOutput(Tensor Output, IReadOnlyList<Tensor> States);

/// <summary>
/// The part of a cell that is the same for all time steps: the sequence as the steps read it, and what they share.
/// </summary>
internal readonly record struct Prepared(Tensor Sequence, IReadOnlyList<Tensor> Shared);

/// <summary>
/// The result of a sequence: the outputs of all time steps (steps, batch, …), the last output, and the states after the
/// last step.
/// </summary>
internal readonly record struct WholeSequence(Tensor Outputs, Tensor LastOutput, IReadOnlyList<Tensor> LastStates);
