using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>The cells that have a kernel for entire sequences.</summary>
internal enum CellKind
{
    SimpleRNN,
    LSTM,
    GRU,

    /// <summary>The reset gate is applied after the recurrent product.</summary>
    ResetAfterGRU,
}

/// <summary>The activations that these kernels support; each derivative is a function of the value.</summary>
internal enum GateFunction
{
    Linear,
    Relu,
    Sigmoid,
    HardSigmoid,
    Tanh,
}

/// <summary>What a recurrent kernel computes.</summary>
internal readonly record struct CellProgram(CellKind Kind, GateFunction Activation, GateFunction RecurrentActivation,
    bool Masked)
{
    /// <summary>The number of gates, which are side by side in kernels and projections.</summary>
    public int Gates => Kind switch { CellKind.SimpleRNN => 1, CellKind.LSTM => 4, _ => 3 };

    public int States => Kind == CellKind.LSTM ? 2 : 1;

    /// <summary>Whether the last gate has its own recurrent product.</summary>
    public bool IsGru => Kind is CellKind.GRU or CellKind.ResetAfterGRU;
}

/// <summary>
/// A standard cell over an entire sequence. Inputs: the projected inputs (steps, batch, gates·units), the recurrent
/// kernel (units, gates·units), the initial states (batch, units), for <see cref="CellKind.ResetAfterGRU"/> the
/// candidate's recurrent bias (units), and the mask (steps, batch) if there is one. Results, for each state: before
/// each step, after each step, after the last one; then the gates' values; for a GRU the candidate's recurrent part.
/// </summary>
internal sealed record Recurrent(CellProgram Program) : SequenceOp, IProductOp
{
    public FloatPrecision? Precision { get; } = TraceScope.Current?.Precision;

    public int GatesView => Program.States * ViewsPerState;

    public int CandidateView => GatesView + 1;

    public int BiasInput => 2 + Program.States;

    public int MaskInput => BiasInput + (Program.Kind == CellKind.ResetAfterGRU ? 1 : 0);

    public override Layout LayoutOf(IReadOnlyList<Tensor> inputs)
    {
        Dims projected = inputs[0].Dims;
        Dim steps = projected[0], units = inputs[1].Dims[0];
        Dims state = new(projected[1], units), all = new(steps, projected[1], units);
        var blocks = new List<Block>();
        var views = new List<View>();
        for (int i = 0; i < Program.States; i++)
        {
            views.AddRange([new(i, all, _ => 0), new(i, all, _ => 1), new(i, state, b => steps.Evaluate(b))]);
            blocks.Add(new(state, steps, 1));
        }
        views.Add(new(blocks.Count, projected, _ => 0));
        blocks.Add(new(new(projected[1], projected[2]), steps));
        if (Program.IsGru)
        {
            views.Add(new(blocks.Count, all, _ => 0));
            blocks.Add(new(state, steps));
        }
        return new(blocks, views);
    }
}

/// <summary>
/// The gradient of <see cref="Recurrent"/>. Inputs: the recurrent kernel, the gates, for each state its values before
/// and after each step and the gradient with respect to the last one, for a GRU the candidate's recurrent part, the
/// mask if there is one, and the gradient with respect to the outputs of all steps if there is one. Results: the
/// gradients with respect to the projected inputs, the initial states and, for <see cref="CellKind.ResetAfterGRU"/>,
/// the candidate's recurrent part.
/// </summary>
[NoOnnx("the gradient of another operation")]
[NoGradient("second derivatives through a recurrent layer")]
internal sealed record RecurrentGradient(CellProgram Program, bool HasOutputs) : MultiOp, IProductOp
{
    public FloatPrecision? Precision { get; } = TraceScope.Current?.Precision;

    public int CandidateInput => 2 + 3 * Program.States;

    public int MaskInput => CandidateInput + (Program.IsGru ? 1 : 0);

    public int OutputsInput => MaskInput + (Program.Masked ? 1 : 0);

    public int CandidateView => 1 + Program.States;

    public override Layout LayoutOf(IReadOnlyList<Tensor> inputs)
    {
        Dims gates = inputs[1].Dims;
        Dims state = new(gates[1], inputs[0].Dims[0]);
        var blocks = new List<Block> { new(new(gates[1], gates[2]), gates[0]) };
        var views = new List<View> { new(0, gates, _ => 0) };
        for (int i = 0; i < Program.States; i++)
        {
            views.Add(new(blocks.Count, state, _ => 0));
            blocks.Add(new(state, 1));
        }
        if (Program.IsGru)
        {
            // For all steps if requested, else for the current step.
            bool all = Program.Kind == CellKind.ResetAfterGRU;
            views.Add(new(blocks.Count, all ? new(gates[0], gates[1], inputs[0].Dims[0]) : state, _ => 0));
            blocks.Add(new(state, all ? gates[0] : 1));
        }
        return new(blocks, views);
    }

    /// <summary>The gradients with respect to the inputs of a <see cref="Recurrent"/>.</summary>
    public static Tensor?[] Rule(Tensor y, Tensor?[] g, Func<Tensor, bool> wanted)
    {
        var op = (Recurrent)y.Op;
        CellProgram program = op.Program;
        Tensor View(int index) => new(new Part(index), y);
        Tensor State(int state, int view) => SequenceOp.State(y, state, view);
        if (Enumerable.Range(0, g.Length).Any(i => g[i] is not null && (i >= op.GatesView
            || i % Recurrent.ViewsPerState == Recurrent.Before || i == Recurrent.ViewsPerState + Recurrent.After)))
            throw new ArgumentException("Second derivatives through a recurrent layer are not available.");

        Tensor kernel = y.Inputs[1];
        var inputs = new List<Tensor> { kernel, View(op.GatesView) };
        for (int i = 0; i < program.States; i++)
            inputs.AddRange([State(i, Recurrent.Before), State(i, Recurrent.After),
                g[i * Recurrent.ViewsPerState + Recurrent.Last] ?? K.Fill(0, y.Inputs[2 + i])]);
        if (program.IsGru) inputs.Add(View(op.CandidateView));
        if (program.Masked) inputs.Add(y.Inputs[op.MaskInput]);
        Tensor? outputs = g[Recurrent.After];
        if (outputs is not null) inputs.Add(outputs);
        var gradient = new RecurrentGradient(program, outputs is not null);
        var node = new Tensor(gradient, [.. inputs]);
        Tensor Result(int index) => new(new Part(index), node);

        var flows = new Tensor?[y.Inputs.Length];
        Tensor gates = flows[0] = Result(0);
        for (int i = 0; i < program.States; i++) flows[2 + i] = Result(1 + i);
        if (program.Kind == CellKind.ResetAfterGRU) flows[op.BiasInput] = K.Sum(Result(gradient.CandidateView), [0, 1]);
        if (wanted(kernel)) flows[1] = KernelGradient();
        return flows;

        // All steps at once: the kernel's left operand, transposed, times the gradient of its product.
        Tensor KernelGradient()
        {
            Tensor before = State(0, Recurrent.Before);
            if (!program.IsGru) return new Tensor(new MatMul(true, false), before, gates);
            int units = kernel.Shape[0]!.Value;
            Tensor first = new(new MatMul(true, false), before, K.Slice(gates, -1, 0, 2 * units));
            Tensor candidate = program.Kind == CellKind.GRU
                ? new(new MatMul(true, false), View(op.CandidateView), K.Slice(gates, -1, 2 * units, units))
                : new(new MatMul(true, false), before, Result(gradient.CandidateView));
            return K.Concatenate([first, candidate], 1);
        }
    }
}
