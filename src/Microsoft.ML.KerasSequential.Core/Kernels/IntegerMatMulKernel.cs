using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// C = A·B of integers of 8 bits with exact sums: both are arranged in groups of four values along the inner dimension,
/// which processors multiply and add at once; a weight only when it has changed.
/// </summary>
internal static class IntegerMatMulKernel
{
    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!, a = node.Inputs[0], b = node.Inputs[1];
        var op = (IntegerMatMul)node.Op;
        (int rows, int inner) = binding.Matrix(a);
        (int bRows, int bColumns) = binding.Matrix(b);
        var size = new IntegerSize(rows, op.TransposeB ? bRows : bColumns, inner);
        (nint c, ElementwiseLoop? epilogue) = MatMulKernel.Epilogue(step, rows * size.Columns, binding);
        return Product(AddressOf(a, binding), AddressOf(b, binding), b.Format, op.TransposeB, size, c, epilogue,
            binding, Weight(b, binding), IntegerPaths.Best);
    }

    /// <summary>The launches of one product, on a given path through the processor.</summary>
    public static IEnumerable<Launch> Product(nint a, nint b, ValueFormat format, bool transposed, IntegerSize size,
        nint c, ElementwiseLoop? epilogue, CpuBinding binding, Variable? weight, IntegerPath path)
    {
        int panelFloats = (int)((long)size.Panels * size.PanelBytes / sizeof(float));
        nint panels = weight is null ? Temporary(panelFloats, binding)
            : binding.Kept((b, size.Columns, size.Inner, transposed, path), panelFloats);
        var rows = new IntegerRows(size, path);
        nint narrow = Temporary(rows.Floats, binding);
        yield return new PackIntegersLaunch(b, format, transposed, size, panels, weight, path);
        yield return new NarrowLaunch(a, narrow, rows);
        yield return new IntegerMatMulLaunch(narrow, rows, panels, size, c, epilogue);
    }

    static unsafe nint AddressOf(Tensor tensor, CpuBinding binding) => (nint)binding.Address(tensor);

    static unsafe nint Temporary(int floats, CpuBinding binding) => (nint)binding.Temporary(floats);

    /// <summary>The weight that a factor is, perhaps with another shape, if the plan does not change it.</summary>
    static Variable? Weight(Tensor factor, CpuBinding binding)
    {
        while (factor.Op is Reshape) factor = factor.Inputs[0];
        return binding.Unchanged(factor);
    }
}

/// <summary>The sizes of a product of integers.</summary>
internal readonly record struct IntegerSize(int Rows, int Columns, int Inner)
{
    /// <summary>The columns of a panel: four registers of 256 bits with the sums of a row.</summary>
    public const int Panel = 32;

    /// <summary>The values that are multiplied and added at once.</summary>
    public const int Group = 4;

    /// <summary>
    /// The groups that are summed in 32 bits at a time: 65,536 products of at most 255·128, so that nothing overflows.
    /// </summary>
    public const int MaxGroups = 16 * 1024;

    public int Panels => (Columns + Panel - 1) / Panel;

    public int Groups => (Inner + Group - 1) / Group;

    /// <summary>The blocks of groups that are summed in 32 bits.</summary>
    public int Blocks => Math.Max(1, (Groups + MaxGroups - 1) / MaxGroups);

    public int PanelBytes => Groups * Group * Panel;
}

/// <summary>How the rows of A are stored: integers of 8 or 16 bits in whole groups, then their sums by block.</summary>
internal readonly record struct IntegerRows(IntegerSize Size, IntegerPath Path)
{
    public int Width => Size.Groups * IntegerSize.Group * (Path == IntegerPath.Bytes ? 1 : 2);

    /// <summary>The bytes before the sums; groups are whole words.</summary>
    public nint SumsAt => (nint)Size.Rows * Width;

    public int Floats => (int)(SumsAt / sizeof(float)) + Size.Rows * Size.Blocks;
}

/// <summary>Ways to multiply and add integers.</summary>
internal enum IntegerPath
{
    /// <summary>Without instructions for it.</summary>
    Portable,

    /// <summary>Pairs of 16-bit integers (AVX2).</summary>
    Pairs,

    /// <summary>Groups of four 8-bit integers (AVX-VNNI).</summary>
    Bytes,
}
