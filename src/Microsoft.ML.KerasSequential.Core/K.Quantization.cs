using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Integers in place of numbers.
public static partial class K
{
    const float LargestInteger = 127;

    /// <summary>
    /// Scales a tensor so that the largest magnitude along some dimensions becomes 127, and rounds it (Keras 3
    /// <c>keras.quantizers.abs_max_quantize</c>).
    /// </summary>
    /// <param name="x">The tensor.</param>
    /// <param name="axis">The dimensions over which the largest magnitude is taken; negative values count from the
    /// end.</param>
    /// <param name="epsilon">A number that is added to the largest magnitude.</param>
    /// <returns>
    /// The integers, and the scale by which they are divided to obtain the tensor, with a size of 1 for each of the
    /// dimensions.
    /// </returns>
    /// <exception cref="ArgumentException">The tensor lacks a dimension.</exception>
    public static (Tensor Integers, Tensor Scale) AbsMaxQuantize(Tensor x, int[] axis, double epsilon = 1e-7)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axis);
        Tensor scale = LargestInteger / ((axis.Length == 0 ? Abs(x) : Max(Abs(x), axis, keepdims: true)) + epsilon);
        return (Minimum(Maximum(Round(x * scale), -LargestInteger), LargestInteger), scale);
    }

    /// <summary>x·y of integers from −128 to 127, where y may be a packed weight.</summary>
    internal static Tensor IntegerDot(Tensor x, Tensor y, bool transposeY = false) =>
        new(new IntegerMatMul(transposeY), x, y);

    /// <summary>A value whose gradient is that of another; the other is not computed.</summary>
    internal static Tensor StraightThrough(Tensor value, Tensor differentiable) =>
        Binary(ElementwiseKind.StraightThrough, value, differentiable);
}
