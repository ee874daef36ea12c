using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>An operand in memory: its address and its stride along each loop.</summary>
internal readonly unsafe struct Operand(float* pointer, int[] strides)
{
    public float* Pointer { get; } = pointer;

    public int[] Strides { get; } = strides;
}

/// <summary>A fused expression over rows and columns: a step of its own, or the epilogue of a matrix product.</summary>
/// <param name="sizes">The sizes of the loops: the last one is the columns, the others together are the rows.</param>
/// <param name="inputs">What is read.</param>
/// <param name="outputs">What is written.</param>
internal abstract unsafe class ElementwiseLoop(int[] sizes, Operand[] inputs, Operand[] outputs)
{
    protected Operand[] Inputs { get; } = inputs;

    protected Operand[] Outputs { get; } = outputs;

    /// <summary>Applies the expression to a block of rows and columns.</summary>
    public abstract void Run(int row, int rowEnd, int column, int columnEnd);

    /// <summary>The number of rows from this one on that are equally spaced.</summary>
    protected int RowsTogether(int row, int rowEnd)
    {
        int outer = sizes.Length - 1, run = outer == 0 ? 1 : sizes[outer - 1];
        return outer == 1 ? rowEnd - row : Math.Min(rowEnd - row, run - row % run);
    }

    /// <summary>The distance between these rows.</summary>
    protected nint RowStep(in Operand operand) => sizes.Length > 1 ? operand.Strides[sizes.Length - 2] : 0;

    /// <summary>Where a row starts.</summary>
    protected float* At(in Operand operand, int row, int column)
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

/// <summary>
/// The loop itself, closed over the program. Operands that run along a row are loaded in the inner loop; the others are
/// loaded once per row. Slots are ordered so that the former, <typeparamref name="TStreams"/> in number, come first.
/// </summary>
internal sealed unsafe class ElementwiseLoop<TProgram, TStreams, TOutputs>(
    IProgram program, int[] sizes, Operand[] inputs, Operand[] outputs) : ElementwiseLoop(sizes, inputs, outputs)
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
        for (int i = 0; i < Inputs.Length; i++) steps[i] = RowStep(Inputs[i]);
        nint outStep = RowStep(Outputs[0]);
        // As many rows at once as are equally spaced.
        for (int r = row, together; r < rowEnd; r += together)
        {
            together = RowsTogether(r, rowEnd);
            for (int i = 0; i < Outputs.Length; i++) outs[i] = At(Outputs[i], r, column);
            int count = columnEnd - column;
            int whole = count - count % T.Width;
            if (whole > 0) Block<T>(Find(ins, r, column), steps, outs, outStep, together, 0, whole);
            if (whole < count) Block<LaneScalar>(Find(ins, r, column), steps, outs, outStep, together, whole, count);
        }
    }

    /// <summary>Where the operands of a row start.</summary>
    float** Find(float** ins, int row, int column)
    {
        for (int i = 0; i < Inputs.Length; i++) ins[i] = At(Inputs[i], row, i < TStreams.Value ? column : 0);
        return ins;
    }

    /// <summary>Processes some rows, advancing <paramref name="ins"/> from row to row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    void Block<T>(float** ins, nint* steps, float** outs, nint outStep, int rows, int start, int end)
        where T : struct, ILane<T>
    {
        TProgram program = _program;
        float* p0 = ins[0], p1 = ins[1], p2 = ins[2], p3 = ins[3], p4 = ins[4], p5 = ins[5], p6 = ins[6], p7 = ins[7];
        float* q0 = outs[0], q1 = outs[1], q2 = outs[2], q3 = outs[3], q4 = outs[4], q5 = outs[5];
        Args<T> repeated = default;
        int inputCount = Inputs.Length;
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

    /// <summary>The value of an operand that does not run along a row; advances to the next row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Next<T>(float** ins, nint* steps, int operand) where T : struct, ILane<T>
    {
        T value = T.Splat(*ins[operand]);
        ins[operand] += steps[operand];
        return value;
    }
}
