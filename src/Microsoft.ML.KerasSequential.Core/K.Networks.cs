using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Activations and losses.
public static partial class K
{
    /// <summary>The rectified linear unit and its variants (Keras <c>K.relu</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="alpha">The slope below the threshold.</param>
    /// <param name="maxValue">The largest value, or null for none.</param>
    /// <param name="threshold">Below it the slope is <paramref name="alpha"/>.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Relu(Tensor x, double alpha = 0, double? maxValue = null, double threshold = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = threshold == 0
            ? Unary(ElementwiseKind.Relu, x)
            : Where(threshold < x, x, 0)
            .Called(new NamedFunction("ThresholdedRelu", 10, ("alpha", (float)threshold)), x);
        if (maxValue is double max)
            y = threshold == 0 && max > 0 ? Minimum(y, max).Called(new Clipped(0, (float)max), x) : Minimum(y, max);
        if (alpha == 0) return y;
        y -= alpha * Unary(ElementwiseKind.Relu, threshold - x);
        return maxValue is null && threshold == 0
            ? y.Called(new NamedFunction("LeakyRelu", 6, ("alpha", (float)alpha)), x) : y;
    }

    /// <summary>x for positive values, α(eˣ − 1) for others (Keras <c>K.elu</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="alpha">The scale of the negative part.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Elu(Tensor x, double alpha = 1) =>
        Where(x > 0, x, alpha * Expm1(Minimum(x, 0))).Called(new NamedFunction("Elu", 6, ("alpha", (float)alpha)), x);

    /// <summary>x / (1 + |x|) (Keras <c>K.softsign</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Softsign(Tensor x) => (x / (1 + Abs(x))).Called(new NamedFunction("Softsign", 1), x);

    /// <summary>x·Φ(x), where Φ is the cumulative normal distribution (Hendrycks and Gimpel 2016; Keras 3
    /// <c>keras.activations.gelu</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="approximate">Whether Φ is approximated by a hyperbolic tangent.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Gelu(Tensor x, bool approximate = false)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = approximate
            ? 0.5 * x * (1 + Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * (x * Square(x)))))
            : 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));
        return y.Called(new NamedFunction("Gelu", 20, ("approximate", approximate ? "tanh" : "none")), x);
    }

    /// <summary>x·σ(x) (Ramachandran et al. 2017; Keras 3 <c>keras.activations.silu</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Swish(Tensor x) => x * Sigmoid(x);

    /// <summary>x·tanh(log(1 + eˣ)) (Misra 2019; Keras 3 <c>keras.activations.mish</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Mish(Tensor x) => (x * Tanh(Softplus(x))).Called(new NamedFunction("Mish", 18), x);

    /// <summary>x/6 + 0.5, limited to [0, 1]: <c>hard_sigmoid</c> of Keras 3, PyTorch's <c>hardsigmoid</c>.</summary>
    internal static Tensor RelaxedHardSigmoid(Tensor x) =>
        Clip(x / 6 + 0.5, 0, 1).Called(new NamedFunction("HardSigmoid", 6, ("alpha", 1 / 6f), ("beta", 0.5f)), x);

    /// <summary>0.2x + 0.5, limited to [0, 1] (Keras <c>K.hard_sigmoid</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor HardSigmoid(Tensor x) =>
        Clip(0.2 * x + 0.5, 0, 1).Called(new NamedFunction("HardSigmoid", 6, ("alpha", 0.2f), ("beta", 0.5f)), x);

    /// <summary>eˣ / Σ eˣ along an axis (Keras <c>K.softmax</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Softmax(Tensor x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        int at = x.Dims.Axis(axis);
        if (at == x.Rank - 1) return new(new Softmax(), x);
        int[] swap = [.. Enumerable.Range(0, x.Rank)];
        (swap[at], swap[^1]) = (swap[^1], swap[at]);
        return PermuteDimensions(new Tensor(new Softmax(), PermuteDimensions(x, swap)), swap)
            .Called(new SoftmaxAlong(at), x);
    }

    /// <summary>x / ‖x‖₂ along an axis (Keras <c>K.l2_normalize</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, or null for all.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor L2Normalize(Tensor x, int? axis = null) =>
        x / Sqrt(Maximum(Sum(Square(x), axis, keepdims: true), Epsilon));

    /// <summary>
    /// −Σ t·log p along an axis (Keras <c>K.categorical_crossentropy</c>): p is scaled to sum to 1 and clipped to
    /// [1e-7, 1 − 1e-7]. When the output comes from a softmax along the last dimension, its logits are used directly,
    /// which is exact and fast.
    /// </summary>
    /// <param name="target">Target distributions.</param>
    /// <param name="output">Predictions of the same shape.</param>
    /// <param name="fromLogits">Whether the predictions are logits.</param>
    /// <param name="axis">The axis of the classes: the last by default, 1 for <c>channels_first</c>.</param>
    /// <returns>A loss for each element of the other dimensions.</returns>
    /// <exception cref="ArgumentException">The shapes differ, or the axis is out of range.</exception>
    public static Tensor CategoricalCrossentropy(Tensor target, Tensor output, bool fromLogits = false, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        int at = output.Dims.Axis(axis);
        bool isLast = at == output.Rank - 1;
        (target, output) = Losses.TargetShapes.Level(target, output);
        if (!isLast)
        {
            Losses.TargetShapes.MatchVectors(ref target, ref output);
            (target, output) = (LastAxis(target, at), LastAxis(output, at));
        }
        if (fromLogits) return new(new SoftmaxCrossentropy(Clip: false), target, output);
        if (output.Op is Softmax) return new(new SoftmaxCrossentropy(Clip: true), target, output.Inputs[0]);
        Tensor p = Clip(output / Sum(output, axis: -1, keepdims: true), Epsilon, 1 - Epsilon);
        return -Sum(target * Log(p), axis: -1);
    }

    /// <summary>−log p of the target class along an axis (Keras <c>K.sparse_categorical_crossentropy</c>).</summary>
    /// <param name="target">
    /// Class indices in the shape of the predictions without the axis of the classes, with size 1 there, or with a last
    /// dimension of size 1 instead.
    /// </param>
    /// <param name="output">Predictions, one for each class along the axis.</param>
    /// <param name="fromLogits">Whether the predictions are logits.</param>
    /// <param name="axis">The axis of the classes: the last by default, 1 for <c>channels_first</c>.</param>
    /// <returns>A loss for each element of the other dimensions.</returns>
    /// <exception cref="ArgumentException">The shapes do not match, or the axis is out of range.</exception>
    public static Tensor SparseCategoricalCrossentropy(Tensor target, Tensor output, bool fromLogits = false,
        int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        target = Losses.TargetShapes.ClassNumbers(target, output, axis);
        output = LastAxis(output, axis);
        if (fromLogits) return new(new SparseSoftmaxCrossentropy(Clip: false), target, output);
        if (output.Op is Softmax) return new(new SparseSoftmaxCrossentropy(Clip: true), target, output.Inputs[0]);
        // Clipped but not scaled, as in the TensorFlow backend; log p is then the logits.
        return new(new SparseSoftmaxCrossentropy(Clip: false), target, Log(Clip(output, Epsilon, 1 - Epsilon)));
    }

    /// <summary>
    /// −t·log(p + ε) − (1 − t)·log(1 − p + ε) for each element (Keras <c>K.binary_crossentropy</c>), ε = 1e-7, p
    /// clipped to [ε, 1 − ε]. When the output comes from a sigmoid, its logit is used directly, which is exact for p
    /// near 0 and 1.
    /// </summary>
    /// <param name="target">Targets.</param>
    /// <param name="output">Predictions of the same shape.</param>
    /// <param name="fromLogits">Whether the predictions are logits.</param>
    /// <returns>A loss for each element.</returns>
    public static Tensor BinaryCrossentropy(Tensor target, Tensor output, bool fromLogits = false)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        (target, output) = Losses.TargetShapes.Level(target, output);
        if (!fromLogits && output.Op is not Elementwise { Kind: ElementwiseKind.Sigmoid })
        {
            // Keras' formula exactly: the largest p in float32 is 1.2e-7 below 1, so the order of operations matters.
            Tensor p = Clip(output, Epsilon, 1 - Epsilon);
            return -(target * Log(p + Epsilon) + (1 - target) * Log(1 - p + Epsilon));
        }
        Tensor x = fromLogits ? output : Clip(output.Inputs[0], -s_highestLogit, s_highestLogit);
        return Unary(ElementwiseKind.Softplus, x) - target * x;
    }

    /// <summary>The logit of 1 − 1e-7.</summary>
    static readonly double s_highestLogit = Math.Log((1 - Epsilon) / Epsilon);
}
