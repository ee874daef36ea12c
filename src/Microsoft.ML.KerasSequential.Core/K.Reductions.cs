using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

// Reductions over one axis, several, or all.
public static partial class K
{
    /// <summary>The sum over an axis, or over all (Keras <c>K.sum</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Sum(Tensor x, int? axis = null, bool keepdims = false) => Sum(x, AxisList(x, axis), keepdims);

    /// <summary>The sum over several axes (Keras <c>K.sum</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Sum(Tensor x, int[] axis, bool keepdims = false) => Reduce(ReduceKind.Sum, x, axis, keepdims);

    /// <summary>The product over an axis, or over all; it has no gradient (Keras <c>K.prod</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Prod(Tensor x, int? axis = null, bool keepdims = false) =>
        Prod(x, AxisList(x, axis), keepdims);

    /// <summary>The product over several axes; it has no gradient (Keras <c>K.prod</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Prod(Tensor x, int[] axis, bool keepdims = false) =>
        Reduce(ReduceKind.Prod, x, axis, keepdims);

    /// <summary>The largest value over an axis, or over all (Keras <c>K.max</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Max(Tensor x, int? axis = null, bool keepdims = false) => Max(x, AxisList(x, axis), keepdims);

    /// <summary>The largest value over several axes (Keras <c>K.max</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Max(Tensor x, int[] axis, bool keepdims = false) => Reduce(ReduceKind.Max, x, axis, keepdims);

    /// <summary>The smallest value over an axis, or over all (Keras <c>K.min</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Min(Tensor x, int? axis = null, bool keepdims = false) => Min(x, AxisList(x, axis), keepdims);

    /// <summary>The smallest value over several axes (Keras <c>K.min</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Min(Tensor x, int[] axis, bool keepdims = false) => Reduce(ReduceKind.Min, x, axis, keepdims);

    /// <summary>The mean over an axis, or over all (Keras <c>K.mean</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Mean(Tensor x, int? axis = null, bool keepdims = false) =>
        Mean(x, AxisList(x, axis), keepdims);

    /// <summary>The mean over several axes (Keras <c>K.mean</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Mean(Tensor x, int[] axis, bool keepdims = false) =>
        (Sum(x, axis, keepdims) / CountOver(x, axis)).Called(new MeanOver(Sorted(x, axis), keepdims), x);

    /// <summary>The population variance over an axis, or over all (Keras <c>K.var</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Var(Tensor x, int? axis = null, bool keepdims = false) => Var(x, AxisList(x, axis), keepdims);

    /// <summary>The population variance over several axes (Keras <c>K.var</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Var(Tensor x, int[] axis, bool keepdims = false) =>
        Mean(Square(x - Mean(x, axis, keepdims: true)), axis, keepdims);

    /// <summary>The population standard deviation over an axis, or over all (Keras <c>K.std</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Std(Tensor x, int? axis = null, bool keepdims = false) => Std(x, AxisList(x, axis), keepdims);

    /// <summary>The population standard deviation over several axes (Keras <c>K.std</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Std(Tensor x, int[] axis, bool keepdims = false) => Sqrt(Var(x, axis, keepdims));

    /// <summary>Whether any element over an axis, or over all, is not 0: 1 or 0 (Keras <c>K.any</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Any(Tensor x, int? axis = null, bool keepdims = false) => Any(x, AxisList(x, axis), keepdims);

    /// <summary>Whether any element over several axes is not 0: 1 or 0 (Keras <c>K.any</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Any(Tensor x, int[] axis, bool keepdims = false) => Max(NotEqual(x, 0), axis, keepdims);

    /// <summary>Whether no element over an axis, or over all, is 0: 1 or 0 (Keras <c>K.all</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor All(Tensor x, int? axis = null, bool keepdims = false) => All(x, AxisList(x, axis), keepdims);

    /// <summary>Whether no element over several axes is 0: 1 or 0 (Keras <c>K.all</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor All(Tensor x, int[] axis, bool keepdims = false) => Min(NotEqual(x, 0), axis, keepdims);

    /// <summary>log Σ eˣ over an axis, or over all, without overflow (Keras <c>K.logsumexp</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative; null for all.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Logsumexp(Tensor x, int? axis = null, bool keepdims = false) =>
        Logsumexp(x, AxisList(x, axis), keepdims);

    /// <summary>log Σ eˣ over several axes, without overflow (Keras <c>K.logsumexp</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axes, counted from the end if negative.</param>
    /// <param name="keepdims">Whether reduced axes are kept with size 1.</param>
    /// <returns>The reduced tensor.</returns>
    /// <exception cref="ArgumentException">An axis is out of range.</exception>
    public static Tensor Logsumexp(Tensor x, int[] axis, bool keepdims = false) => LogsumexpOver(x, axis, keepdims);

    /// <summary>The index of the largest value along an axis, the first in case of ties (Keras
    /// <c>K.argmax</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <returns>Indices as float32, without that axis.</returns>
    public static Tensor Argmax(Tensor x, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new(new ArgMax(), LastAxis(x, axis));
    }

    /// <summary>The index of the smallest value along an axis, the first in case of ties (Keras
    /// <c>K.argmin</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis.</param>
    /// <returns>Indices as float32, without that axis.</returns>
    public static Tensor Argmin(Tensor x, int axis = -1) => Argmax(-x, axis);

    /// <summary>1 where the target class is among the k largest predictions of its row, else 0 (Keras
    /// <c>K.in_top_k</c>).</summary>
    /// <param name="predictions">Predictions (…, classes).</param>
    /// <param name="targets">Class indices (…).</param>
    /// <param name="k">The number of top predictions to consider.</param>
    /// <returns>A tensor of the targets' shape. If a target is not a class, the computation throws an
    /// <see cref="ArgumentException"/>.</returns>
    public static Tensor InTopK(Tensor predictions, Tensor targets, int k)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(targets);
        return new(new InTopK(k), predictions, targets);
    }

    /// <summary>The cumulative sum along an axis (Keras <c>K.cumsum</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative.</param>
    /// <returns>A tensor of the same shape.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Cumsum(Tensor x, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new(new CumulativeSum(x.Dims.Axis(axis)), x);
    }

    /// <summary>The cumulative product along an axis (Keras <c>K.cumprod</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <param name="axis">The axis, counted from the end if negative.</param>
    /// <returns>A tensor of the same shape, whose gradient is also correct where elements are 0.</returns>
    /// <exception cref="ArgumentException">The axis is out of range.</exception>
    public static Tensor Cumprod(Tensor x, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new(new CumulativeProduct(x.Dims.Axis(axis)), x);
    }

    static int[] AxisList(Tensor x, int? axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        return axis is int one ? [one] : [.. Enumerable.Range(0, x.Rank)];
    }

    static Tensor Reduce(ReduceKind kind, Tensor x, int[] axis, bool keepdims)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(axis);
        Axes axes = Sorted(x, axis);
        Tensor result = new(new Reduce(kind, axes), x);
        return keepdims
            ? new Tensor(new Reshape(new([.. x.Dims.Select((d, i) => axes.Contains(i) ? (Dim)1 : d)])), result)
            .Called(new KeptReduction(kind, axes), x) : result;
    }

    static Axes Sorted(Tensor x, int[] axis) => new([.. axis.Select(x.Dims.Axis).Distinct().Order()]);

    static Tensor LogsumexpOver(Tensor x, int[] axis, bool keepdims)
    {
        Tensor max = StopGradient(Max(x, axis, keepdims: true));
        Tensor sum = Log(Sum(Exp(x - max), axis, keepdims: true)) + max;
        return keepdims ? sum : ReshapeLike(sum, Max(x, axis));
    }

    /// <summary>The number of elements reduced to one element.</summary>
    internal static Tensor CountOver(Tensor x, int[] axis)
    {
        Dim count = 1;
        foreach (int a in axis.Select(x.Dims.Axis).Distinct()) count *= x.Dims[a];
        return count.Constant is int constant ? Scalar(constant) : new(new SizeOf(count));
    }
}
