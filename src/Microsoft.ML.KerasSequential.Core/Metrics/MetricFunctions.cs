namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The values a sample that the metrics are means of.</summary>
internal static class MetricFunctions
{
    public static Tensor Accuracy(Tensor yTrue, Tensor yPred) => K.Mean(K.Equal(yTrue, yPred), axis: -1);

    public static Tensor BinaryAccuracy(Tensor yTrue, Tensor yPred, double threshold) => K.Mean(K.Equal(yTrue, yPred > threshold), axis: -1);

    public static Tensor CategoricalAccuracy(Tensor yTrue, Tensor yPred) => K.Equal(K.Argmax(yTrue), K.Argmax(yPred));

    public static Tensor SparseCategoricalAccuracy(Tensor yTrue, Tensor yPred) => K.Equal(ClassNumbers(yTrue, yPred), K.Argmax(yPred));

    public static Tensor TopK(Tensor yTrue, Tensor yPred, int k) => K.InTopK(yPred, K.Argmax(yTrue), k);

    public static Tensor SparseTopK(Tensor yTrue, Tensor yPred, int k) => K.InTopK(yPred, ClassNumbers(yTrue, yPred), k);

    /// <summary>Class numbers without their last dimension of size 1.</summary>
    static Tensor ClassNumbers(Tensor yTrue, Tensor yPred) => yTrue.Rank == yPred.Rank && yTrue.Shape[-1] == 1 ? K.Squeeze(yTrue, -1) : yTrue;
}
