using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// A standard cell over an entire sequence: each chunk takes some samples through all time steps, so no thread waits
/// for another between steps. A step is one product with the packed recurrent kernel, added to the projected input, and
/// one pass over the gates.
/// </summary>
internal abstract unsafe class RecurrentKernel : Launch
{
    /// <summary>The number of multiply-adds in a sequence that justify a second thread.</summary>
    const int WorkPerChunk = 512 * 1024;

    const int MaxChunks = 8, MinRows = 4;

    readonly int _rowsPerChunk;

    protected RecurrentKernel(CellProgram program, int steps, int batch, int units)
    {
        (Program, Steps, Batch, Units) = (program, steps, batch, units);
        long work = (long)steps * batch * units * units * program.Gates;
        int chunks = (int)Math.Clamp(work / WorkPerChunk, 1, MaxChunks);
        _rowsPerChunk = Math.Max(MinRows, ((batch + chunks - 1) / chunks + MinRows - 1) / MinRows * MinRows);
        Chunks = (batch + _rowsPerChunk - 1) / _rowsPerChunk;
    }

    protected CellProgram Program { get; }

    protected int Steps { get; }

    protected int Batch { get; }

    protected int Units { get; }

    protected int Width => Program.Gates * Units;

    public override void Run(int chunk, float* scratch)
    {
        int row = chunk * _rowsPerChunk;
        Run(row, Math.Min(_rowsPerChunk, Batch - row), scratch);
    }

    protected abstract void Run(int row, int rows, float* scratch);

    public static IEnumerable<Launch> BindForward(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        var op = (Recurrent)node.Op;
        CellProgram program = op.Program;
        Tensor kernel = node.Inputs[1];
        int steps = binding.Evaluate(node.Inputs[0].Dims[0]), batch = binding.Evaluate(node.Inputs[0].Dims[1]),
            units = binding.Evaluate(kernel.Dims[0]);
        nint Address(Tensor tensor) => (nint)binding.Address(tensor);
        nint Block(int index) => (nint)(binding.Address(node) + op.BlockOffset(node.Inputs, index, binding.Bindings));
        var launches = new List<Launch>();
        for (int i = 0; i < program.States; i++)
            launches.Add(new BlocksKernel(Address(node.Inputs[2 + i]), Block(i), 1, 0, 0, batch * units));
        (nint packed, nint candidate) = Pack(program, kernel, transposed: false, binding, launches);
        var places = new RecurrentForwardPlaces(Address(node.Inputs[0]), Block(0),
            program.Kind == CellKind.LSTM ? Block(1) : 0, Block(program.States),
            program.IsGru ? Block(program.States + 1) : 0,
            program.Kind == CellKind.ResetAfterGRU ? Address(node.Inputs[op.BiasInput]) : 0,
            program.Masked ? Address(node.Inputs[op.MaskInput]) : 0, packed, candidate);
        launches.Add(Gates.Over(program, new RecurrentForwardKernel(program, steps, batch, units, places)));
        return launches;
    }

    public static IEnumerable<Launch> BindBackward(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        var op = (RecurrentGradient)node.Op;
        CellProgram program = op.Program;
        Tensor kernel = node.Inputs[0], gates = node.Inputs[1];
        int steps = binding.Evaluate(gates.Dims[0]), batch = binding.Evaluate(gates.Dims[1]),
            units = binding.Evaluate(kernel.Dims[0]);
        nint Address(Tensor tensor) => (nint)binding.Address(tensor);
        nint Block(int index) => (nint)(binding.Address(node) + op.BlockOffset(node.Inputs, index, binding.Bindings));
        var launches = new List<Launch>();
        // The backward pass starts from the gradients with respect to the last states.
        for (int i = 0; i < program.States; i++)
            launches.Add(new BlocksKernel(Address(node.Inputs[4 + 3 * i]), Block(1 + i), 1, 0, 0, batch * units));
        (nint packed, nint candidate) = Pack(program, kernel, transposed: true, binding, launches);
        bool lstm = program.Kind == CellKind.LSTM;
        var places = new RecurrentBackwardPlaces(Address(gates), Address(node.Inputs[2]), Address(node.Inputs[3]),
            lstm ? Address(node.Inputs[5]) : 0, lstm ? Address(node.Inputs[6]) : 0,
            program.IsGru ? Address(node.Inputs[op.CandidateInput]) : 0,
            program.Masked ? Address(node.Inputs[op.MaskInput]) : 0,
            op.HasOutputs ? Address(node.Inputs[op.OutputsInput]) : 0,
            Block(0), Block(1), lstm ? Block(2) : 0, program.IsGru ? Block(1 + program.States) : 0, packed, candidate);
        launches.Add(Gates.Over(program, new RecurrentBackwardKernel(program, steps, batch, units, places)));
        return launches;
    }

    /// <summary>Packs the recurrent kernel, as is or transposed; for a GRU, the candidate's part separately.</summary>
    static (nint Packed, nint Candidate) Pack(CellProgram program, Tensor kernel, bool transposed, CpuBinding binding,
        List<Launch> launches)
    {
        int units = binding.Evaluate(kernel.Dims[0]);
        (nint packed, Launch pack) = Pack(kernel, 0, (program.IsGru ? 2 : program.Gates) * units, transposed, binding);
        launches.Add(pack);
        if (!program.IsGru) return (packed, 0);
        (nint candidate, pack) = Pack(kernel, 2 * units, units, transposed, binding);
        launches.Add(pack);
        return (packed, candidate);
    }

    /// <summary>Packs columns of the recurrent kernel.</summary>
    static (nint Packed, Launch Pack) Pack(Tensor kernel, int column, int columns, bool transposed, CpuBinding binding)
    {
        int units = binding.Evaluate(kernel.Dims[0]), width = binding.Evaluate(kernel.Dims[1]);
        nint address = (nint)(binding.Address(kernel) + column);
        Matrix matrix = transposed ? new(address, columns, units, 1, width) : new(address, units, columns, width, 1);
        return PackLaunch.Of(matrix, 0, kernel, binding);
    }
}
