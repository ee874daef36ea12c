using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A step of fused elementwise nodes: the CPU's expressions, one thread per value.</summary>
internal abstract class ElementwiseKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        int count = binding.Evaluate(step.Root.Dims.Size);
        if (count == 0) return [];
        IterationSpace space = IterationSpace.Of(step.Root.Dims, [.. step.Inputs.Select(i => i.Dims)]);
        int last = space.Loops.Count - 1;
        (Operands operands, Type walk) =
            Operands.Of(binding, step.Inputs, space, [.. Enumerable.Range(0, last)], [last]);
        IProgram program = ProgramBuilder.Build(step.Chain, step.Inputs, step.Outputs);
        Type type = typeof(ElementwiseKernel<,,,>).MakeGenericType(program.GetType(),
            Numerics.Index.Type(step.Inputs.Count), walk, Numerics.Index.Type(step.Outputs.Count));
        var kernel = (ElementwiseKernel)Activator.CreateInstance(type)!;
        return [kernel.Bind(binding, program, operands, Results.Of(binding, step.Outputs), count,
            binding.Evaluate(space.Loops[last].Size))];
    }

    protected abstract GpuLaunch Bind(GpuBinding binding, IProgram program, Operands operands, Results results,
        int count, int columns);
}

/// <inheritdoc/>
internal sealed class ElementwiseKernel<TProgram, TInputs, TWalk, TOutputs>
    : ElementwiseKernel, IKernel<ElementwiseKernel<TProgram, TInputs, TWalk, TOutputs>.Arguments>
    where TProgram : struct, IProgram
    where TInputs : struct, IIndex
    where TWalk : struct, IWalk
    where TOutputs : struct, IIndex
{
    public struct Arguments
    {
        public Operands Operands;
        public Results Results;
        public TProgram Program;
        public int Count, Columns;
    }

    protected override GpuLaunch Bind(GpuBinding binding, IProgram program, Operands operands, Results results,
        int count, int columns) =>
        binding.Items<ElementwiseKernel<TProgram, TInputs, TWalk, TOutputs>, Arguments>(count,
            new()
            {
                Operands = operands,
                Results = results,
                Program = (TProgram)program,
                Count = count,
                Columns = columns
            });

    public static void Run(Arguments a)
    {
        TProgram program = a.Program;
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int row = i / a.Columns;
            Args<LaneThread> values = a.Operands.Load<N0, TInputs, TWalk>(row, i - row * a.Columns);
            program.Run(ref values);
            a.Results.Store<TOutputs>(i, values);
        }
    }
}
