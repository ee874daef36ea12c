namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// Factory methods for Keras' metrics on <see cref="Metric"/>: <c>Metric.MeanSquaredError()</c> is unambiguous in a
/// file that uses both losses and metrics, where <c>new MeanSquaredError()</c> could be either.
/// </summary>
public static class MetricFactories
{
    extension(Metric)
    {
        /// <inheritdoc cref="Metrics.AUC"/>
        /// <param name="numThresholds">
        /// The number of thresholds, 2 or more; ignored if <paramref name="thresholds"/> is specified.
        /// </param>
        /// <param name="curve"><c>ROC</c> or <c>PR</c>.</param>
        /// <param name="summationMethod">
        /// <c>interpolation</c> (by trapezoids; for PR as Davis and Goadrich 2006), <c>minoring</c> or <c>majoring</c>.
        /// </param>
        /// <param name="name">The metric's name; <c>auc_1</c> by default.</param>
        /// <param name="thresholds">The thresholds between 0 and 1; 0 and 1 are added.</param>
        /// <exception cref="ArgumentException">A setting is unknown or out of range.</exception>
        public static AUC AUC(int numThresholds = 200, string curve = "ROC", string summationMethod = "interpolation",
            string? name = null, IReadOnlyList<double>? thresholds = null) =>
            new(numThresholds, curve, summationMethod, name, thresholds);

        /// <inheritdoc cref="Metrics.Accuracy"/>
        public static Accuracy Accuracy(string name = "accuracy") => new(name);

        /// <inheritdoc cref="Metrics.BinaryAccuracy"/>
        public static BinaryAccuracy BinaryAccuracy(string name = "binary_accuracy", double threshold = 0.5) =>
            new(name, threshold);

        /// <inheritdoc cref="Metrics.BinaryCrossentropy"/>
        public static BinaryCrossentropy BinaryCrossentropy(string name = "binary_crossentropy",
            bool fromLogits = false, double labelSmoothing = 0) =>
            new(name, fromLogits, labelSmoothing);

        /// <inheritdoc cref="Metrics.CategoricalAccuracy"/>
        public static CategoricalAccuracy CategoricalAccuracy(string name = "categorical_accuracy") => new(name);

        /// <inheritdoc cref="Metrics.CategoricalCrossentropy"/>
        public static CategoricalCrossentropy CategoricalCrossentropy(string name = "categorical_crossentropy",
            bool fromLogits = false, double labelSmoothing = 0, int axis = -1) =>
            new(name, fromLogits, labelSmoothing, axis);

        /// <inheritdoc cref="Metrics.CategoricalHinge"/>
        public static CategoricalHinge CategoricalHinge(string name = "categorical_hinge") => new(name);

        /// <inheritdoc cref="Metrics.CosineSimilarity"/>
        public static CosineSimilarity CosineSimilarity(string name = "cosine_similarity", int axis = -1) =>
            new(name, axis);

        /// <inheritdoc cref="Metrics.FalseNegatives"/>
        public static FalseNegatives FalseNegatives(Thresholds? thresholds = null, string? name = null) =>
            new(thresholds, name);

        /// <inheritdoc cref="Metrics.FalsePositives"/>
        public static FalsePositives FalsePositives(Thresholds? thresholds = null, string? name = null) =>
            new(thresholds, name);

        /// <inheritdoc cref="Metrics.Hinge"/>
        public static Hinge Hinge(string name = "hinge") => new(name);

        /// <inheritdoc cref="Metrics.KLDivergence"/>
        public static KLDivergence KLDivergence(string name = "kullback_leibler_divergence") => new(name);

        /// <inheritdoc cref="Metrics.LogCoshError"/>
        public static LogCoshError LogCoshError(string name = "logcosh") => new(name);

        /// <inheritdoc cref="Metrics.Mean"/>
        /// <param name="name">The metric's name.</param>
        public static Mean Mean(string name = "mean") => new(name);

        /// <inheritdoc cref="Metrics.MeanAbsoluteError"/>
        public static MeanAbsoluteError MeanAbsoluteError(string name = "mean_absolute_error") => new(name);

        /// <inheritdoc cref="Metrics.MeanAbsolutePercentageError"/>
        public static MeanAbsolutePercentageError MeanAbsolutePercentageError(
            string name = "mean_absolute_percentage_error") =>
            new(name);

        /// <inheritdoc cref="Metrics.MeanIoU"/>
        /// <param name="numClasses">The number of classes, 1 or more.</param>
        /// <param name="name">The metric's name; <c>mean_io_u_1</c> by default.</param>
        /// <exception cref="ArgumentOutOfRangeException">The number of classes is less than 1.</exception>
        public static MeanIoU MeanIoU(int numClasses, string? name = null) => new(numClasses, name);

        /// <inheritdoc cref="Metrics.MeanSquaredError"/>
        public static MeanSquaredError MeanSquaredError(string name = "mean_squared_error") => new(name);

        /// <inheritdoc cref="Metrics.MeanSquaredLogarithmicError"/>
        public static MeanSquaredLogarithmicError MeanSquaredLogarithmicError(
            string name = "mean_squared_logarithmic_error") =>
            new(name);

        /// <inheritdoc cref="Metrics.Poisson"/>
        public static Poisson Poisson(string name = "poisson") => new(name);

        /// <inheritdoc cref="Metrics.Precision"/>
        public static Precision Precision(Thresholds? thresholds = null, int? topK = null, int? classId = null,
            string? name = null) =>
            new(thresholds, topK, classId, name);

        /// <inheritdoc cref="Metrics.Recall"/>
        public static Recall Recall(Thresholds? thresholds = null, int? topK = null, int? classId = null,
            string? name = null) =>
            new(thresholds, topK, classId, name);

        /// <inheritdoc cref="Metrics.RootMeanSquaredError"/>
        public static RootMeanSquaredError RootMeanSquaredError(string name = "root_mean_squared_error") => new(name);

        /// <inheritdoc cref="Metrics.SensitivityAtSpecificity"/>
        /// <param name="specificity">The given specificity, in [0, 1].</param>
        /// <param name="numThresholds">The number of thresholds to try, 2 or more.</param>
        /// <param name="name">The metric's name; <c>sensitivity_at_specificity_1</c> by default.</param>
        /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
        public static SensitivityAtSpecificity SensitivityAtSpecificity(double specificity, int numThresholds = 200,
            string? name = null) =>
            new(specificity, numThresholds, name);

        /// <inheritdoc cref="Metrics.SparseCategoricalAccuracy"/>
        public static SparseCategoricalAccuracy SparseCategoricalAccuracy(
            string name = "sparse_categorical_accuracy") =>
            new(name);

        /// <inheritdoc cref="Metrics.SparseCategoricalCrossentropy"/>
        public static SparseCategoricalCrossentropy SparseCategoricalCrossentropy(
            string name = "sparse_categorical_crossentropy", bool fromLogits = false, int axis = -1) =>
            new(name, fromLogits, axis);

        /// <inheritdoc cref="Metrics.SparseTopKCategoricalAccuracy"/>
        public static SparseTopKCategoricalAccuracy SparseTopKCategoricalAccuracy(int k = 5,
            string name = "sparse_top_k_categorical_accuracy", bool fromSortedIds = false) =>
            new(k, name, fromSortedIds);

        /// <inheritdoc cref="Metrics.SpecificityAtSensitivity"/>
        /// <param name="sensitivity">The given sensitivity, in [0, 1].</param>
        /// <param name="numThresholds">The number of thresholds to try, 2 or more.</param>
        /// <param name="name">The metric's name; <c>specificity_at_sensitivity_1</c> by default.</param>
        /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
        public static SpecificityAtSensitivity SpecificityAtSensitivity(double sensitivity, int numThresholds = 200,
            string? name = null) =>
            new(sensitivity, numThresholds, name);

        /// <inheritdoc cref="Metrics.SquaredHinge"/>
        public static SquaredHinge SquaredHinge(string name = "squared_hinge") => new(name);

        /// <inheritdoc cref="Metrics.Sum"/>
        /// <param name="name">The metric's name.</param>
        public static Sum Sum(string name = "sum") => new(name);

        /// <inheritdoc cref="Metrics.TopKCategoricalAccuracy"/>
        public static TopKCategoricalAccuracy TopKCategoricalAccuracy(int k = 5,
            string name = "top_k_categorical_accuracy") =>
            new(k, name);

        /// <inheritdoc cref="Metrics.TrueNegatives"/>
        public static TrueNegatives TrueNegatives(Thresholds? thresholds = null, string? name = null) =>
            new(thresholds, name);

        /// <inheritdoc cref="Metrics.TruePositives"/>
        public static TruePositives TruePositives(Thresholds? thresholds = null, string? name = null) =>
            new(thresholds, name);

        /// <inheritdoc cref="Metrics.IoU.IoU(int, IReadOnlyList{int}, string?)"/>
        public static IoU IoU(int numClasses, IReadOnlyList<int> targetClassIds, string? name = null) =>
            new(numClasses, targetClassIds, name);

        /// <inheritdoc cref="Metrics.OneHotIoU.OneHotIoU(int, IReadOnlyList{int}, string?)"/>
        public static OneHotIoU OneHotIoU(int numClasses, IReadOnlyList<int> targetClassIds, string? name = null) =>
            new(numClasses, targetClassIds, name);

        /// <inheritdoc cref="Metrics.OneHotMeanIoU.OneHotMeanIoU(int, string?)"/>
        public static OneHotMeanIoU OneHotMeanIoU(int numClasses, string? name = null) =>
            new(numClasses, name);

        /// <inheritdoc cref="Metrics.BinaryIoU.BinaryIoU(IReadOnlyList{int}?, double, string?)"/>
        public static BinaryIoU BinaryIoU(IReadOnlyList<int>? targetClassIds = null, double threshold = 0.5,
            string? name = null) =>
            new(targetClassIds, threshold, name);

        /// <inheritdoc cref="Metrics.FBetaScore.FBetaScore(string?, double, double?, string)"/>
        public static FBetaScore FBetaScore(string? average = null, double beta = 1, double? threshold = null,
            string name = "fbeta_score") =>
            new(average, beta, threshold, name);

        /// <inheritdoc cref="Metrics.F1Score"/>
        public static F1Score F1Score(string? average = null, double? threshold = null,
            string name = "f1_score") =>
            new(average, threshold, name);

        /// <inheritdoc cref="Metrics.R2Score.R2Score(string?, int, string)"/>
        public static R2Score R2Score(string? classAggregation = "uniform_average", int numRegressors = 0,
            string name = "r2_score") =>
            new(classAggregation, numRegressors, name);

        /// <inheritdoc cref="Metrics.PearsonCorrelation"/>
        public static PearsonCorrelation PearsonCorrelation(string name = "pearson_correlation", int axis = -1) =>
            new(name, axis);

        /// <inheritdoc cref="Metrics.ConcordanceCorrelation"/>
        public static ConcordanceCorrelation ConcordanceCorrelation(string name = "concordance_correlation",
            int axis = -1) =>
            new(name, axis);

        /// <inheritdoc cref="Metrics.PrecisionAtRecall.PrecisionAtRecall(double, int, int?, string?)"/>
        public static PrecisionAtRecall PrecisionAtRecall(double recall, int numThresholds = 200, int? classId = null,
            string? name = null) =>
            new(recall, numThresholds, classId, name);

        /// <inheritdoc cref="Metrics.RecallAtPrecision.RecallAtPrecision(double, int, int?, string?)"/>
        public static RecallAtPrecision RecallAtPrecision(double precision, int numThresholds = 200,
            int? classId = null, string? name = null) =>
            new(precision, numThresholds, classId, name);
    }
}
