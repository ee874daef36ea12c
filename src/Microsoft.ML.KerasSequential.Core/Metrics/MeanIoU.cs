using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The mean over the classes of intersection over union, TP/(TP + FP + FN), for targets and predictions that are class
/// indices; classes that never occur are ignored (Keras <c>keras.metrics.MeanIoU</c>).
/// </summary>
public class MeanIoU : Metric
{
    readonly int _numClasses;

    /// <summary>Creates the metric.</summary>
    /// <param name="numClasses">The number of classes, 1 or more.</param>
    /// <param name="name">The metric's name; <c>mean_io_u_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is less than 1.</exception>
    public MeanIoU(int numClasses, string? name = null) : base(name ?? "mean_io_u")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numClasses, 1);
        NumberedStem = name is null ? "mean_io_u" : null;
        _numClasses = numClasses;
        AddState("total_confusion_matrix", numClasses, numClasses);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["num_classes"] = _numClasses;
        return config;
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight)
    {
        Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor Counted(Tensor numbers) => K.OneHot(K.Flatten(K.Floor(numbers)), _numClasses);
        Tensor rows = Counted(yTrue), columns = Counted(yPred);
        if (sampleWeight is not null) rows *= K.Reshape(SampleWeights.Broadcast(sampleWeight, yTrue), -1, 1);
        return [States[0] + K.Dot(K.Transpose(rows), columns)];
    }

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states)
    {
        var diagonal = new NDArray(_numClasses, _numClasses);
        for (int i = 0; i < _numClasses; i++) diagonal[i, i] = 1;
        Tensor right = K.Sum(states[0] * K.Constant(diagonal), axis: 0);
        Tensor union = K.Sum(states[0], axis: 0) + K.Sum(states[0], axis: 1) - right;
        Tensor occurs = K.NotEqual(union, 0);
        Tensor count = K.Sum(occurs);
        return K.Where(K.Equal(count, 0), 0,
            K.Sum(K.Where(occurs, right / K.Where(occurs, union, 1), 0)) / K.Maximum(count, 1));
    }
}
