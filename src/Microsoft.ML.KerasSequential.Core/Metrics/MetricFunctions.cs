using Microsoft.ML.KerasSequential.Losses;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The per-sample values that the metrics average.</summary>
internal static class MetricFunctions
{
    /// <summary>As in Keras, one value per element.</summary>
    public static Tensor Accuracy(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Equal(yTrue, yPred);
    }

    public static Tensor BinaryAccuracy(Tensor yTrue, Tensor yPred, double threshold)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Mean(K.Equal(yTrue, yPred > threshold), axis: -1);
    }

    public static Tensor CategoricalAccuracy(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.MatchVectors(ref yTrue, ref yPred);
        return K.Equal(K.Argmax(yTrue), K.Argmax(yPred));
    }

    public static Tensor SparseCategoricalAccuracy(Tensor yTrue, Tensor yPred) =>
        K.Equal(TargetShapes.ClassNumbers(yTrue, yPred), K.Argmax(yPred));

    public static Tensor TopK(Tensor yTrue, Tensor yPred, int k)
    {
        TargetShapes.MatchVectors(ref yTrue, ref yPred);
        return K.InTopK(yPred, K.Argmax(yTrue), k);
    }

    public static Tensor SparseTopK(Tensor yTrue, Tensor yPred, int k) =>
        K.InTopK(yPred, TargetShapes.ClassNumbers(yTrue, yPred), k);

    /// <summary>1 where one of the first k of the sorted class indices is the target.</summary>
    public static Tensor SparseTopKOfSorted(Tensor yTrue, Tensor yPred, int k)
    {
        Tensor numbers = TargetShapes.ClassNumbers(yTrue, yPred);
        if (yPred.Shape[-1] is int given && given > k) yPred = K.Slice(yPred, -1, 0, k);
        return K.Any(K.Equal(K.ExpandDims(numbers), yPred), -1);
    }

    /// <summary>One value per element: the root is taken of their mean.</summary>
    public static Tensor SquaredError(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Square(yPred - yTrue);
    }

    public static Tensor PearsonCorrelation(Tensor yTrue, Tensor yPred, int axis)
    {
        Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor t = yTrue - K.Mean(yTrue, axis, keepdims: true), p = yPred - K.Mean(yPred, axis, keepdims: true);
        return K.Mean(t * p, axis) / K.Sqrt(K.Mean(K.Square(t), axis) * K.Mean(K.Square(p), axis));
    }

    public static Tensor ConcordanceCorrelation(Tensor yTrue, Tensor yPred, int axis)
    {
        Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor t = K.Mean(yTrue, axis), p = K.Mean(yPred, axis),
            off = yTrue - K.Mean(yTrue, axis, keepdims: true), from = yPred - K.Mean(yPred, axis, keepdims: true);
        Tensor spread = K.Mean(K.Square(off), axis) + K.Mean(K.Square(from), axis) + K.Square(t - p);
        return 2 * K.Mean(off * from, axis) / (spread + K.Epsilon);
    }
}
