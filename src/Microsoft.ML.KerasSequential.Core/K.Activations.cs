namespace Microsoft.ML.KerasSequential;

// The activation functions that came with Keras 3.
public static partial class K
{
    /// <summary>max(x, 0) + min(α(e^(x/α) − 1), 0) (Keras <c>keras.activations.celu</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="alpha">The scale of the negative part, not 0.</param>
    /// <returns>A tensor of the same shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="alpha"/> is 0 or not finite.</exception>
    public static Tensor Celu(Tensor x, double alpha = 1)
    {
        if (alpha == 0 || !double.IsFinite(alpha))
            throw new ArgumentOutOfRangeException(nameof(alpha), $"alpha must be a finite number other than 0; given " +
                $"{alpha}.");
        return Maximum(x, 0) + alpha * Expm1(Minimum(x, 0) / alpha);
    }

    /// <summary>a·sigmoid(b), where a and b are the two halves of x (Keras <c>keras.activations.glu</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis to halve, whose size is even.</param>
    /// <returns>A tensor with half the size along the axis.</returns>
    /// <exception cref="ArgumentException">The size of the axis is unknown or odd.</exception>
    public static Tensor Glu(Tensor x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        int at = x.Dims.Axis(axis);
        if (x.Dims[at].Constant is not int size || size % 2 != 0)
            throw new ArgumentException($"Glu: the size of axis {axis} must be known and even; the tensor has shape " +
                $"{x.Shape}.", nameof(x));
        return Slice(x, at, 0, size / 2) * Sigmoid(Slice(x, at, size / 2, size / 2));
    }

    /// <summary>x where |x| exceeds a threshold, 0 elsewhere (Keras <c>keras.activations.hard_shrink</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="threshold">The threshold.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor HardShrink(Tensor x, double threshold = 0.5) => Where(Abs(x) > threshold, x, 0);

    /// <summary>x within [−1, 1] (Keras <c>keras.activations.hard_tanh</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor HardTanh(Tensor x) => Clip(x, -1, 1);

    /// <summary>x·(x/6 + ½ within [0, 1]) (Keras <c>keras.activations.hard_silu</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor HardSilu(Tensor x) => x * RelaxedHardSigmoid(x);

    /// <summary>log(1/(1 + e⁻ˣ)) (Keras <c>keras.activations.log_sigmoid</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor LogSigmoid(Tensor x) => -Softplus(-x);

    /// <summary>x − log Σ eˣ along an axis (Keras <c>keras.activations.log_softmax</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor LogSoftmax(Tensor x, int axis = -1) => x - Logsumexp(x, axis, keepdims: true);

    /// <summary>x within [0, 6] (Keras <c>keras.activations.relu6</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Relu6(Tensor x) => Relu(x, maxValue: 6);

    /// <summary>
    /// x moved toward 0 by a threshold, and 0 within it (Keras <c>keras.activations.soft_shrink</c>).
    /// </summary>
    /// <param name="x">A tensor.</param>
    /// <param name="threshold">The threshold.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor SoftShrink(Tensor x, double threshold = 0.5) => Relu(x - threshold) - Relu(-x - threshold);

    /// <summary>
    /// 0 up to −1, x from 1 on, and (x + 1)²/4 in between (Keras <c>keras.activations.sparse_plus</c>).
    /// </summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor SparsePlus(Tensor x) => Where(x < 1, 0.25 * Square(Relu(x + 1)), x);

    /// <summary>(x + 1)/2 within [0, 1] (Keras <c>keras.activations.sparse_sigmoid</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor SparseSigmoid(Tensor x) => Clip(0.5 * (x + 1), 0, 1);

    /// <summary>
    /// The part of x above a threshold, 0 elsewhere, as Keras 3.15 computes it (Keras
    /// <c>keras.activations.sparsemax</c>). Of the values in descending order, the first k are those with 1 + i·xᵢ
    /// above the sum of the first i. The threshold is the sum of the k partial sums, less 1, divided by k; that of
    /// Martins and Astudillo 2016 uses the last partial sum alone, so that the results sum to 1, which here holds only
    /// for k = 1. The time grows with the square of the size of the axis.
    /// </summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis of the values.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Sparsemax(Tensor x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        int at = x.Dims.Axis(axis);
        // For each value, the number and the sum of those that are greater: what a sorted order would say. Equal values
        // share their places.
        Tensor others = ExpandDims(x, at), own = ExpandDims(x, at + 1);
        Tensor greater = Greater(others, own), places = (Sum(Equal(others, own), at + 1) + 1) / 2;
        Tensor count = Sum(greater, at + 1), sum = Sum(greater * others, at + 1);
        Tensor support = StopGradient(1 + count * x > sum);
        Tensor partial = Sum(support * (sum + StopGradient(places) * x), at, keepdims: true);
        return Relu(x - (partial - 1) / Sum(support, at, keepdims: true));
    }

    /// <summary>(x + √(x² + b))/2 (Keras <c>keras.activations.squareplus</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="b">The width of the bend.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Squareplus(Tensor x, double b = 4) => (x + Sqrt(Square(x) + b)) / 2;

    /// <summary>x − tanh x (Keras <c>keras.activations.tanh_shrink</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor TanhShrink(Tensor x) => x - Tanh(x);

    /// <summary>x above a threshold, another value elsewhere (Keras <c>keras.activations.threshold</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="threshold">The threshold.</param>
    /// <param name="defaultValue">The value elsewhere.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Threshold(Tensor x, double threshold, double defaultValue) =>
        Where(x > threshold, x, defaultValue);

    /// <summary>
    /// The angle of the point (x2, x1), from −π to π (Keras <c>keras.ops.arctan2</c>); 0 for the origin.
    /// </summary>
    /// <param name="x1">The coordinate along the second axis.</param>
    /// <param name="x2">The coordinate along the first axis.</param>
    /// <returns>A tensor of angles.</returns>
    public static Tensor Arctan2(Tensor x1, Tensor x2)
    {
        // The angle to the nearer axis, at most π/8 after the second reduction. Unlike that of |x|, the gradient of
        // these sizes is not 0 at 0.
        Tensor a = Where(Less(x1, 0), -x1, x1), b = Where(Less(x2, 0), -x2, x2);
        Tensor ratio = Minimum(a, b) / Maximum(Maximum(a, b), 1e-37);
        Tensor isSteep = ratio > 0.4142135623730950;
        Tensor u = Where(isSteep, (ratio - 1) / (ratio + 1), ratio), z = Square(u);
        Tensor series = u + u * z * (((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z
            - 3.33329491539e-1);
        Tensor angle = Where(isSteep, series + Math.PI / 4, series);
        angle = Where(a > b, Math.PI / 2 - angle, angle);
        angle = Where(x2 < 0, Math.PI - angle, angle);
        return Where(x1 < 0, -angle, angle);
    }
}
