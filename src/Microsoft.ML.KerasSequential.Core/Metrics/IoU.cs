using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The mean, over some classes, of how much the areas of targets and predictions overlap: tp / (tp + fp + fn) (Keras 3
/// <c>keras.metrics.IoU</c>). Samples whose target or prediction isn't a class don't count.
/// </summary>
public class IoU : Metric
{
    readonly int _numClasses;
    readonly int[] _targetClassIds;

    /// <summary>Creates the metric.</summary>
    /// <param name="numClasses">The number of classes, 1 or more.</param>
    /// <param name="targetClassIds">The classes of which the mean is taken.</param>
    /// <param name="name">The metric's name; <c>io_u_1</c> by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of classes is less than 1, or a class isn't below
    /// it.</exception>
    public IoU(int numClasses, IReadOnlyList<int> targetClassIds, string? name = null)
        : this(numClasses, targetClassIds, "io_u", name)
    {
    }

    private protected IoU(int numClasses, IReadOnlyList<int> targetClassIds, string stem, string? name)
        : base(name ?? stem)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numClasses, 1);
        ArgumentNullException.ThrowIfNull(targetClassIds);
        foreach (int id in targetClassIds)
        {
            if (id < 0 || id >= numClasses)
                throw new ArgumentOutOfRangeException(nameof(targetClassIds), $"Target class {id} is out of range: " +
                    $"there are {numClasses} classes.");
        }
        NumberedStem = name is null ? stem : null;
        (_numClasses, _targetClassIds) = (numClasses, [.. targetClassIds]);
        AddState("total_confusion_matrix", numClasses, numClasses);
    }

    /// <summary>Gets a class whose targets don't count, such as 255; null for none (Keras 3
    /// <c>ignore_class</c>).</summary>
    public int? IgnoreClass { get; init; }

    /// <summary>
    /// Gets whether targets are class indices (the default) rather than one value per class (Keras 3
    /// <c>sparse_y_true</c>).
    /// </summary>
    public bool SparseYTrue { get; init; } = true;

    /// <summary>
    /// Gets whether predictions are class indices (the default) rather than one value per class (Keras 3
    /// <c>sparse_y_pred</c>).
    /// </summary>
    public bool SparseYPred { get; init; } = true;

    /// <summary>Gets the axis of the classes; the default is -1, the last (Keras 3 <c>axis</c>).</summary>
    public int Axis { get; init; } = -1;

    /// <summary>Whether an index that isn't a class is an error.</summary>
    private protected virtual bool IsStrict => false;

    internal override bool IsBetterIfLarger => true;

    internal override bool TakesClassNumbers => SparseYTrue != SparseYPred;

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["num_classes"] = _numClasses;
        config["target_class_ids"] = Saving.Config.Sizes(_targetClassIds);
        if (IgnoreClass is int ignored) config["ignore_class"] = ignored;
        config["sparse_y_true"] = SparseYTrue;
        config["sparse_y_pred"] = SparseYPred;
        config["axis"] = Axis;
        return config;
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        Tensor places = yTrue;
        if (SparseYTrue && !SparseYPred) places = yTrue = Losses.TargetShapes.ClassNumbers(yTrue, yPred, Axis);
        if (!SparseYTrue) places = yTrue = K.Argmax(yTrue, Axis);
        if (!SparseYPred) yPred = K.Argmax(yPred, Axis);
        Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor target = K.Flatten(Number(yTrue)), prediction = K.Flatten(Number(yPred));
        Tensor? counts = IsStrict && IgnoreClass is null ? null : Within(target) * Within(prediction);
        if (IgnoreClass is int ignored) counts = counts! * K.NotEqual(target, ignored);
        if (counts is not null)
            (target, prediction) = (K.Where(counts, target, 0), K.Where(counts, prediction, 0));
        Tensor rows = K.OneHot(target, _numClasses), columns = K.OneHot(prediction, _numClasses);
        if (sampleWeight is not null)
            rows *= K.Reshape(SampleWeights.Broadcast(sampleWeight, places.Rank == yTrue.Rank ? yTrue : places), -1, 1);
        if (counts is not null) rows *= K.ExpandDims(counts, 1);
        return [States[0] + K.Dot(K.Transpose(rows), columns)];
    }

    /// <summary>Values count as whole numbers, rounded down.</summary>
    static Tensor Number(Tensor values) => K.Floor(values);

    Tensor Within(Tensor numbers) => (numbers >= 0) * (numbers < _numClasses);

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states)
    {
        ArgumentNullException.ThrowIfNull(states);
        var diagonal = new NDArray(_numClasses, _numClasses);
        for (int i = 0; i < _numClasses; i++) diagonal[i, i] = 1;
        var chosen = new NDArray(_numClasses);
        foreach (int id in _targetClassIds) chosen[id]++;
        Tensor right = K.Sum(states[0] * K.Constant(diagonal), axis: 0);
        Tensor union = K.Sum(states[0], axis: 0) + K.Sum(states[0], axis: 1) - right;
        Tensor occurs = K.NotEqual(union, 0) * K.Constant(chosen);
        Tensor count = K.Sum(occurs);
        return K.Where(K.Equal(count, 0), 0,
            K.Sum(occurs * right / K.Where(K.Equal(union, 0), 1, union)) / K.Maximum(count, 1));
    }
}
