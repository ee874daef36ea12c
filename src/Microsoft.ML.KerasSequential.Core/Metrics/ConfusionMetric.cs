using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The four counts of the confusion matrix, one value per threshold.</summary>
internal readonly record struct ConfusionCounts(Tensor TruePositives, Tensor FalsePositives, Tensor TrueNegatives,
    Tensor FalseNegatives);

/// <summary>
/// A metric computed from the (weighted) confusion matrix at one or more thresholds: targets are positive if they are
/// not 0, predictions if they exceed the threshold (Keras <c>update_confusion_matrix_variables</c>).
/// </summary>
public abstract class ConfusionMetric : Metric
{
    /// <summary>The value that replaces predictions other than the k largest.</summary>
    private protected const double Lowest = -1e10;

    static readonly string[] s_countNames = ["true_positives", "false_positives", "true_negatives", "false_negatives"];

    readonly NDArray _thresholds;

    private protected ConfusionMetric(string stem, string? name, double[] thresholds, int? topK = null,
        int? classId = null) : base(name ?? stem)
    {
        if (thresholds.Length == 0)
            throw new ArgumentException("At least one threshold is required.", nameof(thresholds));
        if (topK is < 1)
            throw new ArgumentOutOfRangeException(nameof(topK), $"`top_k` must be 1 or more; given {topK}.");
        NumberedStem = name is null ? stem : null;
        _thresholds = thresholds.Select(t => (float)t).ToArray();
        Shape(null);
        (TopK, ClassId) = (topK, classId);
    }

    /// <summary>The k for which only the k largest predictions of a row can be positive, or null.</summary>
    private protected int? TopK { get; }

    /// <summary>Gets the only class that counts, or null for all (Keras <c>class_id</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int? ClassId
    {
        get;
        init => field = value is not < 0 ? value
            : throw new ArgumentOutOfRangeException(nameof(ClassId), $"`class_id` must be 0 or more; given {value}.");
    }

    /// <summary>Creates the states: one count per threshold, or per threshold and label.</summary>
    private protected void Shape(int? labels) => ReplaceStates(s_countNames.Select(count =>
        (count, labels is int each ? new[] { _thresholds.Size, each } : [_thresholds.Size])));

    /// <summary>Whether each label has counts of its own.</summary>
    private protected virtual bool CountsLabels => false;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight)
    {
        Losses.TargetShapes.MatchVectors(ref yTrue, ref yPred);
        Tensor weights = sampleWeight is null ? K.OnesLike(yPred) : SampleWeights.Broadcast(sampleWeight, yPred);
        if (TopK is int k) yPred = Largest(yPred, k);
        if (ClassId is int id)
        {
            if (id >= yPred.Shape[-1])
                throw new ArgumentException($"The metric {Name} counts class {id}, but there are only " +
                    $"{yPred.Shape[-1]} classes.", nameof(yPred));
            weights *= K.OneHot(id, yPred.Shape[-1]!.Value);
        }
        // (samples · classes, thresholds), or (samples, thresholds, labels).
        Tensor Column(Tensor t) => CountsLabels ? K.ExpandDims(t, 1) : K.Reshape(t, -1, 1);
        Tensor label = Column(K.NotEqual(yTrue, 0)), w = Column(weights), limits = K.Constant(_thresholds),
            positive = Column(yPred) > (CountsLabels ? K.ExpandDims(limits, 1) : limits);
        Tensor Count(Tensor hits) => K.Sum(hits * w, axis: 0);
        return
        [
            States[0] + Count(label * positive),
            States[1] + Count((1 - label) * positive),
            States[2] + Count((1 - label) * (1 - positive)),
            States[3] + Count(label * (1 - positive)),
        ];
    }

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states)
    {
        Tensor result = Result(new(states[0], states[1], states[2], states[3]));
        return HasManyValues ? result : K.Sum(result);
    }

    /// <summary>The metric from the counts: one value, or one per threshold.</summary>
    internal abstract Tensor Result(ConfusionCounts counts);

    /// <summary>The largest value at the thresholds where another is large enough; 0 if there are none.</summary>
    private protected static Tensor Best(Tensor constrained, double least, Tensor values) =>
        K.Max(K.Where(constrained >= least, values, 0));

    /// <summary>a / b, and 0 where b is 0.</summary>
    private protected static Tensor Ratio(Tensor a, Tensor b) =>
        K.Where(K.Equal(b, 0), 0, a / K.Where(K.Equal(b, 0), 1, b));

    /// <summary>
    /// The given number of thresholds, evenly spaced over [0, 1], with the ends moved slightly outward.
    /// </summary>
    private protected static double[] Spread(int numThresholds, double margin)
    {
        if (numThresholds < 2) throw TooFew(numThresholds, 2);
        return [-margin, .. Enumerable.Range(1, numThresholds - 2).Select(i => i / (numThresholds - 1.0)), 1 + margin];
    }

    /// <summary>Thresholds from 0 to 1; a single one is 0.5.</summary>
    private protected static double[] SpreadOrMiddle(int numThresholds)
    {
        if (numThresholds < 1) throw TooFew(numThresholds, 1);
        return numThresholds == 1 ? [0.5] : Spread(numThresholds, 0);
    }

    static ArgumentOutOfRangeException TooFew(int numThresholds, int least) =>
        new(nameof(numThresholds), $"`num_thresholds` must be {least} or more; given {numThresholds}.");

    private protected JsonObject WithSettings(params (string Key, JsonNode? Value)[] settings)
    {
        JsonObject config = base.GetConfig();
        foreach ((string key, JsonNode? value) in settings) config[key] = value;
        return config;
    }

    /// <summary>Makes all but the k largest of each row very small; on ties, the first ones are kept.</summary>
    Tensor Largest(Tensor x, int k)
    {
        if (x.Rank == 0 || x.Shape[-1] is not int classes || classes < k)
            throw new ArgumentException($"The metric {Name} needs rows of at least {k} predictions; given shape " +
                $"{x.Shape}.", nameof(x));
        var before = new NDArray(classes, classes);
        for (int i = 0; i < classes; i++)
            for (int j = 0; j < i; j++) before[i, j] = 1;
        Tensor other = K.ExpandDims(x, -2), own = K.ExpandDims(x, -1);
        Tensor larger = K.Sum((other > own) + K.Equal(other, own) * K.Constant(before), axis: -1);
        return K.Where(larger < k, x, Lowest);
    }
}
