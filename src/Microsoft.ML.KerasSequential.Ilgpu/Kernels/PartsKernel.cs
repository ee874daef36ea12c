using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Adds up the parts of a product, always in the same order, and completes it.</summary>
internal abstract class PartsKernel
{
    public static GpuLaunch Bind(GpuBinding binding, ArrayView<float> partial, ProductSize size, int parts,
        Epilogue epilogue)
    {
        Type type = typeof(PartsKernel<,,,>).MakeGenericType(epilogue.Program.GetType(),
            Numerics.Index.Type(epilogue.Inputs), epilogue.Walk, Numerics.Index.Type(epilogue.Outputs));
        return ((PartsKernel)Activator.CreateInstance(type)!).Create(binding, partial, size, parts, epilogue);
    }

    protected abstract GpuLaunch Create(GpuBinding binding, ArrayView<float> partial, ProductSize size, int parts,
        Epilogue epilogue);
}

/// <inheritdoc/>
internal sealed class PartsKernel<TProgram, TInputs, TWalk, TOutputs>
    : PartsKernel, IKernel<PartsKernel<TProgram, TInputs, TWalk, TOutputs>.Arguments>
    where TProgram : struct, IProgram
    where TInputs : struct, IIndex
    where TWalk : struct, IWalk
    where TOutputs : struct, IIndex
{
    public struct Arguments
    {
        public ArrayView<float> Partial;
        public Finish<TProgram> Finish;
        public int Count, Columns, Parts;
    }

    protected override GpuLaunch Create(GpuBinding binding, ArrayView<float> partial, ProductSize size, int parts,
        Epilogue epilogue) =>
        binding.Items<PartsKernel<TProgram, TInputs, TWalk, TOutputs>, Arguments>(size.Results,
            new()
            {
                Partial = partial,
                Finish = Finish<TProgram>.Of(epilogue, size),
                Count = size.Results,
                Columns = size.Columns,
                Parts = parts
            });

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            float sum = a.Partial[i];
            for (int part = 1; part < a.Parts; part++) sum += a.Partial[(long)part * a.Count + i];
            int row = i / a.Columns;
            a.Finish.Put<TInputs, TWalk, TOutputs>(row, i - row * a.Columns, sum);
        }
    }
}
