using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The metrics by their Keras names.</summary>
internal static class MetricRegistry
{
    static readonly ObjectRegistry<Metric> s_classes = new(
        "metric",
        (name, custom) => custom is Func<Tensor, Tensor, Tensor> function ? new MeanMetric(function, name) : null,
        copy: m => m.Fresh())
    {
        ["Accuracy"] = c => new Accuracy(Name(c, "accuracy")),
        ["BinaryAccuracy"] = c => new BinaryAccuracy(Name(c, "binary_accuracy"), c.Double("threshold", 0.5)),
        ["CategoricalAccuracy"] = c => new CategoricalAccuracy(Name(c, "categorical_accuracy")),
        ["SparseCategoricalAccuracy"] = c => new SparseCategoricalAccuracy(Name(c, "sparse_categorical_accuracy")),
        ["TopKCategoricalAccuracy"] = c =>
            new TopKCategoricalAccuracy(c.Int("k", 5), Name(c, "top_k_categorical_accuracy")),
        ["SparseTopKCategoricalAccuracy"] = c =>
            new SparseTopKCategoricalAccuracy(c.Int("k", 5), Name(c, "sparse_top_k_categorical_accuracy"),
                c.Bool("from_sorted_ids", false)),
        ["Mean"] = c => new Mean(Name(c, "mean")),
        ["Sum"] = c => new Sum(Name(c, "sum")),
        ["MeanSquaredLogarithmicError"] = c =>
            new MeanSquaredLogarithmicError(Name(c, "mean_squared_logarithmic_error")),
        ["RootMeanSquaredError"] = c => new RootMeanSquaredError(Name(c, "root_mean_squared_error")),
        ["Hinge"] = c => new Hinge(Name(c, "hinge")),
        ["SquaredHinge"] = c => new SquaredHinge(Name(c, "squared_hinge")),
        ["CategoricalHinge"] = c => new CategoricalHinge(Name(c, "categorical_hinge")),
        ["LogCoshError"] = c => new LogCoshError(Name(c, "logcosh")),
        ["Poisson"] = c => new Poisson(Name(c, "poisson")),
        ["KLDivergence"] = c => new KLDivergence(Name(c, "kullback_leibler_divergence")),
        ["MeanIoU"] = c => new MeanIoU(c.RequiredInt("num_classes"), c.String("name"))
        {
            IgnoreClass = c.OptionalInt("ignore_class"),
            SparseYTrue = c.Bool("sparse_y_true", true),
            SparseYPred = c.Bool("sparse_y_pred", true),
            Axis = c.Int("axis", -1),
        },
        ["IoU"] = c => new IoU(c.RequiredInt("num_classes"), c.RequiredInts("target_class_ids"), c.String("name"))
        {
            IgnoreClass = c.OptionalInt("ignore_class"),
            SparseYTrue = c.Bool("sparse_y_true", true),
            SparseYPred = c.Bool("sparse_y_pred", true),
            Axis = c.Int("axis", -1),
        },
        ["OneHotIoU"] = c => new OneHotIoU(c.RequiredInt("num_classes"), c.RequiredInts("target_class_ids"),
            c.String("name"))
        {
            IgnoreClass = c.OptionalInt("ignore_class"),
            SparseYPred = c.Bool("sparse_y_pred", false),
            Axis = c.Int("axis", -1),
        },
        ["OneHotMeanIoU"] = c => new OneHotMeanIoU(c.RequiredInt("num_classes"), c.String("name"))
        {
            IgnoreClass = c.OptionalInt("ignore_class"),
            SparseYPred = c.Bool("sparse_y_pred", false),
            Axis = c.Int("axis", -1),
        },
        ["BinaryIoU"] = c => new BinaryIoU(c.Has("target_class_ids") ? c.RequiredInts("target_class_ids") : null,
            c.Double("threshold", 0.5), c.String("name")),
        ["FBetaScore"] = c => new FBetaScore(c.String("average"), c.Double("beta", 1), c.OptionalDouble("threshold"),
            Name(c, "fbeta_score")),
        ["F1Score"] = c => new F1Score(c.String("average"), c.OptionalDouble("threshold"), Name(c, "f1_score")),
        ["R2Score"] = c => new R2Score(Aggregation(c), c.Int("num_regressors", 0), Name(c, "r2_score")),
        ["PearsonCorrelation"] = c => new PearsonCorrelation(Name(c, "pearson_correlation"), c.Int("axis", -1)),
        ["ConcordanceCorrelation"] = c =>
            new ConcordanceCorrelation(Name(c, "concordance_correlation"), c.Int("axis", -1)),
        ["PrecisionAtRecall"] = c => new PrecisionAtRecall(c.OptionalDouble("recall") ?? throw c.Missing("recall"),
            c.Int("num_thresholds", 200), c.OptionalInt("class_id"), c.String("name")),
        ["RecallAtPrecision"] = c => new RecallAtPrecision(
            c.OptionalDouble("precision") ?? throw c.Missing("precision"), c.Int("num_thresholds", 200),
            c.OptionalInt("class_id"), c.String("name")),
        ["MeanSquaredError"] = c => new MeanSquaredError(Name(c, "mean_squared_error")),
        ["MeanAbsoluteError"] = c => new MeanAbsoluteError(Name(c, "mean_absolute_error")),
        ["MeanAbsolutePercentageError"] = c =>
            new MeanAbsolutePercentageError(Name(c, "mean_absolute_percentage_error")),
        ["CosineSimilarity"] = c => new CosineSimilarity(Name(c, "cosine_similarity"), c.Int("axis", -1)),
        ["BinaryCrossentropy"] = c => new BinaryCrossentropy(Name(c, "binary_crossentropy"),
            c.Bool("from_logits", false), c.Double("label_smoothing", 0)),
        ["CategoricalCrossentropy"] = c => new CategoricalCrossentropy(Name(c, "categorical_crossentropy"),
            c.Bool("from_logits", false), c.Double("label_smoothing", 0), c.Int("axis", -1)),
        ["SparseCategoricalCrossentropy"] = c => new SparseCategoricalCrossentropy(
            Name(c, "sparse_categorical_crossentropy"), c.Bool("from_logits", false), c.Int("axis", -1))
        {
            IgnoreClass = c.OptionalInt("ignore_class"),
        },
        ["TruePositives"] = c => new TruePositives(Threshold(c), c.String("name")),
        ["FalsePositives"] = c => new FalsePositives(Threshold(c), c.String("name")),
        ["TrueNegatives"] = c => new TrueNegatives(Threshold(c), c.String("name")),
        ["FalseNegatives"] = c => new FalseNegatives(Threshold(c), c.String("name")),
        ["Precision"] = c =>
            new Precision(Threshold(c), c.OptionalInt("top_k"), c.OptionalInt("class_id"), c.String("name")),
        ["Recall"] = c => new Recall(Threshold(c), c.OptionalInt("top_k"), c.OptionalInt("class_id"), c.String("name")),
        ["AUC"] = c => new AUC(c.Int("num_thresholds", 200), c.String("curve") ?? "ROC",
            c.String("summation_method") ?? "interpolation", c.String("name"), c.Numbers("thresholds"))
        {
            MultiLabel = c.Bool("multi_label", false),
            NumLabels = c.OptionalInt("num_labels"),
            LabelWeights = c.Numbers("label_weights"),
            FromLogits = c.Bool("from_logits", false),
        },
        ["SensitivityAtSpecificity"] = c => new SensitivityAtSpecificity(c.OptionalDouble("specificity")
            ?? throw c.Missing("specificity"), c.Int("num_thresholds", 200), c.String("name"))
        {
            ClassId = c.OptionalInt("class_id"),
            BestUnderConstraint = c.Bool("best_under_constraint", false),
        },
        ["SpecificityAtSensitivity"] = c => new SpecificityAtSensitivity(c.OptionalDouble("sensitivity")
            ?? throw c.Missing("sensitivity"), c.Int("num_thresholds", 200), c.String("name"))
        {
            ClassId = c.OptionalInt("class_id"),
            BestUnderConstraint = c.Bool("best_under_constraint", false),
        },
    };

    /// <summary>Names that <c>compile</c> accepts, each with its metric.</summary>
    static readonly NameRegistry<Func<string, Metric>> s_names = new("metric function")
    {
        ["accuracy"] = name => new DeferredMetric(name, DeferredMetric.Accuracy),
        ["acc"] = name => new DeferredMetric(name, DeferredMetric.Accuracy),
        ["crossentropy"] = name => new DeferredMetric(name, DeferredMetric.Crossentropy),
        ["ce"] = name => new DeferredMetric(name, DeferredMetric.Crossentropy),
        ["binary_accuracy"] = name => new BinaryAccuracy(name),
        ["categorical_accuracy"] = name => new CategoricalAccuracy(name),
        ["sparse_categorical_accuracy"] = name => new SparseCategoricalAccuracy(name),
        ["top_k_categorical_accuracy"] = name => new TopKCategoricalAccuracy(name: name),
        ["sparse_top_k_categorical_accuracy"] = name => new SparseTopKCategoricalAccuracy(name: name),
        ["mean_squared_error"] = name => new MeanSquaredError(name),
        ["mse"] = name => new MeanSquaredError(name),
        ["MSE"] = name => new MeanSquaredError(name),
        ["mean_absolute_error"] = name => new MeanAbsoluteError(name),
        ["mae"] = name => new MeanAbsoluteError(name),
        ["MAE"] = name => new MeanAbsoluteError(name),
        ["mean_absolute_percentage_error"] = name => new MeanAbsolutePercentageError(name),
        ["mape"] = name => new MeanAbsolutePercentageError(name),
        ["MAPE"] = name => new MeanAbsolutePercentageError(name),
        ["mean_squared_logarithmic_error"] = name => new MeanSquaredLogarithmicError(name),
        ["msle"] = name => new MeanSquaredLogarithmicError(name),
        ["MSLE"] = name => new MeanSquaredLogarithmicError(name),
        ["hinge"] = name => new Hinge(name),
        ["squared_hinge"] = name => new SquaredHinge(name),
        ["categorical_hinge"] = name => new CategoricalHinge(name),
        ["logcosh"] = name => new LogCoshError(name),
        ["log_cosh"] = name => new LogCoshError(name),
        ["huber"] = name => new MeanMetric((t, p) => LossFunctions.Huber(t, p, 1), name),
        ["kl_divergence"] = name => new KLDivergence(name),
        ["bce"] = name => new BinaryCrossentropy(name),
        ["BCE"] = name => new BinaryCrossentropy(name),
        ["pearson_correlation"] = name => new PearsonCorrelation(name),
        ["concordance_correlation"] = name => new ConcordanceCorrelation(name),
        ["huber_loss"] = name => new MeanMetric((t, p) => LossFunctions.Huber(t, p, 1), name),
        ["poisson"] = name => new Poisson(name),
        ["kullback_leibler_divergence"] = name => new KLDivergence(name),
        ["kld"] = name => new KLDivergence(name),
        ["KLD"] = name => new KLDivergence(name),
        ["cosine_proximity"] = name => new CosineSimilarity(name),
        ["cosine_similarity"] = name => new CosineSimilarity(name),
        ["cosine"] = name => new CosineSimilarity(name),
        ["binary_crossentropy"] = name => new BinaryCrossentropy(name),
        ["binary_focal_crossentropy"] = name => new MeanMetric(new BinaryFocalCrossentropy().Call, name),
        ["categorical_focal_crossentropy"] = name => new MeanMetric(new CategoricalFocalCrossentropy().Call, name),
        ["categorical_crossentropy"] = name => new CategoricalCrossentropy(name),
        ["sparse_categorical_crossentropy"] = name => new SparseCategoricalCrossentropy(name),
    };

    public static IEnumerable<string> Classes => s_classes.Names;

    public static IEnumerable<string> Names => s_names.Names;

    public static bool Knows(string name) => s_classes.Knows(name) || s_names.TryGet(name, out _);

    public static Metric ByName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return s_classes.Knows(name) ? s_classes.Make(name, new Config(default, name), nameof(name))
            : s_names.Get(name, nameof(name))(name);
    }

    public static Metric FromConfig(string name, Config config) =>
        s_classes.Knows(name) ? s_classes.Make(name, config, nameof(config)) : s_names.Get(name, nameof(config))(name);

    static Thresholds? Threshold(Config config) => config.Numbers("thresholds") switch
    {
        null or [] => null,
        [var one] when config.Element("thresholds")!.Value.ValueKind == System.Text.Json.JsonValueKind.Number => one,
        var several => several,
    };

    /// <summary>Null means one number per output, and is not the default.</summary>
    static string? Aggregation(Config config) => config.All.ValueKind == System.Text.Json.JsonValueKind.Object
        && config.All.TryGetProperty("class_aggregation", out _) ? config.String("class_aggregation")
        : "uniform_average";

    static string Name(Config config, string otherwise) => config.String("name") ?? otherwise;
}

/// <summary><c>accuracy</c> or <c>crossentropy</c>: resolved once loss and output are known.</summary>
internal sealed class DeferredMetric(string name, Func<string, Loss?, Shape, Metric> choose) : Metric(name)
{
    public static Metric Accuracy(string name, Loss? loss, Shape output) =>
        loss is Losses.BinaryCrossentropy || output[-1] == 1 ? new BinaryAccuracy(name)
        : loss is { TakesClassNumbers: true } ? new SparseCategoricalAccuracy(name)
        : new CategoricalAccuracy(name);

    public static Metric Crossentropy(string name, Loss? loss, Shape output) =>
        loss is Losses.BinaryCrossentropy || output[-1] == 1 ? new BinaryCrossentropy(name)
        : loss is { TakesClassNumbers: true } ? new SparseCategoricalCrossentropy(name)
        : new CategoricalCrossentropy(name);

    internal override Metric Resolve(Loss? loss, Shape output) => choose(GivenName, loss, output);

    internal override System.Text.Json.Nodes.JsonNode Serialize() => GivenName;

    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
        throw Unresolved();

    protected internal override Tensor Value(IReadOnlyList<Tensor> states) => throw Unresolved();

    InvalidOperationException Unresolved() =>
        new($"The meaning of the metric \"{Name}\" depends on the loss and the output: pass it to Compile.");
}
