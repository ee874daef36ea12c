using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The low-rank adapter of a layer (LoRA, Hu et al. 2021): the layer uses kernel + scale·A·B, of which only A and B are
/// trained. An exported model has the sum as its kernel.
/// </summary>
/// <param name="Kernel">The frozen kernel (…, outputs).</param>
/// <param name="A">The first factor (…, rank).</param>
/// <param name="B">The second factor (rank, outputs).</param>
/// <param name="Scale">The factor of the product: alpha divided by the rank.</param>
internal sealed record LowRank(Variable Kernel, Variable A, Variable B, double Scale)
{
    /// <summary>The kernel that the layer uses.</summary>
    public Tensor Sum => IsExported ? Exported() : Whole;

    Tensor Whole => Kernel + Scale * K.Dot(A, B);

    static bool IsExported => TraceScope.Current is { Exporting: true };

    /// <summary>x times the sum: two small products are cheaper, and their gradients much cheaper.</summary>
    public Tensor Times(Tensor x) => IsExported ? K.Dot(x, Sum)
        : K.Dot(x, Kernel) + Scale * K.Dot(K.Dot(x, A), B);

    /// <summary>x times the sum, transposed.</summary>
    public Tensor TimesTransposed(Tensor x) => IsExported ? K.Dot(x, K.Transpose(Sum))
        : K.Dot(x, K.Transpose(Kernel)) + Scale * K.Dot(K.Dot(x, K.Transpose(B)), K.Transpose(A));

    /// <summary>The rows of the sum at indices, without computing the others.</summary>
    public Tensor Rows(Tensor indices) => IsExported ? K.Gather(Sum, indices)
        : K.Gather(Kernel, indices) + Scale * K.Dot(K.Gather(A, indices), B);

    /// <summary>The value of the kernel that the layer uses.</summary>
    public NDArray Merged() => K.Evaluate(Whole);

    Variable Exported()
    {
        var merged = new Variable(Kernel.Name, Kernel.Sizes.ToArray());
        merged.SetValue(Merged());
        return merged;
    }
}
