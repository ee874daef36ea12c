using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// A reduction of a fused expression. If the innermost loop is reduced, each output is a sum along rows; if it is kept,
/// neighboring outputs are accumulated side by side. Long sums are cut into segments of fixed length whose partial
/// results are added in order, for speed and for accuracy.
/// </summary>
internal static class ReduceKernel
{
    /// <summary>Sums over more values than this are split into segments.</summary>
    const int SegmentSize = 16 * 1024;

    /// <summary>The minimum work in one chunk.</summary>
    internal const int ChunkSize = 16 * 1024;

    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        var op = (Reduce)step.Macro!.Op;
        Tensor source = step.Macro.Inputs[0];
        IterationSpace space = IterationSpace.Of(source.Dims, [.. step.Inputs.Select(i => i.Dims)], op.Axes);
        // Kept loops first, then reduced ones, but the innermost loop stays where memory is contiguous.
        int inner = space.Loops.Count - 1;
        bool innerReduced = space.Loops[inner].Reduced;
        int[] order = [.. Enumerable.Range(0, step.Inputs.Count).OrderByDescending(i => space.Loops[inner].Follows[i])];
        int streams = order.Count(i => space.Loops[inner].Follows[i]);
        int[] sizes = [.. space.Loops.Select(l => binding.Evaluate(l.Size))];
        int[] kept = [.. Enumerable.Range(0, inner).Where(i => !space.Loops[i].Reduced)];
        int[] reduced = [.. Enumerable.Range(0, inner).Where(i => space.Loops[i].Reduced)];

        IReadOnlyList<Tensor> slots = [.. order.Select(i => step.Inputs[i])];
        var plan = new ReducePlan
        {
            Kept = new(kept, sizes),
            Reduced = new(reduced, sizes),
            Inner = sizes[inner],
            InnerReduced = innerReduced,
            Pointers = [.. order.Select(i => (nint)AddressOf(binding, step.Inputs[i]))],
            Strides = [.. order.Select(i => space.Strides(i, sizes))],
        };

        int outputs = plan.Kept.Count * (innerReduced ? 1 : plan.Inner);
        int segments = 1;
        if (outputs > 0 && innerReduced && plan.Reduced.Count == 1 && plan.Inner > SegmentSize)
            segments = (plan.Inner + SegmentSize - 1) / SegmentSize;
        else if (plan.Reduced.Count > 4096 && outputs <= 4096) segments = (plan.Reduced.Count + 1023) / 1024;

        nint target = AddressOf(binding, step.Root);
        ReduceLaunch First(nint results) => RuntimeFeature.IsDynamicCodeSupported && !Interpreter.IsForced
            ? Compiled(op.Kind, ProgramBuilder.Build(step.Chain, slots, [source]), streams, plan, results, segments)
            : Reducers.Over(op.Kind, new InterpretedReduce(
                SpanProgramBuilder.Build(step.Chain, slots, streams, [source]), streams, plan, results, segments));
        if (segments == 1)
        {
            yield return First(target);
            yield break;
        }

        // (segments, outputs) partial results, then a reduction over the first dimension.
        nint partial = AddressOfWorkspace(binding, segments * outputs);
        yield return First(partial);
        var second = new ReducePlan
        {
            Kept = new([], sizes),
            Reduced = new([0], [segments, outputs]),
            Inner = outputs,
            InnerReduced = false,
            Pointers = [partial],
            Strides = [[outputs, 1]],
        };
        yield return Reducers.Over(op.Kind, new PlainReduce(second, target));
    }

    [RequiresDynamicCode("The reduction is closed over the expression at run time.")]
    static ReduceLaunch Compiled(
        ReduceKind kind, IProgram program, int streams, ReducePlan plan, nint target, int segments) =>
        (ReduceLaunch)ClosedType.Create(typeof(ReduceLaunch<,,>),
            [program.GetType(), Numerics.Index.Type(streams), Reducers.Type(kind)], program, plan, target, segments);

    static unsafe nint AddressOf(CpuBinding binding, Tensor tensor) => (nint)binding.Address(tensor);

    static unsafe nint AddressOfWorkspace(CpuBinding binding, int floats) => (nint)binding.Temporary(floats);
}

/// <summary>Some of the loops of a reduction, traversed by one index.</summary>
internal sealed class LoopGroup(int[] loops, int[] sizes)
{
    public int Count { get; } = loops.Aggregate(1, (count, loop) => count * sizes[loop]);

    /// <summary>The number of indices from this one on along the innermost of the loops.</summary>
    public int RunFrom(int index) => loops.Length == 0 ? 1 : sizes[loops[^1]] - index % sizes[loops[^1]];

    /// <summary>The stride along the innermost of the loops.</summary>
    public nint Step(int[] strides) => loops.Length == 0 ? 0 : strides[loops[^1]];

    public nint Offset(int index, int[] strides)
    {
        if (loops.Length == 1) return (nint)index * strides[loops[0]];
        nint offset = 0;
        for (int i = loops.Length - 1; i >= 0; i--)
        {
            int size = sizes[loops[i]];
            offset += (nint)(index % size) * strides[loops[i]];
            index /= size;
        }
        return offset;
    }
}

/// <summary>The loops and operands of a reduction.</summary>
internal sealed class ReducePlan
{
    public required LoopGroup Kept { get; init; }
    public required LoopGroup Reduced { get; init; }
    public required int Inner { get; init; }
    public required bool InnerReduced { get; init; }
    public required nint[] Pointers { get; init; }
    public required int[][] Strides { get; init; }
}
