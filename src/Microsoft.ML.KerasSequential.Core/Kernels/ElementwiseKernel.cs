using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

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
        (ElementwiseLoop loop, int rows, int columns) =
            Loop(step.Chain, step.Inputs, step.Outputs, step.Root.Dims, binding, keepLast: false);
        return new ElementwiseKernel(loop, rows, columns);
    }

    /// <summary>Builds the loop of a chain over an iteration space.</summary>
    public static unsafe (ElementwiseLoop Loop, int Rows, int Columns) Loop(
        IReadOnlyList<Tensor> chain, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, Dims space,
        CpuBinding binding, bool keepLast)
    {
        IterationSpace loops = IterationSpace.Of(space, [.. inputs.Select(i => i.Dims)], keepLast: keepLast);
        int[] order = [.. Enumerable.Range(0, inputs.Count).OrderByDescending(i => loops.Loops[^1].Follows[i])];
        int streams = order.Count(i => loops.Loops[^1].Follows[i]);
        int[] sizes = [.. loops.Loops.Select(l => binding.Evaluate(l.Size))];

        IReadOnlyList<Tensor> slots = [.. order.Select(i => inputs[i])];
        Operand[] ins = [.. order.Select(i => new Operand(binding.Address(inputs[i]), loops.Strides(i, sizes)))];
        int[] dense = IterationSpace.Dense(sizes);
        Operand[] outs = [.. outputs.Select(o => new Operand(binding.Address(o), dense))];

        ElementwiseLoop loop = RuntimeFeature.IsDynamicCodeSupported && !Interpreter.IsForced
            ? Compiled(ProgramBuilder.Build(chain, slots, outputs), streams, sizes, ins, outs)
            : new SpanLoop(SpanProgramBuilder.Build(chain, slots, streams, outputs), streams, sizes, ins, outs);
        return (loop, sizes[..^1].Aggregate(1, (a, b) => a * b), sizes[^1]);
    }

    [RequiresDynamicCode("The loop is closed over the expression at run time.")]
    static ElementwiseLoop Compiled(IProgram program, int streams, int[] sizes, Operand[] inputs, Operand[] outputs) =>
        (ElementwiseLoop)ClosedType.Create(typeof(ElementwiseLoop<,,>),
            [program.GetType(), Numerics.Index.Type(streams), Numerics.Index.Type(outputs.Length)],
            program, sizes, inputs, outputs);
}
