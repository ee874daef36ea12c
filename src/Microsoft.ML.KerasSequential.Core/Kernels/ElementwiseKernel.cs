using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>An operand in memory: its address and its stride along each loop.</summary>
internal readonly unsafe struct Operand(float* pointer, int[] strides)
{
    public float* Pointer { get; } = pointer;

    public int[] Strides { get; } = strides;
}

/// <summary>A fused expression over rows and columns; alone it is a step, after a matrix product its epilogue.</summary>
internal abstract class ElementwiseLoop
{
    /// <summary>Applies the expression to a block of rows and columns.</summary>
    public abstract void Run(int row, int rowEnd, int column, int columnEnd);
}

/// <summary>
/// The loop itself, closed over the program. Operands that run along a row are loaded in the inner loop; the others are
/// loaded once a row. Slots are ordered so that the former come first, <typeparamref name="TStreams"/> of them.
/// </summary>
internal sealed unsafe class ElementwiseLoop<TProgram, TStreams, TOutputs>(IProgram program, int[] sizes, Operand[] inputs, Operand[] outputs) : ElementwiseLoop
    where TProgram : struct, IProgram
    where TStreams : struct, IIndex
    where TOutputs : struct, IIndex
{
    readonly TProgram _program = (TProgram)program;

    public override void Run(int row, int rowEnd, int column, int columnEnd)
    {
        if (Vector512.IsHardwareAccelerated) Rows<Lane512>(row, rowEnd, column, columnEnd);
        else if (Vector256.IsHardwareAccelerated) Rows<Lane256>(row, rowEnd, column, columnEnd);
        else if (Vector128.IsHardwareAccelerated) Rows<Lane128>(row, rowEnd, column, columnEnd);
        else Rows<LaneScalar>(row, rowEnd, column, columnEnd);
    }

    void Rows<T>(int row, int rowEnd, int column, int columnEnd) where T : struct, ILane<T>
    {
        float** ins = stackalloc float*[Args<T>.InputSlots];
        float** outs = stackalloc float*[Args<T>.BoundSlots];
        nint* steps = stackalloc nint[Args<T>.InputSlots];
        int outer = sizes.Length - 1, run = outer == 0 ? 1 : sizes[outer - 1];
        for (int i = 0; outer > 0 && i < inputs.Length; i++) steps[i] = inputs[i].Strides[outer - 1];
        nint outStep = outer == 0 ? 0 : outputs[0].Strides[outer - 1];
        // As many rows at once as lie at equal distances.
        for (int r = row, together; r < rowEnd; r += together)
        {
            together = outer == 1 ? rowEnd - r : Math.Min(rowEnd - r, run - r % run);
            for (int i = 0; i < outputs.Length; i++) outs[i] = At(outputs[i], r, column);
            int count = columnEnd - column;
            int whole = count - count % T.Width;
            if (whole > 0) Block<T>(Find(ins, r, column), steps, outs, outStep, together, 0, whole);
            if (whole < count) Block<LaneScalar>(Find(ins, r, column), steps, outs, outStep, together, whole, count);
        }
    }

    /// <summary>Where the operands of a row begin.</summary>
    float** Find(float** ins, int row, int column)
    {
        for (int i = 0; i < inputs.Length; i++) ins[i] = At(inputs[i], row, i < TStreams.Value ? column : 0);
        return ins;
    }

    /// <summary>Some rows; on the way <paramref name="ins"/> goes on from row to row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    void Block<T>(float** ins, nint* steps, float** outs, nint outStep, int rows, int start, int end) where T : struct, ILane<T>
    {
        TProgram program = _program;
        float* p0 = ins[0], p1 = ins[1], p2 = ins[2], p3 = ins[3], p4 = ins[4], p5 = ins[5], p6 = ins[6], p7 = ins[7];
        float* q0 = outs[0], q1 = outs[1], q2 = outs[2], q3 = outs[3], q4 = outs[4], q5 = outs[5];
        Args<T> repeated = default;
        int inputCount = inputs.Length;
        for (int row = 0; row < rows; row++)
        {
            if (TStreams.Value < inputCount)
            {
                if (TStreams.Value < 1 && inputCount > 0) repeated.I0 = Next<T>(ins, steps, 0);
                if (TStreams.Value < 2 && inputCount > 1) repeated.I1 = Next<T>(ins, steps, 1);
                if (TStreams.Value < 3 && inputCount > 2) repeated.I2 = Next<T>(ins, steps, 2);
                if (TStreams.Value < 4 && inputCount > 3) repeated.I3 = Next<T>(ins, steps, 3);
                if (TStreams.Value < 5 && inputCount > 4) repeated.I4 = Next<T>(ins, steps, 4);
                if (TStreams.Value < 6 && inputCount > 5) repeated.I5 = Next<T>(ins, steps, 5);
                if (TStreams.Value < 7 && inputCount > 6) repeated.I6 = Next<T>(ins, steps, 6);
                if (TStreams.Value < 8 && inputCount > 7) repeated.I7 = Next<T>(ins, steps, 7);
            }
            for (nint i = start; i < end; i += T.Width)
            {
                Args<T> a = repeated;
                if (TStreams.Value > 0) a.I0 = T.Load(p0 + i);
                if (TStreams.Value > 1) a.I1 = T.Load(p1 + i);
                if (TStreams.Value > 2) a.I2 = T.Load(p2 + i);
                if (TStreams.Value > 3) a.I3 = T.Load(p3 + i);
                if (TStreams.Value > 4) a.I4 = T.Load(p4 + i);
                if (TStreams.Value > 5) a.I5 = T.Load(p5 + i);
                if (TStreams.Value > 6) a.I6 = T.Load(p6 + i);
                if (TStreams.Value > 7) a.I7 = T.Load(p7 + i);
                program.Run(ref a);
                if (TOutputs.Value > 0) T.Store(q0 + i, a.B0);
                if (TOutputs.Value > 1) T.Store(q1 + i, a.B1);
                if (TOutputs.Value > 2) T.Store(q2 + i, a.B2);
                if (TOutputs.Value > 3) T.Store(q3 + i, a.B3);
                if (TOutputs.Value > 4) T.Store(q4 + i, a.B4);
                if (TOutputs.Value > 5) T.Store(q5 + i, a.B5);
            }
            if (TStreams.Value > 0) p0 += steps[0];
            if (TStreams.Value > 1) p1 += steps[1];
            if (TStreams.Value > 2) p2 += steps[2];
            if (TStreams.Value > 3) p3 += steps[3];
            if (TStreams.Value > 4) p4 += steps[4];
            if (TStreams.Value > 5) p5 += steps[5];
            if (TStreams.Value > 6) p6 += steps[6];
            if (TStreams.Value > 7) p7 += steps[7];
            if (TOutputs.Value > 0) q0 += outStep;
            if (TOutputs.Value > 1) q1 += outStep;
            if (TOutputs.Value > 2) q2 += outStep;
            if (TOutputs.Value > 3) q3 += outStep;
            if (TOutputs.Value > 4) q4 += outStep;
            if (TOutputs.Value > 5) q5 += outStep;
        }
    }

    /// <summary>The value of an operand that does not run along a row; then on to the next row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Next<T>(float** ins, nint* steps, int operand) where T : struct, ILane<T>
    {
        T value = T.Splat(*ins[operand]);
        ins[operand] += steps[operand];
        return value;
    }

    float* At(in Operand operand, int row, int column)
    {
        int[] strides = operand.Strides;
        int outer = sizes.Length - 1;
        if (outer <= 1) return operand.Pointer + (outer == 1 ? (nint)row * strides[0] : 0) + column;
        nint offset = column;
        for (int i = outer - 1; i >= 0; i--)
        {
            offset += (nint)(row % sizes[i]) * strides[i];
            row /= sizes[i];
        }
        return operand.Pointer + offset;
    }
}

/// <summary>A step of fused elementwise nodes.</summary>
internal sealed class ElementwiseKernel : Launch
{
    const int ChunkSize = 16 * 1024;

    readonly ElementwiseLoop _loop;
    readonly int _rows, _columns, _rowsPerChunk, _columnsPerChunk, _columnChunks;

    ElementwiseKernel(ElementwiseLoop loop, int rows, int columns)
    {
        (_loop, _rows, _columns) = (loop, rows, columns);
        _columnsPerChunk = Math.Max(1, Math.Min(columns, ChunkSize));
        _rowsPerChunk = Math.Max(1, ChunkSize / _columnsPerChunk);
        _columnChunks = (columns + _columnsPerChunk - 1) / _columnsPerChunk;
        Chunks = (rows + _rowsPerChunk - 1) / _rowsPerChunk * _columnChunks;
    }

    public override unsafe void Run(int chunk, float* scratch)
    {
        int row = chunk / _columnChunks * _rowsPerChunk, column = chunk % _columnChunks * _columnsPerChunk;
        _loop.Run(row, Math.Min(row + _rowsPerChunk, _rows), column, Math.Min(column + _columnsPerChunk, _columns));
    }

    public static Launch Bind(Step step, CpuBinding binding)
    {
        (ElementwiseLoop loop, int rows, int columns) = Loop(step.Chain, step.Inputs, step.Outputs, step.Root.Dims, binding, keepLast: false);
        return new ElementwiseKernel(loop, rows, columns);
    }

    /// <summary>Builds the loop of a chain over a space.</summary>
    public static unsafe (ElementwiseLoop Loop, int Rows, int Columns) Loop(
        IReadOnlyList<Tensor> chain, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, Dims space, CpuBinding binding, bool keepLast)
    {
        IterationSpace loops = IterationSpace.Of(space, [.. inputs.Select(i => i.Dims)], keepLast: keepLast);
        int[] order = [.. Enumerable.Range(0, inputs.Count).OrderByDescending(i => loops.Loops[^1].Follows[i])];
        int streams = order.Count(i => loops.Loops[^1].Follows[i]);
        int[] sizes = [.. loops.Loops.Select(l => binding.Evaluate(l.Size))];

        IProgram program = ProgramBuilder.Build(chain, [.. order.Select(i => inputs[i])], outputs);
        Operand[] ins = [.. order.Select(i => new Operand(binding.Address(inputs[i]), loops.Strides(i, sizes)))];
        int[] dense = IterationSpace.Dense(sizes);
        Operand[] outs = [.. outputs.Select(o => new Operand(binding.Address(o), dense))];

        Type type = typeof(ElementwiseLoop<,,>).MakeGenericType(program.GetType(), Numerics.Index.Type(streams), Numerics.Index.Type(outputs.Count));
        var loop = (ElementwiseLoop)Activator.CreateInstance(type, program, sizes, ins, outs)!;
        return (loop, sizes[..^1].Aggregate(1, (a, b) => a * b), sizes[^1]);
    }
}
