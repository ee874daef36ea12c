using Microsoft.ML.KerasSequential.Ilgpu.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>
/// Kernels that process the rows of a matrix independently: one thread per row if rows are short, else one group.
/// </summary>
internal static class RowLaunch
{
    public static IEnumerable<GpuLaunch> Of<TAlone, TTogether, TArguments>(GpuBinding binding, int rows, int columns,
        TArguments arguments)
        where TAlone : IKernel<TArguments> where TTogether : IKernel<TArguments> where TArguments : struct =>
        rows == 0 ? []
        : columns > binding.Grids.TeamColumns ? [
            binding.Launch<TTogether, TArguments>(binding.Grids.Teams(rows, columns), arguments)]
        : [binding.Items<TAlone, TArguments>(rows, arguments)];
}

/// <summary>The matrices that a row kernel reads and writes.</summary>
internal struct RowArguments
{
    public ILGPU.ArrayView<float> A, B, C, Target;
    public int Rows, Columns, Number;
    public float Low, High;
}
