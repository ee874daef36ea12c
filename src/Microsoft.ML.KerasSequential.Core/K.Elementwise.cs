using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Elementwise arithmetic.
public static partial class K
{
    /// <summary>Elementwise absolute value (Keras <c>K.abs</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Abs(Tensor x) => Unary(ElementwiseKind.Abs, x);

    /// <summary>−1, 0 or 1 by the sign of each element; NaN stays (Keras <c>K.sign</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Sign(Tensor x) => Unary(ElementwiseKind.Sign, x);

    /// <summary>Elementwise square root; negative values count as 0, as in Keras (Keras <c>K.sqrt</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Sqrt(Tensor x) => Unary(ElementwiseKind.Sqrt, Unary(ElementwiseKind.Relu, x));

    /// <summary>Elementwise square (Keras <c>K.square</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Square(Tensor x) => Unary(ElementwiseKind.Square, x);

    /// <summary>Elementwise exponential (Keras <c>K.exp</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Exp(Tensor x) => Unary(ElementwiseKind.Exp, x);

    /// <summary>Elementwise natural logarithm (Keras <c>K.log</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Log(Tensor x) => Unary(ElementwiseKind.Log, x);

    /// <summary>Elementwise sine of angles in radians, accurate to 4 ulp for angles of any size (Keras
    /// <c>K.sin</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape; NaN for infinities.</returns>
    public static Tensor Sin(Tensor x) => Unary(ElementwiseKind.Sin, x);

    /// <summary>Elementwise cosine of angles in radians, accurate to 4 ulp for angles of any size (Keras
    /// <c>K.cos</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape; NaN for infinities.</returns>
    public static Tensor Cos(Tensor x) => Unary(ElementwiseKind.Cos, x);

    /// <summary>Elementwise hyperbolic tangent (Keras <c>K.tanh</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Tanh(Tensor x) => Unary(ElementwiseKind.Tanh, x);

    /// <summary>Elementwise logistic function 1/(1 + e⁻ˣ) (Keras <c>K.sigmoid</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Sigmoid(Tensor x) => Unary(ElementwiseKind.Sigmoid, x);

    /// <summary>Elementwise log(1 + eˣ) (Keras <c>K.softplus</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Softplus(Tensor x) => Unary(ElementwiseKind.Softplus, x);

    /// <summary>Elementwise rounding to the nearest integer, ties to even (Keras <c>K.round</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Round(Tensor x) => Unary(ElementwiseKind.Round, x);

    /// <summary>Elementwise rounding down (Keras <c>K.floor</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Floor(Tensor x) => Unary(ElementwiseKind.Floor, x);

    /// <summary>Elementwise eˣ − 1, accurate near 0 (Keras <c>K.expm1</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Expm1(Tensor x) => Unary(ElementwiseKind.Expm1, x);

    /// <summary>The error function 2/√π·∫₀ˣ exp(−t²) dt.</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Erf(Tensor x) => Unary(ElementwiseKind.Erf, x);

    /// <summary>Elementwise log(1 + x), accurate near 0 (Keras <c>K.log1p</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Log1p(Tensor x) => Unary(ElementwiseKind.Log1p, x);

    /// <summary>Elementwise sum, with broadcasting (Keras <c>x + y</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Add(Tensor x, Tensor y) => Binary(ElementwiseKind.Add, x, y);

    /// <summary>Elementwise difference, with broadcasting (Keras <c>x - y</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Subtract(Tensor x, Tensor y) => Binary(ElementwiseKind.Subtract, x, y);

    /// <summary>Elementwise product, with broadcasting (Keras <c>x * y</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Multiply(Tensor x, Tensor y) => Binary(ElementwiseKind.Multiply, x, y);

    /// <summary>Elementwise quotient, with broadcasting (Keras <c>x / y</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Divide(Tensor x, Tensor y) => Binary(ElementwiseKind.Divide, x, y);

    /// <summary>Elementwise power, with broadcasting (Keras <c>K.pow</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Pow(Tensor x, Tensor y) => Binary(ElementwiseKind.Pow, x, y);

    /// <summary>Elementwise maximum; NaN if either is (Keras <c>K.maximum</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Maximum(Tensor x, Tensor y) => Binary(ElementwiseKind.Maximum, x, y);

    /// <summary>Elementwise minimum; NaN if either is (Keras <c>K.minimum</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Minimum(Tensor x, Tensor y) => Binary(ElementwiseKind.Minimum, x, y);

    /// <summary>1 where x = y, else 0 (Keras <c>K.equal</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Equal(Tensor x, Tensor y) => Binary(ElementwiseKind.Equal, x, y);

    /// <summary>1 where x &lt; y, else 0 (Keras <c>K.less</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor Less(Tensor x, Tensor y) => Binary(ElementwiseKind.Less, x, y);

    /// <summary>1 where x ≤ y, else 0 (Keras <c>K.less_equal</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    /// <exception cref="ArgumentException">The shapes do not broadcast against each other.</exception>
    public static Tensor LessEqual(Tensor x, Tensor y) => Binary(ElementwiseKind.LessEqual, x, y);

    /// <summary>1 where x &gt; y, else 0 (Keras <c>K.greater</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    public static Tensor Greater(Tensor x, Tensor y) => Less(y, x);

    /// <summary>1 where x ≥ y, else 0 (Keras <c>K.greater_equal</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    public static Tensor GreaterEqual(Tensor x, Tensor y) => LessEqual(y, x);

    /// <summary>1 where x ≠ y, else 0 (Keras <c>K.not_equal</c>).</summary>
    /// <param name="x">The first operand.</param>
    /// <param name="y">The second operand.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    public static Tensor NotEqual(Tensor x, Tensor y) => 1 - Equal(x, y);

    /// <summary>Elementwise negation.</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Negative(Tensor x) => Unary(ElementwiseKind.Negate, x);

    /// <summary>Limits each element to a range (Keras <c>K.clip</c>); the gradient is 0 outside it.</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="minValue">The lower end.</param>
    /// <param name="maxValue">The upper end; raised to the lower one if below it.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor Clip(Tensor x, double minValue, double maxValue) =>
        Minimum(Maximum(x, minValue), Math.Max(minValue, maxValue))
        .Called(new Clipped((float)minValue, (float)Math.Max(minValue, maxValue)), x);

    /// <summary>Selects from one tensor where a condition is not 0, and from another where it is (Keras
    /// <c>K.switch</c>).</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="then">Values where it is not 0.</param>
    /// <param name="otherwise">Values where it is 0.</param>
    /// <returns>A tensor of the broadcast shape.</returns>
    public static Tensor Where(Tensor condition, Tensor then, Tensor otherwise)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(then);
        ArgumentNullException.ThrowIfNull(otherwise);
        return new(new Elementwise(ElementwiseKind.Where), condition, then, otherwise);
    }

    /// <summary>The same value, through which no gradient flows (Keras <c>K.stop_gradient</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A tensor of the same shape.</returns>
    public static Tensor StopGradient(Tensor x) => Unary(ElementwiseKind.StopGradient, x);

    static Tensor Unary(ElementwiseKind kind, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new(new Elementwise(kind), x);
    }

    static Tensor Binary(ElementwiseKind kind, Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return new(new Elementwise(kind), x, y);
    }
}
