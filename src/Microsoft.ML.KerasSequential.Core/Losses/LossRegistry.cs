using System.Text.Json;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Losses;

/// <summary>The losses by their Keras names: functions, classes and abbreviations.</summary>
internal static class LossRegistry
{
    public static readonly ObjectRegistry<Loss> Known = Build();

    public static string Name(Reduction reduction) => reduction switch
    {
        Reduction.None => "none",
        Reduction.Sum => "sum",
        Reduction.Mean => "mean",
        Reduction.MeanWithSampleWeight => "mean_with_sample_weight",
        _ => "sum_over_batch_size",
    };

    static ObjectRegistry<Loss> Build()
    {
        var known = new ObjectRegistry<Loss>("loss function",
            (name, custom) => custom is Func<Tensor, Tensor, Tensor> function ? Loss.FromFunction(function, name)
            : null);
        known.Add(c => new MeanSquaredError(Reduce(c), Name(c, "mean_squared_error")), "MeanSquaredError",
            "mean_squared_error", "mse", "MSE");
        known.Add(c => new MeanAbsoluteError(Reduce(c), Name(c, "mean_absolute_error")), "MeanAbsoluteError",
            "mean_absolute_error", "mae", "MAE");
        known.Add(c => new MeanAbsolutePercentageError(Reduce(c), Name(c, "mean_absolute_percentage_error")),
            "MeanAbsolutePercentageError", "mean_absolute_percentage_error", "mape", "MAPE");
        known.Add(c => new MeanSquaredLogarithmicError(Reduce(c), Name(c, "mean_squared_logarithmic_error")),
            "MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", "msle", "MSLE");
        known.Add(c => new Hinge(Reduce(c), Name(c, "hinge")), "Hinge", "hinge");
        known.Add(c => new SquaredHinge(Reduce(c), Name(c, "squared_hinge")), "SquaredHinge", "squared_hinge");
        known.Add(c => new CategoricalHinge(Reduce(c), Name(c, "categorical_hinge")), "CategoricalHinge",
            "categorical_hinge");
        known.Add(c => new LogCosh(Reduce(c), Name(c, "logcosh")), "LogCosh", "logcosh", "log_cosh");
        known.Add(c => new Huber(c.Double("delta", 1), Reduce(c), Name(c, "huber_loss"))
        {
            PerSample = c.Bool("per_sample", false),
        }, "Huber", "huber_loss", "huber");
        known.Add(c => new KLDivergence(Reduce(c), Name(c, "kullback_leibler_divergence")), "KLDivergence",
            "kullback_leibler_divergence", "kld", "KLD", "kl_divergence");
        known.Add(c => new Poisson(Reduce(c), Name(c, "poisson")), "Poisson", "poisson");
        known.Add(c => new CosineProximity(c.Int("axis", -1), Reduce(c), Name(c, "cosine_proximity")),
            "CosineProximity", "cosine_proximity", "cosine");
        known.Add(c => new CosineSimilarity(c.Int("axis", -1), Reduce(c), Name(c, "cosine_similarity")),
            "CosineSimilarity", "cosine_similarity");
        known.Add(c => new BinaryCrossentropy(c.Bool("from_logits", false), c.Double("label_smoothing", 0), Reduce(c),
            Name(c, "binary_crossentropy"))
        {
            Axis = c.Int("axis", -1),
        }, "BinaryCrossentropy", "binary_crossentropy", "bce", "BCE");
        known.Add(c => new CategoricalCrossentropy(c.Bool("from_logits", false), c.Double("label_smoothing", 0),
            Reduce(c), Name(c, "categorical_crossentropy"))
        {
            Axis = c.Int("axis", -1),
        }, "CategoricalCrossentropy", "categorical_crossentropy");
        known.Add(c => new SparseCategoricalCrossentropy(c.Bool("from_logits", false),
            Reduce(c), Name(c, "sparse_categorical_crossentropy"))
        {
            Axis = c.Int("axis", -1),
            IgnoreClass = c.OptionalInt("ignore_class"),
        }, "SparseCategoricalCrossentropy", "sparse_categorical_crossentropy");
        AddThree(known);
        return known;
    }

    /// <summary>The losses that Keras has since version 3.</summary>
    static void AddThree(ObjectRegistry<Loss> known)
    {
        known.Add(c => new BinaryFocalCrossentropy(c.Bool("apply_class_balancing", false), c.Double("alpha", 0.25),
            c.Double("gamma", 2), c.Bool("from_logits", false), c.Double("label_smoothing", 0), c.Int("axis", -1),
            Reduce(c), Name(c, "binary_focal_crossentropy")), "BinaryFocalCrossentropy", "binary_focal_crossentropy");
        known.Add(c => new CategoricalFocalCrossentropy(c.Double("alpha", 0.25), c.Double("gamma", 2),
            c.Bool("from_logits", false), c.Double("label_smoothing", 0), c.Int("axis", -1), Reduce(c),
            Name(c, "categorical_focal_crossentropy")), "CategoricalFocalCrossentropy",
            "categorical_focal_crossentropy");
        known.Add(c => new CategoricalGeneralizedCrossEntropy(c.Double("q", 0.5), Reduce(c),
            Name(c, "categorical_generalized_cross_entropy")), "CategoricalGeneralizedCrossEntropy",
            "categorical_generalized_cross_entropy");
        known.Add(c => new Dice(Reduce(c), Name(c, "dice"), Axes(c)), "Dice", "dice");
        known.Add(c => new Tversky(c.Double("alpha", 0.5), c.Double("beta", 0.5), Reduce(c), Name(c, "tversky"),
            Axes(c)), "Tversky", "tversky");
        known.Add(c => new Circle(c.Double("gamma", 80), c.Double("margin", 0.4), c.Bool("remove_diagonal", true),
            Reduce(c), Name(c, "circle")), "Circle", "circle");
        known.Add(c => new CTC(Reduce(c), Name(c, "ctc")), "CTC", "ctc");
    }

    static int[]? Axes(Config config) => config.Numbers("axis") is { } axes ? [.. axes.Select(a => (int)a)] : null;

    static string Name(Config config, string otherwise) => config.String("name") ?? otherwise;

    static Reduction Reduce(Config config) => config.String("reduction") switch
    {
        // Keras 3 writes None as null.
        null when config.All.ValueKind == JsonValueKind.Object && config.All.TryGetProperty("reduction", out _) =>
            Reduction.None,
        "mean" => Reduction.Mean,
        "mean_with_sample_weight" => Reduction.MeanWithSampleWeight,
        null or "sum_over_batch_size" => Reduction.SumOverBatchSize,
        "sum" => Reduction.Sum,
        "none" => Reduction.None,
        var other => throw new ArgumentException($"{config.Owner}: Invalid Reduction Key {other}; expected \"none\", " +
            "\"sum\", \"sum_over_batch_size\", \"mean\", or \"mean_with_sample_weight\"."),
    };
}
