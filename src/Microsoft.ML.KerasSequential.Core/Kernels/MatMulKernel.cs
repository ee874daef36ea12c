using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// C = A·B, blocked so that a panel of B stays in the L1 cache and a block of A in the L2 cache (Goto and van de Geijn
/// 2008), with an optional fused expression over each finished block while it is in the cache.
/// </summary>
internal static class MatMulKernel
{
    public static IEnumerable<Launch> Bind(Step step, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        var op = (MatMul)node.Op;
        Matrix a = View(node.Inputs[0], op.TransposeA, binding), b = View(node.Inputs[1], op.TransposeB, binding);

        (nint c, ElementwiseLoop? epilogue) = Epilogue(step, a.Rows * b.Columns, binding);
        return Product(a, b, c, epilogue, binding, node.Inputs[1]);
    }

    /// <summary>The destination of a product, and the chain that runs over each finished block of it.</summary>
    public static (nint Result, ElementwiseLoop? Epilogue) Epilogue(Step step, int size, CpuBinding binding)
    {
        Tensor node = step.Macro!;
        if (step.Chain.Count == 0) return (AddressOf(binding, node), null);
        // With an epilogue, the product goes where a result will be, unless that is a variable whose old value is still
        // read.
        Tensor? landing = step.Outputs.FirstOrDefault(o => !binding.IsVariable(o));
        nint c = landing is not null ? AddressOf(binding, landing) : Temporary(binding, size);
        IReadOnlyList<Tensor> inputs = [node, .. ChainInputs(step)];
        return (c, ElementwiseKernel.Loop(step.Chain, inputs, step.Outputs, node.Dims, binding.With(node, c),
            keepLast: true).Loop);
    }

    /// <summary>
    /// The launches of one product: B is packed first where that pays off, and only once if it is a weight that the
    /// plan does not change.
    /// </summary>
    public static IEnumerable<Launch> Product(Matrix a, Matrix b, nint c, ElementwiseLoop? epilogue, CpuBinding binding,
        Tensor? source = null)
    {
        int panel = LaneWidth * 2;
        if (b.Columns == 1)
        {
            yield return new MatVecLaunch(a, b, c, epilogue);
            yield break;
        }
        if (a.Rows == 1 && b.ColumnStride == 1)
        {
            yield return new VecMatLaunch(a, b, c, epilogue);
            yield break;
        }
        // A copy that is kept is free the next time.
        bool isKept = source is not null && binding.Unchanged(source) is not null;
        bool packAll = b.ColumnStride != 1 || ((long)b.Rows * b.Columns >= PackThreshold
            && a.Rows >= (b.Columns <= NearColumns && !isKept ? ManyRows : FewRows));
        int firstPacked = packAll ? 0 : b.Columns / panel;
        int panels = (b.Columns + panel - 1) / panel;
        nint packed = 0;
        if (firstPacked < panels)
        {
            (packed, PackLaunch pack) = PackLaunch.Of(b, firstPacked, source, binding);
            yield return pack;
        }
        yield return new MatMulLaunch(a, b, c, packed, firstPacked, epilogue);
    }

    /// <summary>
    /// The number of values above which packing B into panels may cost less than reading it in place.
    /// </summary>
    const int PackThreshold = 24 * 1024;

    /// <summary>
    /// The minimum number of rows of A for which it does; if the rows of B are close together, the cache handles them
    /// as well, so more rows are needed.
    /// </summary>
    const int FewRows = 24, ManyRows = 256, NearColumns = 1024;

    internal static int LaneWidth =>
        Vector512.IsHardwareAccelerated ? Lane512.Width : Vector256.IsHardwareAccelerated ? Lane256.Width
        : Vector128.IsHardwareAccelerated ? Lane128.Width : LaneScalar.Width;

    static IEnumerable<Tensor> ChainInputs(Step step) =>
        step.Chain.SelectMany(n => n.Inputs)
            .Where(i => i != step.Macro && i.Op is not Scalar && !step.Chain.Contains(i)).Distinct();

    static Matrix View(Tensor tensor, bool transposed, CpuBinding binding)
    {
        int columns = binding.Evaluate(tensor.Dims.Last);
        int rows = binding.Evaluate(tensor.Dims.Product(0, tensor.Rank - 1));
        return Matrix.Of(AddressOf(binding, tensor), rows, columns, transposed);
    }

    static unsafe nint AddressOf(CpuBinding binding, Tensor tensor) => (nint)binding.Address(tensor);

    static unsafe nint Temporary(CpuBinding binding, int floats) => (nint)binding.Temporary(floats);
}
