using Microsoft.ML.AutoML;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.AutoML;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML;

/// <summary>Adds Keras networks to AutoML experiments, as trainers in a <see cref="SweepablePipeline"/>, alone or with
/// others.</summary>
/// <remarks>
/// Each trial normalizes the features to mean 0 and standard deviation 1, holds out a tenth of its rows (up to a fifth
/// of a table of fewer than 200 rows) and trains until the loss on these stops improving. On a table of up to 5,000
/// rows, it then trains on all rows for the best number of epochs; on a larger one, it keeps the weights of the best
/// epoch. A canceled trial ends between two batches. A trial whose loss becomes NaN, or that needs too much memory, is
/// reported as failed, and the experiment continues.
/// </remarks>
public static class KerasSequentialAutoCatalog
{
    /// <summary>Creates a sweepable network for multiclass classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label: a key, a class index from 0 as a number, or a vector with one entry per
    /// class.</param>
    /// <param name="featureColumnName">The features, a numeric vector or value.</param>
    /// <param name="exampleWeightColumnName">The sample weights, or null.</param>
    /// <param name="searchSpace">The search space; the defaults of <see cref="KerasSequentialSearchSpace"/> if
    /// null.</param>
    /// <param name="pruner">Ends trials that fall far behind; none by default.</param>
    /// <param name="configure">Changes the options of each training run, such as its device; they contain the trial's
    /// choices.</param>
    /// <returns>The estimator, to append to a pipeline, alone or with others.</returns>
    /// <exception cref="ArgumentException">A range of the search space is invalid.</exception>
    public static SweepableEstimator KerasSequentialMulticlass(
        this AutoCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? exampleWeightColumnName = null, KerasSequentialSearchSpace? searchSpace = null,
        TrialPruner? pruner = null, Action<KerasSequentialOptions>? configure = null) =>
        Swept(catalog, new SweptMulticlass(), labelColumnName, featureColumnName, exampleWeightColumnName, searchSpace,
            pruner, configure);

    /// <summary>Creates a sweepable network for binary classification.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label: a Boolean, a number (above 0 is true), or a key of 2 values.</param>
    /// <param name="featureColumnName">The features, a numeric vector or value.</param>
    /// <param name="exampleWeightColumnName">The sample weights, or null.</param>
    /// <param name="searchSpace">The search space; the defaults of <see cref="KerasSequentialSearchSpace"/> if
    /// null.</param>
    /// <param name="pruner">Ends trials that fall far behind; none by default.</param>
    /// <param name="configure">Changes the options of each training run, such as its device; they contain the trial's
    /// choices.</param>
    /// <returns>The estimator, to append to a pipeline, alone or with others.</returns>
    /// <exception cref="ArgumentException">A range of the search space is invalid.</exception>
    public static SweepableEstimator KerasSequentialBinary(
        this AutoCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? exampleWeightColumnName = null, KerasSequentialSearchSpace? searchSpace = null,
        TrialPruner? pruner = null, Action<KerasSequentialOptions>? configure = null) =>
        Swept(catalog, new SweptBinary(), labelColumnName, featureColumnName, exampleWeightColumnName, searchSpace,
            pruner, configure);

    /// <summary>Creates a sweepable network for regression.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label: a number, or a vector of numbers.</param>
    /// <param name="featureColumnName">The features, a numeric vector or value.</param>
    /// <param name="exampleWeightColumnName">The sample weights, or null.</param>
    /// <param name="searchSpace">The search space; the defaults of <see cref="KerasSequentialSearchSpace"/> if
    /// null.</param>
    /// <param name="pruner">Ends trials that fall far behind; none by default.</param>
    /// <param name="configure">Changes the options of each training run, such as its device; they contain the trial's
    /// choices.</param>
    /// <returns>The estimator, to append to a pipeline, alone or with others.</returns>
    /// <exception cref="ArgumentException">A range of the search space is invalid.</exception>
    public static SweepableEstimator KerasSequentialRegression(
        this AutoCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? exampleWeightColumnName = null, KerasSequentialSearchSpace? searchSpace = null,
        TrialPruner? pruner = null, Action<KerasSequentialOptions>? configure = null) =>
        Swept(catalog, new SweptRegression(), labelColumnName, featureColumnName, exampleWeightColumnName, searchSpace,
            pruner, configure);

    /// <summary>Creates a sweepable custom network for multiclass classification.</summary>
    /// <typeparam name="T">The swept parameters: a class with public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Creates a trial's network, including its last layer, such as a softmax with one unit per
    /// class.</param>
    /// <param name="configure">Changes the options of each training run, whose defaults are Adam with 0.003, batches of
    /// 32 and 60 epochs.</param>
    /// <param name="labelColumnName">The label: a key, a class index from 0 as a number, or a vector with one entry per
    /// class.</param>
    /// <param name="featureColumnName">The features, a numeric vector or value.</param>
    /// <param name="exampleWeightColumnName">The sample weights, or null.</param>
    /// <param name="searchSpace">The search space; the one from the attributes if null.</param>
    /// <param name="pruner">Ends trials that fall far behind; none by default.</param>
    /// <returns>The estimator, to append to a pipeline, alone or with others.</returns>
    public static SweepableEstimator KerasSequentialMulticlass<T>(
        this AutoCatalog catalog, Func<MLContext, T, Sequential> network,
        Action<KerasSequentialOptions, T>? configure = null, string labelColumnName = "Label",
        string featureColumnName = "Features", string? exampleWeightColumnName = null,
        SearchSpace<T>? searchSpace = null, TrialPruner? pruner = null)
        where T : class, new() =>
        SweptOwn(catalog, new SweptMulticlass(), network, configure, labelColumnName, featureColumnName,
            exampleWeightColumnName, searchSpace, pruner);

    /// <summary>Creates a sweepable custom network for binary classification.</summary>
    /// <typeparam name="T">The swept parameters: a class with public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Creates a trial's network, including its last layer, such as a sigmoid with one
    /// unit.</param>
    /// <param name="configure">Changes the options of each training run, whose defaults are Adam with 0.003, batches of
    /// 32 and 60 epochs.</param>
    /// <param name="labelColumnName">The label: a Boolean, a number (above 0 is true), or a key of 2 values.</param>
    /// <param name="featureColumnName">The features, a numeric vector or value.</param>
    /// <param name="exampleWeightColumnName">The sample weights, or null.</param>
    /// <param name="searchSpace">The search space; the one from the attributes if null.</param>
    /// <param name="pruner">Ends trials that fall far behind; none by default.</param>
    /// <returns>The estimator, to append to a pipeline, alone or with others.</returns>
    public static SweepableEstimator KerasSequentialBinary<T>(
        this AutoCatalog catalog, Func<MLContext, T, Sequential> network,
        Action<KerasSequentialOptions, T>? configure = null, string labelColumnName = "Label",
        string featureColumnName = "Features", string? exampleWeightColumnName = null,
        SearchSpace<T>? searchSpace = null, TrialPruner? pruner = null)
        where T : class, new() =>
        SweptOwn(catalog, new SweptBinary(), network, configure, labelColumnName, featureColumnName,
            exampleWeightColumnName, searchSpace, pruner);

    /// <summary>Creates a sweepable custom network for regression. It is trained on the unscaled labels.</summary>
    /// <typeparam name="T">The swept parameters: a class with public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Creates a trial's network, including its last layer, such as a linear one with one
    /// unit.</param>
    /// <param name="configure">Changes the options of each training run, whose defaults are Adam with 0.003, batches of
    /// 32 and 60 epochs.</param>
    /// <param name="labelColumnName">The label: a number, or a vector of numbers.</param>
    /// <param name="featureColumnName">The features, a numeric vector or value.</param>
    /// <param name="exampleWeightColumnName">The sample weights, or null.</param>
    /// <param name="searchSpace">The search space; the one from the attributes if null.</param>
    /// <param name="pruner">Ends trials that fall far behind; none by default.</param>
    /// <returns>The estimator, to append to a pipeline, alone or with others.</returns>
    public static SweepableEstimator KerasSequentialRegression<T>(
        this AutoCatalog catalog, Func<MLContext, T, Sequential> network,
        Action<KerasSequentialOptions, T>? configure = null, string labelColumnName = "Label",
        string featureColumnName = "Features", string? exampleWeightColumnName = null,
        SearchSpace<T>? searchSpace = null, TrialPruner? pruner = null)
        where T : class, new() =>
        SweptOwn(catalog, new SweptRegression(), network, configure, labelColumnName, featureColumnName,
            exampleWeightColumnName, searchSpace, pruner);

    /// <summary>Creates a sweepable custom network with a custom trainer and search space.</summary>
    /// <typeparam name="T">The swept parameters: a class with public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Creates a trial's trainer, such as <c>(ml, p) =>
    /// ml.MulticlassClassification.Trainers.KerasSequential(…)</c>. Use the given context, because the experiment
    /// cancels that one.</param>
    /// <param name="searchSpace">The search space; the one from the attributes if null.</param>
    /// <returns>The estimator, to append to a pipeline, alone or with others.</returns>
    public static SweepableEstimator KerasSequential<T>(
        this AutoCatalog catalog, Func<MLContext, T, IEstimator<ITransformer>> network,
        SearchSpace<T>? searchSpace = null)
        where T : class, new()
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(network);
        return catalog.CreateSweepableEstimator(
            (context, point) => new CheckedTrial(network(context, point)), searchSpace ?? new SearchSpace<T>(new T()));
    }

    /// <summary>Finds the trained network in the model of an experiment.</summary>
    /// <param name="model">The model, a network or a chain of transformers.</param>
    /// <returns>The last network in it, with its <c>Model.ToJson()</c>; null if there is none.</returns>
    public static KerasSequentialTransformer? FindKerasSequential(this ITransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model as KerasSequentialTransformer ?? (model as IEnumerable<ITransformer>)?.Reverse()
            .Select(FindKerasSequential).FirstOrDefault(found => found is not null);
    }

    static SweepableEstimator Swept(
        AutoCatalog catalog, SweptTask task, string label, string features, string? weight,
        KerasSequentialSearchSpace? searchSpace, TrialPruner? pruner, Action<KerasSequentialOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentException.ThrowIfNullOrEmpty(features);
        return catalog.KerasSequential(
            (context, network) => new SweptEstimator(
                context, task, new SweptDenseNetwork(network, configure), label, features, weight, pruner),
            (searchSpace ?? new()).ToSearchSpace());
    }

    static SweepableEstimator SweptOwn<T>(
        AutoCatalog catalog, SweptTask task, Func<MLContext, T, Sequential> network,
        Action<KerasSequentialOptions, T>? configure, string label, string features, string? weight,
        SearchSpace<T>? searchSpace, TrialPruner? pruner)
        where T : class, new()
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentException.ThrowIfNullOrEmpty(label);
        ArgumentException.ThrowIfNullOrEmpty(features);
        return catalog.KerasSequential((context, point) =>
        {
            var own = new SweptOwnNetwork(() => network(context, point), options => configure?.Invoke(options, point));
            return new SweptEstimator(context, task, own, label, features, weight, pruner);
        }, searchSpace);
    }
}
