using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// C = A·B of integers of 8 bits with exact sums: one thread for each result; neighboring threads read neighboring
/// integers of B.
/// </summary>
internal abstract class IntegerMatMulKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        Tensor node = step.Macro!, b = node.Inputs[1];
        (int rows, int inner) = binding.Matrix(node.Inputs[0]);
        (int bRows, int bColumns) = binding.Matrix(b);
        bool turned = ((IntegerMatMul)node.Op).TransposeB;
        var size = new ProductSize(rows, turned ? bRows : bColumns, inner);
        if (size.Results == 0) return [];
        Epilogue epilogue = Epilogue.Of(step, binding);
        Type type = typeof(IntegerMatMulKernel<,,,>).MakeGenericType(epilogue.Program.GetType(),
            Numerics.Index.Type(epilogue.Inputs), epilogue.Walk, Numerics.Index.Type(epilogue.Outputs));
        return [((IntegerMatMulKernel)Activator.CreateInstance(type)!).Create(binding, binding.View(node.Inputs[0]),
            binding.View(b), b.Format, turned, size, epilogue)];
    }

    protected abstract GpuLaunch Create(GpuBinding binding, ArrayView<float> a, ArrayView<float> b, ValueFormat format,
        bool turned, ProductSize size, Epilogue epilogue);
}

/// <inheritdoc/>
internal sealed class IntegerMatMulKernel<TProgram, TInputs, TWalk, TOutputs>
    : IntegerMatMulKernel, IKernel<IntegerMatMulKernel<TProgram, TInputs, TWalk, TOutputs>.Arguments>
    where TProgram : struct, IProgram
    where TInputs : struct, IIndex
    where TWalk : struct, IWalk
    where TOutputs : struct, IIndex
{
    /// <summary>The products that a sum of 32 bits has room for.</summary>
    const int Block = 64 * 1024;

    public struct Arguments
    {
        public ArrayView<float> A, B;
        public Finish<TProgram> Finish;
        public int Count, Columns, Inner, RowStride, ColumnStride, Bytes;
    }

    protected override GpuLaunch Create(GpuBinding binding, ArrayView<float> a, ArrayView<float> b, ValueFormat format,
        bool turned, ProductSize size, Epilogue epilogue) =>
        binding.Items<IntegerMatMulKernel<TProgram, TInputs, TWalk, TOutputs>, Arguments>(size.Results,
            new()
            {
                A = a,
                B = b,
                Finish = Finish<TProgram>.Of(epilogue, size),
                Count = size.Results,
                Columns = size.Columns,
                Inner = size.Inner,
                RowStride = turned ? 1 : size.Columns,
                ColumnStride = turned ? size.Inner : 1,
                Bytes = format.Bytes(),
            });

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int row = i / a.Columns, column = i - row * a.Columns;
            float total = 0f;
            for (int start = 0; start < a.Inner; start += Block)
            {
                int end = start + Block < a.Inner ? start + Block : a.Inner, sum = 0;
                for (int k = start; k < end; k++)
                {
                    long at = (long)k * a.RowStride + (long)column * a.ColumnStride;
                    int right = a.Bytes == 1 ? PackedValues.IntegerAt(a.B, at) : Whole(a.B[at]);
                    sum += Whole(a.A[(long)row * a.Inner + k]) * right;
                }
                total += sum;
            }
            a.Finish.Put<TInputs, TWalk, TOutputs>(row, column, total);
        }
    }

    /// <summary>The nearest integer from −128 to 127; 0 for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Whole(float value)
    {
        // From here on, float32 numbers are integers, so adding it rounds.
        const float WholeFrom = 8388608f;
        float bounded = !(value >= -128f) ? (value < -128f ? -128f : 0f) : value > 127f ? 127f : value;
        int size = (int)(MathF.Abs(bounded) + WholeFrom - WholeFrom);
        return bounded < 0f ? -size : size;
    }
}
