using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Ones on and below the diagonal.</summary>
internal sealed unsafe class LowerTriangleKernel(float* target, int size) : Launch
{
    public static Launch Bind(Step step, CpuBinding binding) =>
        new LowerTriangleKernel(binding.Address(step.Root), binding.Evaluate(((LowerTriangle)step.Macro!.Op).Size));

    public override void Run(int chunk, float* scratch)
    {
        for (int row = 0; row < size; row++)
        {
            var values = new Span<float>(target + (nint)row * size, size);
            values[..(row + 1)].Fill(1);
            values[(row + 1)..].Clear();
        }
    }
}
