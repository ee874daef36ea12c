using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>What is done with the sums of a product: a fused expression that has them as its first input.</summary>
/// <param name="Program">The expression.</param>
/// <param name="Operands">Its inputs over (row, column), with the product's slot left empty.</param>
/// <param name="Inputs">The number of its inputs, including the product.</param>
/// <param name="Walk">How to traverse them.</param>
/// <param name="Results">The destination of the results.</param>
/// <param name="Outputs">The number of results.</param>
internal sealed record Epilogue(IProgram Program, Operands Operands, int Inputs, Type Walk, Results Results,
    int Outputs)
{
    /// <summary>The chain after a product, or the product alone.</summary>
    public static Epilogue Of(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!;
        if (step.Chain.Count == 0) return Plain(binding, binding.View(node));
        Tensor[] inputs = [node, .. step.Chain.SelectMany(n => n.Inputs)
            .Where(i => i != node && i.Op is not Scalar && !step.Chain.Contains(i)).Distinct()];
        IterationSpace space = IterationSpace.Of(node.Dims, [.. inputs.Select(i => i.Dims)], keepLast: true);
        int last = space.Loops.Count - 1;
        // The product itself is not in memory: its slot is filled from registers.
        (Operands operands, Type walk) = Operands.Of(binding.With(node, binding.View(step.Outputs[0])), inputs, space,
            [.. Enumerable.Range(0, last)], [last]);
        return new(ProgramBuilder.Build(step.Chain, inputs, step.Outputs), operands, inputs.Length, walk,
            Results.Of(binding, step.Outputs), step.Outputs.Count);
    }

    /// <summary>The sums, unchanged.</summary>
    public static Epilogue Plain(GpuBinding binding, ArrayView<float> target) =>
        Over(binding, new Bind<N0, Input<N0>, Done>(default, default), target);

    /// <summary>Adds the sums to given values, row by row; a stride of 0 repeats a row.</summary>
    public static Epilogue Added(GpuBinding binding, ArrayView<float> added, int stride, ArrayView<float> target) =>
        Over(binding, new Bind<N0, Add<Input<N0>, Input<N1>>, Done>(default, default), target, (added, stride));

    static Epilogue Over(GpuBinding binding, IProgram program, ArrayView<float> target,
        params (ArrayView<float> View, int RowStride)[] inputs)
    {
        // Slot 0 is the product.
        (Operands operands, _) = Operands.Of(binding, [target, .. inputs.Select(i => i.View)], [1, 1],
            [[0, 0], .. inputs.Select(i => new[] { i.RowStride, 1 })], [0], [1]);
        return new(program, operands, 1 + inputs.Length, typeof(Plane), Results.Of(target), 1);
    }
}

/// <summary>The end of a product: applies the fused expression to a sum, and writes its results.</summary>
internal struct Finish<TProgram> where TProgram : struct, IProgram
{
    public Operands Operands;
    public Results Results;
    public TProgram Program;
    public int Stride;

    public static Finish<TProgram> Of(Epilogue epilogue, ProductSize size) =>
        new()
        {
            Operands = epilogue.Operands,
            Results = epilogue.Results,
            Program = (TProgram)epilogue.Program,
            Stride = size.ResultStride
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Put<TInputs, TWalk, TOutputs>(int row, int column, float value)
        where TInputs : struct, IIndex where TWalk : struct, IWalk where TOutputs : struct, IIndex
    {
        TProgram program = Program;
        Args<LaneThread> values = Operands.Load<N1, TInputs, TWalk>(row, column);
        values.I0 = new(value);
        program.Run(ref values);
        Results.Store<TOutputs>(row * Stride + column, values);
    }
}
