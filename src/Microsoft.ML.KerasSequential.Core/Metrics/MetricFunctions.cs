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

    /// <summary>One value per element: the root is taken of their mean.</summary>
    public static Tensor SquaredError(Tensor yTrue, Tensor yPred)
    {
        TargetShapes.Match(ref yTrue, ref yPred);
        return K.Square(yPred - yTrue);
    }
}
