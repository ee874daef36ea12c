namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>
/// Factory methods for Keras' losses on <see cref="Loss"/>: <c>Loss.MeanSquaredError()</c> is unambiguous in a file
/// that uses both losses and metrics, where <c>new MeanSquaredError()</c> could be either.
/// </summary>
public static class LossFactories
{
    extension(Loss)
    {
        /// <inheritdoc cref="Losses.BinaryCrossentropy"/>
        public static BinaryCrossentropy BinaryCrossentropy(bool fromLogits = false, double labelSmoothing = 0,
            Reduction reduction = Reduction.SumOverBatchSize, string name = "binary_crossentropy") =>
            new(fromLogits, labelSmoothing, reduction, name);

        /// <inheritdoc cref="Losses.CategoricalCrossentropy"/>
        public static CategoricalCrossentropy CategoricalCrossentropy(bool fromLogits = false,
            double labelSmoothing = 0, Reduction reduction = Reduction.SumOverBatchSize,
            string name = "categorical_crossentropy") =>
            new(fromLogits, labelSmoothing, reduction, name);

        /// <inheritdoc cref="Losses.CategoricalHinge"/>
        public static CategoricalHinge CategoricalHinge(Reduction reduction = Reduction.SumOverBatchSize,
            string name = "categorical_hinge") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.CosineProximity"/>
        public static CosineProximity CosineProximity(int axis = -1, Reduction reduction = Reduction.SumOverBatchSize,
            string name = "cosine_proximity") =>
            new(axis, reduction, name);

        /// <inheritdoc cref="Losses.Hinge"/>
        public static Hinge Hinge(Reduction reduction = Reduction.SumOverBatchSize, string name = "hinge") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.Huber"/>
        public static Huber Huber(double delta = 1, Reduction reduction = Reduction.SumOverBatchSize,
            string name = "huber_loss") =>
            new(delta, reduction, name);

        /// <inheritdoc cref="Losses.KLDivergence"/>
        public static KLDivergence KLDivergence(Reduction reduction = Reduction.SumOverBatchSize,
            string name = "kullback_leibler_divergence") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.LogCosh"/>
        public static LogCosh LogCosh(Reduction reduction = Reduction.SumOverBatchSize, string name = "logcosh") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.MeanAbsoluteError"/>
        public static MeanAbsoluteError MeanAbsoluteError(Reduction reduction = Reduction.SumOverBatchSize,
            string name = "mean_absolute_error") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.MeanAbsolutePercentageError"/>
        public static MeanAbsolutePercentageError MeanAbsolutePercentageError(
            Reduction reduction = Reduction.SumOverBatchSize, string name = "mean_absolute_percentage_error") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.MeanSquaredError"/>
        public static MeanSquaredError MeanSquaredError(Reduction reduction = Reduction.SumOverBatchSize,
            string name = "mean_squared_error") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.MeanSquaredLogarithmicError"/>
        public static MeanSquaredLogarithmicError MeanSquaredLogarithmicError(
            Reduction reduction = Reduction.SumOverBatchSize, string name = "mean_squared_logarithmic_error") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.Poisson"/>
        public static Poisson Poisson(Reduction reduction = Reduction.SumOverBatchSize, string name = "poisson") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.SparseCategoricalCrossentropy"/>
        public static SparseCategoricalCrossentropy SparseCategoricalCrossentropy(bool fromLogits = false,
            Reduction reduction = Reduction.SumOverBatchSize, string name = "sparse_categorical_crossentropy") =>
            new(fromLogits, reduction, name);

        /// <inheritdoc cref="Losses.SquaredHinge"/>
        public static SquaredHinge SquaredHinge(Reduction reduction = Reduction.SumOverBatchSize,
            string name = "squared_hinge") =>
            new(reduction, name);

        /// <inheritdoc cref="Losses.CosineSimilarity"/>
        public static CosineSimilarity CosineSimilarity(int axis = -1,
            Reduction reduction = Reduction.SumOverBatchSize, string name = "cosine_similarity") =>
            new(axis, reduction, name);

        /// <inheritdoc cref="Losses.BinaryFocalCrossentropy"/>
        public static BinaryFocalCrossentropy BinaryFocalCrossentropy(bool applyClassBalancing = false,
            double alpha = 0.25, double gamma = 2, bool fromLogits = false, double labelSmoothing = 0, int axis = -1,
            Reduction reduction = Reduction.SumOverBatchSize, string name = "binary_focal_crossentropy") =>
            new(applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing, axis, reduction, name);

        /// <inheritdoc cref="Losses.CategoricalFocalCrossentropy"/>
        public static CategoricalFocalCrossentropy CategoricalFocalCrossentropy(double alpha = 0.25,
            double gamma = 2, bool fromLogits = false, double labelSmoothing = 0, int axis = -1,
            Reduction reduction = Reduction.SumOverBatchSize,
            string name = "categorical_focal_crossentropy") =>
            new(alpha, gamma, fromLogits, labelSmoothing, axis, reduction, name);

        /// <inheritdoc cref="Losses.CategoricalGeneralizedCrossEntropy"/>
        public static CategoricalGeneralizedCrossEntropy CategoricalGeneralizedCrossEntropy(double q = 0.5,
            Reduction reduction = Reduction.SumOverBatchSize,
            string name = "categorical_generalized_cross_entropy") =>
            new(q, reduction, name);

        /// <inheritdoc cref="Losses.Dice"/>
        public static Dice Dice(Reduction reduction = Reduction.SumOverBatchSize, string name = "dice",
            int[]? axis = null) =>
            new(reduction, name, axis);

        /// <inheritdoc cref="Losses.Tversky"/>
        public static Tversky Tversky(double alpha = 0.5, double beta = 0.5,
            Reduction reduction = Reduction.SumOverBatchSize, string name = "tversky", int[]? axis = null) =>
            new(alpha, beta, reduction, name, axis);

        /// <inheritdoc cref="Losses.Circle"/>
        public static Circle Circle(double gamma = 80, double margin = 0.4, bool removeDiagonal = true,
            Reduction reduction = Reduction.SumOverBatchSize, string name = "circle") =>
            new(gamma, margin, removeDiagonal, reduction, name);

        /// <inheritdoc cref="Losses.CTC"/>
        public static CTC CTC(Reduction reduction = Reduction.SumOverBatchSize, string name = "ctc") =>
            new(reduction, name);
    }
}
