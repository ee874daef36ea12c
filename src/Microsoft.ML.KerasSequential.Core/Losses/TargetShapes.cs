using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// Matches the shapes of targets and predictions, in every loss and metric, alone and in a model (Keras
/// <c>squeeze_or_expand_dimensions</c>). If one has an extra last dimension of size 1, it is dropped; but a vector
/// means one value per sample, as in a model, and becomes a column: (n,) with (n, 1) must never become (n, n).
/// </summary>
internal static class TargetShapes
{
    /// <summary>Makes shapes that differ by a last dimension of size 1 equal; all others are unchanged.</summary>
    public static (Tensor Target, Tensor Prediction) Level(Tensor yTrue, Tensor yPred)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        if (IsOneLonger(yTrue, yPred)) (yTrue, yPred) = Leveled(yTrue, yPred);
        else if (IsOneLonger(yPred, yTrue)) (yPred, yTrue) = Leveled(yPred, yTrue);
        return (yTrue, yPred);
    }

    /// <summary>
    /// Gives targets and predictions the same shape, for elementwise computation. If they have the same rank, sizes of
    /// 1 broadcast, as in Keras; a scalar broadcasts to all elements.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes are incompatible.</exception>
    public static void Match(ref Tensor yTrue, ref Tensor yPred)
    {
        (Tensor target, Tensor prediction) = Level(yTrue, yPred);
        bool isOne = target.Rank == 0 || prediction.Rank == 0;
        if ((!isOne && target.Rank != prediction.Rank) || Dims.Broadcast(target.Dims, prediction.Dims) is not { } dims)
            throw Mismatch(yTrue, yPred, "the same shape, or sizes of 1.");
        (yTrue, yPred) = (Stretched(target, dims), Stretched(prediction, dims));
    }

    /// <summary>
    /// Gives targets and predictions the same shape, for computations along a dimension, such as over classes.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void MatchVectors(ref Tensor yTrue, ref Tensor yPred)
    {
        (Tensor target, Tensor prediction) = Level(yTrue, yPred);
        if (target.Rank == 0) target = Stretched(target, prediction.Dims);
        if (!Dims.MayEqual(target.Dims, prediction.Dims))
        {
            bool areNumbers = EndsInOne(yTrue) && yTrue.Rank == yPred.Rank && !EndsInOne(yPred);
            throw Mismatch(yTrue, yPred, areNumbers
                ? "the same shape. For class indices, use a sparse loss or metric, or convert them with " +
                "NpUtils.ToCategorical."
                : "the same shape.");
        }
        (yTrue, yPred) = (Fixed(target, prediction), Fixed(prediction, target));
    }

    /// <summary>
    /// Gives class indices the shape of the predictions without the class axis. They may have size 1 there, or as their
    /// last dimension, whatever the axis.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes are incompatible, or the axis is out of range.</exception>
    public static Tensor ClassNumbers(Tensor yTrue, Tensor yPred, int axis = -1)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        int at = yPred.Dims.Axis(axis);
        Dims places = yPred.Dims.Without(at);
        if (Dims.MayEqual(yTrue.Dims, places)) return yTrue;
        foreach (int one in (ReadOnlySpan<int>)[at, yPred.Rank - 1])
        {
            if (yTrue.Rank == yPred.Rank && yTrue.Dims[one].IsOne && Dims.MayEqual(yTrue.Dims.Without(one), places))
                return K.Squeeze(yTrue, one);
        }
        throw Mismatch(yTrue, yPred, "the shape of the predictions without the class axis, or size 1 there.");
    }

    static bool EndsInOne(Tensor tensor) => tensor.Rank > 0 && tensor.Dims.Last.IsOne;

    static bool IsOneLonger(Tensor longer, Tensor shorter) =>
        longer.Rank == shorter.Rank + 1 && EndsInOne(longer)
        && Dims.MayEqual(longer.Dims.Without(longer.Rank - 1), shorter.Dims);

    static (Tensor Longer, Tensor Shorter) Leveled(Tensor longer, Tensor shorter) =>
        shorter.Rank < 2 ? (longer, Shaped(shorter, longer.Dims.With(0, shorter.Rank == 0 ? 1 : shorter.Dims[0])))
        : (Shaped(longer, longer.Dims.Without(longer.Rank - 1)), shorter);

    /// <summary>A sigmoid must remain the last operation, so that a crossentropy finds its logits.</summary>
    static Tensor Shaped(Tensor tensor, Dims dims) =>
        tensor.Op is Elementwise { Kind: ElementwiseKind.Sigmoid } ? K.Sigmoid(Shaped(tensor.Inputs[0], dims))
        : new(new Reshape(dims), tensor);

    static Tensor Stretched(Tensor tensor, Dims dims) =>
        tensor.Rank == dims.Rank && !tensor.Dims.Zip(dims).Any(d => d.First.IsOne && !d.Second.IsOne) ? tensor
        : new(new BroadcastTo(dims), tensor);

    /// <summary>
    /// Sizes that are free until data arrive are taken from the other tensor, so that no size of 1 broadcasts then.
    /// </summary>
    static Tensor Fixed(Tensor tensor, Tensor other)
    {
        var dims = new Dims(
            [.. tensor.Dims.Zip(other.Dims, (own, its) => own.Constant is null && its.Constant is not null
            ? its : own)]);
        return dims.Equals(tensor.Dims) ? tensor : Shaped(tensor, dims);
    }

    static ArgumentException Mismatch(Tensor yTrue, Tensor yPred, string expected) =>
        new($"Targets of shape {yTrue.Shape} do not match predictions of shape {yPred.Shape}: expected {expected}",
            nameof(yTrue));
}
