using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// A reduction of a fused expression. A thread, or a group if rows are long, computes one output; long rows with few
/// outputs are split into segments, whose results are combined in a second launch.
/// </summary>
internal abstract class ReduceKernel
{
    /// <summary>The minimum number of values in a segment.</summary>
    const int SegmentSize = 2048;

    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        var op = (Reduce)step.Macro!.Op;
        Tensor source = step.Macro.Inputs[0];
        int outputs = binding.Evaluate(step.Root.Dims.Size);
        if (outputs == 0) return [];
        IterationSpace space = IterationSpace.Of(source.Dims, [.. step.Inputs.Select(i => i.Dims)], op.Axes);
        int[] kept = [.. Enumerable.Range(0, space.Loops.Count).Where(i => !space.Loops[i].Reduced)],
            reduced = [.. Enumerable.Range(0, space.Loops.Count).Where(i => space.Loops[i].Reduced)];
        (Operands operands, Type walk) = Operands.Of(binding, step.Inputs, space, kept, reduced);
        int length = reduced.Aggregate(1, (size, loop) => size * binding.Evaluate(space.Loops[loop].Size));
        IProgram program = ProgramBuilder.Build(step.Chain, step.Inputs, [source]);
        bool neighbors = !space.Loops[^1].Reduced;
        return Bind(binding, op.Kind, program, step.Inputs.Count, operands, walk, binding.View(step.Root), outputs,
            length, neighbors);
    }

    /// <param name="binding">The location of values.</param>
    /// <param name="kind">How to combine values.</param>
    /// <param name="program">The expression to reduce.</param>
    /// <param name="inputs">The number of its inputs.</param>
    /// <param name="operands">The inputs: a row is an output, the columns are reduced.</param>
    /// <param name="walk">How to traverse them.</param>
    /// <param name="target">The destination of the outputs.</param>
    /// <param name="outputs">The number of outputs.</param>
    /// <param name="length">The number of values reduced to one output.</param>
    /// <param name="neighbors">
    /// Whether neighboring outputs come from neighboring values, so that neighboring threads should compute them.
    /// </param>
    public static IEnumerable<GpuLaunch> Bind(GpuBinding binding, ReduceKind kind, IProgram program, int inputs,
        Operands operands, Type walk, ArrayView<float> target, int outputs, int length, bool neighbors)
    {
        Grids grids = binding.Grids;
        bool team = length > grids.TeamColumns && !(neighbors && outputs >= grids.GroupSize);
        int wanted = Math.Max(1,
            (int)Math.Min(grids.Processors * 4L * (team ? 1 : grids.GroupSize) / outputs, length / SegmentSize)),
            segments = wanted > 1 ? wanted : 1;
        ArrayView<float> first = segments == 1 ? target : binding.Temporary((long)segments * outputs);
        yield return Create(kind, program.GetType(), inputs, walk, team)
            .Bind(binding, program, operands, first, outputs, length, segments);
        if (segments == 1) yield break;
        // Value (segment, output) of the partial results.
        (Operands partial, Type plane) = Operands.Of(binding, [first], [outputs, segments], [[1, outputs]], [0], [1]);
        IProgram same = new Bind<N0, Input<N0>, Done>(default, default);
        yield return Create(kind, same.GetType(), 1, plane, segments > grids.TeamColumns && outputs < grids.GroupSize)
            .Bind(binding, same, partial, target, outputs, segments, 1);
    }

    static ReduceKernel Create(ReduceKind kind, Type program, int inputs, Type walk, bool team)
    {
        Type reducer = kind switch
        {
            ReduceKind.Sum => typeof(SumReducer),
            ReduceKind.Max => typeof(MaxReducer),
            ReduceKind.Min => typeof(MinReducer),
            _ => typeof(ProdReducer),
        };
        return (ReduceKernel)Activator.CreateInstance(typeof(ReduceKernel<,,,,>).MakeGenericType(program,
            Numerics.Index.Type(inputs), walk, reducer, team ? typeof(Together) : typeof(Alone)))!;
    }

    protected abstract GpuLaunch Bind(GpuBinding binding, IProgram program, Operands operands, ArrayView<float> target,
        int outputs, int length, int segments);
}

/// <inheritdoc/>
internal sealed class ReduceKernel<TProgram, TInputs, TWalk, TReducer, TTeam>
    : ReduceKernel, IKernel<ReduceKernel<TProgram, TInputs, TWalk, TReducer, TTeam>.Arguments>
    where TProgram : struct, IProgram
    where TInputs : struct, IIndex
    where TWalk : struct, IWalk
    where TReducer : struct, IReducer
    where TTeam : struct, ITeam
{
    /// <summary>Consecutive additions.</summary>
    const int Block = 128;

    public struct Arguments
    {
        public Operands Operands;
        public ArrayView<float> Target;
        public TProgram Program;
        public int Outputs, Length, Segments, PerSegment;
    }

    protected override GpuLaunch Bind(GpuBinding binding, IProgram program, Operands operands, ArrayView<float> target,
        int outputs, int length, int segments)
    {
        var arguments = new Arguments
        {
            Operands = operands,
            Target = target,
            Program = (TProgram)program,
            Outputs = outputs,
            Length = length,
            Segments = segments,
            PerSegment = (length + segments - 1) / segments
        };
        long rows = (long)outputs * segments;
        return binding.Launch<ReduceKernel<TProgram, TInputs, TWalk, TReducer, TTeam>, Arguments>(typeof(TTeam)
            == typeof(Alone) ? binding.Grids.Items(rows) : binding.Grids.Teams(rows, arguments.PerSegment), arguments);
    }

    public static void Run(Arguments a)
    {
        TProgram program = a.Program;
        int rows = a.Outputs * a.Segments;
        for (int row = TTeam.First; row < rows; row += TTeam.Stride)
        {
            int segment = row / a.Outputs, output = row - segment * a.Outputs;
            int start = segment * a.PerSegment, end = start + a.PerSegment < a.Length ? start + a.PerSegment : a.Length;
            // Short chains of additions lose less precision.
            LaneThread total = new(TReducer.Start);
            for (int block = start; block < end; block += Block * TTeam.Size)
            {
                LaneThread sum = new(TReducer.Start);
                int blockEnd = block + Block * TTeam.Size < end ? block + Block * TTeam.Size : end;
                for (int k = block + TTeam.Rank; k < blockEnd; k += TTeam.Size)
                    sum = TReducer.Combine(sum, Value(a, program, output, k));
                total = TReducer.Combine(total, sum);
            }
            float result = TTeam.Combine<TReducer>(LaneThread.Sum(total));
            if (TTeam.Rank == 0) a.Target[row] = result;
        }
    }

    static LaneThread Value(in Arguments a, TProgram program, int output, int k)
    {
        Args<LaneThread> values = a.Operands.Load<N0, TInputs, TWalk>(output, k);
        program.Run(ref values);
        return values.B0;
    }
}
