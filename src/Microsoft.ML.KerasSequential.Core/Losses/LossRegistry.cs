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
        known.Add(c => new LogCosh(Reduce(c), Name(c, "logcosh")), "LogCosh", "logcosh");
        known.Add(c => new Huber(c.Double("delta", 1), Reduce(c), Name(c, "huber_loss")), "Huber", "huber_loss",
            "huber");
        known.Add(c => new KLDivergence(Reduce(c), Name(c, "kullback_leibler_divergence")), "KLDivergence",
            "kullback_leibler_divergence", "kld", "KLD");
        known.Add(c => new Poisson(Reduce(c), Name(c, "poisson")), "Poisson", "poisson");
        known.Add(c => new CosineProximity(c.Int("axis", -1), Reduce(c), Name(c, "cosine_proximity")),
            "CosineProximity", "cosine_proximity", "cosine_similarity", "CosineSimilarity", "cosine");
        known.Add(c => new BinaryCrossentropy(c.Bool("from_logits", false), c.Double("label_smoothing", 0), Reduce(c),
            Name(c, "binary_crossentropy")), "BinaryCrossentropy", "binary_crossentropy");
        known.Add(c => new CategoricalCrossentropy(c.Bool("from_logits", false), c.Double("label_smoothing", 0),
            Reduce(c), Name(c, "categorical_crossentropy")), "CategoricalCrossentropy", "categorical_crossentropy");
        known.Add(c => new SparseCategoricalCrossentropy(c.Bool("from_logits", false),
            Reduce(c), Name(c, "sparse_categorical_crossentropy")), "SparseCategoricalCrossentropy",
            "sparse_categorical_crossentropy");
        return known;
    }

    static string Name(Config config, string otherwise) => config.String("name") ?? otherwise;

    static Reduction Reduce(Config config) => config.String("reduction") switch
    {
        null or "sum_over_batch_size" => Reduction.SumOverBatchSize,
        "sum" => Reduction.Sum,
        "none" => Reduction.None,
        var other => throw new ArgumentException($"{config.Owner}: Invalid Reduction Key {other}; expected \"none\", " +
            "\"sum\" or \"sum_over_batch_size\"."),
    };
}
