namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The low-rank adapter of a layer (LoRA, Hu et al. 2021): the layer uses kernel + scale·A·B, of which only A and B are
/// trained.
/// </summary>
/// <param name="Kernel">The frozen kernel (…, outputs).</param>
/// <param name="A">The first factor (…, rank).</param>
/// <param name="B">The second factor (rank, outputs).</param>
/// <param name="Scale">The factor of the product: alpha divided by the rank.</param>
internal sealed record LowRank(Variable Kernel, Variable A, Variable B, double Scale)
{
    /// <summary>The kernel that the layer uses.</summary>
    public Tensor Sum => Kernel + Scale * K.Dot(A, B);

    /// <summary>
    /// x times the sum. In training, the two small products are cheaper, and their gradients much cheaper; otherwise, a
    /// sum that depends on weights alone can be computed in advance.
    /// </summary>
    public Tensor Times(Tensor x) =>
        K.LearningPhase() ? K.Dot(x, Kernel) + Scale * K.Dot(K.Dot(x, A), B) : K.Dot(x, Sum);

    /// <summary>x times the sum, transposed.</summary>
    public Tensor TimesTransposed(Tensor x) =>
        K.Dot(x, K.Transpose(Kernel)) + Scale * K.Dot(K.Dot(x, K.Transpose(B)), K.Transpose(A));

    /// <summary>The rows of the sum at indices, without computing the others.</summary>
    public Tensor Rows(Tensor indices) => K.Gather(Kernel, indices) + Scale * K.Dot(K.Gather(A, indices), B);

    /// <summary>The value of the kernel that the layer uses.</summary>
    public NDArray Merged() => K.Evaluate(Sum);
}
