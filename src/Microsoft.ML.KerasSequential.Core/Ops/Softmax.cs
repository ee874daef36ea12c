using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>eˣ / Σeˣ along the last dimension.</summary>
internal sealed record Softmax : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        inputs[0].Dims.Rank > 0 ? inputs[0].Dims
            : throw new ArgumentException("Softmax needs at least one dimension; the given tensor has none.");
}

/// <summary>
/// −Σ t·log softmax(x) along the last dimension, one value per row. Inputs: targets t, logits x. With
/// <paramref name="Clip"/> the probabilities are clipped to [1e-7, 1 − 1e-7] first, as Keras does when a softmax layer
/// precedes the loss.
/// </summary>
[NoOnnx("a loss, which predictions do not need")]
internal sealed record SoftmaxCrossentropy(bool Clip) : Op
{
    public const float Epsilon = 1e-7f;

    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims targets = inputs[0].Dims, logits = inputs[1].Dims;
        return logits.Rank > 0 && Dims.MayEqual(targets, logits) ? logits.Without(logits.Rank - 1)
            : throw new ArgumentException($"Categorical crossentropy: targets of shape {inputs[0].Shape} do not " +
                $"match predictions of shape {inputs[1].Shape}.");
    }
}

/// <summary>
/// The gradient of <see cref="SoftmaxCrossentropy"/> with respect to the logits. Inputs: targets, probabilities, the
/// loss's gradient per row.
/// </summary>
[NoOnnx("a loss, which predictions do not need")]
[NoGradient("second derivatives of the fused loss; use Log and Softmax where they are needed")]
internal sealed record SoftmaxCrossentropyGradient(bool Clip) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[1].Dims;
}

/// <summary>
/// −log softmax(x)[t] along the last dimension, one value per row, for class indices t. Inputs: targets (…), logits (…,
/// classes). An index outside the classes gives NaN.
/// </summary>
[NoOnnx("a loss, which predictions do not need")]
internal sealed record SparseSoftmaxCrossentropy(bool Clip) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims targets = inputs[0].Dims, logits = inputs[1].Dims;
        return logits.Rank > 0
            && Dims.MayEqual(targets, logits.Without(logits.Rank - 1)) ? logits.Without(logits.Rank - 1)
            : throw new ArgumentException($"Sparse categorical crossentropy: targets of shape {inputs[0].Shape} do " +
                $"not match predictions of shape {inputs[1].Shape} without their last dimension.");
    }
}

/// <summary>
/// The gradient of <see cref="SparseSoftmaxCrossentropy"/> with respect to the logits. Inputs: targets, probabilities,
/// the loss's gradient per row.
/// </summary>
[NoOnnx("a loss, which predictions do not need")]
[NoGradient("second derivatives of the fused loss; use Log and Softmax where they are needed")]
internal sealed record SparseSoftmaxCrossentropyGradient(bool Clip) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[1].Dims;
}
