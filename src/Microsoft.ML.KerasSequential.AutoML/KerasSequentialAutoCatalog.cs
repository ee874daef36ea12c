using Microsoft.ML.AutoML;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.AutoML;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML;

/// <summary>Keras networks that ML.NET's experiments sweep: among the trainers of a <see cref="SweepablePipeline"/>,
/// alone or beside others.</summary>
/// <remarks>
/// Each trial brings the features to mean 0 and deviation 1, holds back a tenth of its rows (of a table of less than
/// 200 rows up to a fifth) and trains until these get no better. On a table of up to 5,000 rows, it then trains on all
/// rows for the best number of epochs; on a larger one, it keeps the weights of the best epoch. A trial that is canceled
/// ends between two batches. One whose loss becomes NaN, or for which memory does not suffice, is reported as failed, and
/// the experiment goes on.
/// </remarks>
public static class KerasSequentialAutoCatalog
{
    /// <summary>A network that tells classes apart, to be swept.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label: a key, a class number from 0 as a number, or a vector with an entry a
    /// class.</param>
    /// <param name="featureColumnName">The features, numbers in a vector or a value.</param>
    /// <param name="exampleWeightColumnName">The factors of the samples, or null.</param>
    /// <param name="searchSpace">What may be chosen; the defaults of <see cref="KerasSequentialSearchSpace"/> if
    /// null.</param>
    /// <param name="pruner">Ends trials that are far behind; none by default.</param>
    /// <param name="configure">Changes the options of each training, such as its device; they hold what the trial has
    /// chosen.</param>
    /// <returns>The estimator, to be appended to a pipeline, alone or beside others.</returns>
    /// <exception cref="ArgumentException">A range of the search space is not in order.</exception>
    public static SweepableEstimator KerasSequentialMulticlass(
        this AutoCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? exampleWeightColumnName = null, KerasSequentialSearchSpace? searchSpace = null,
        TrialPruner? pruner = null, Action<KerasSequentialOptions>? configure = null) =>
        Swept(catalog, new SweptMulticlass(), labelColumnName, featureColumnName, exampleWeightColumnName, searchSpace,
            pruner, configure);

    /// <summary>A network that tells yes and no apart, to be swept.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label: a Boolean, a number (above 0 is yes), or a key of 2 values.</param>
    /// <param name="featureColumnName">The features, numbers in a vector or a value.</param>
    /// <param name="exampleWeightColumnName">The factors of the samples, or null.</param>
    /// <param name="searchSpace">What may be chosen; the defaults of <see cref="KerasSequentialSearchSpace"/> if
    /// null.</param>
    /// <param name="pruner">Ends trials that are far behind; none by default.</param>
    /// <param name="configure">Changes the options of each training, such as its device; they hold what the trial has
    /// chosen.</param>
    /// <returns>The estimator, to be appended to a pipeline, alone or beside others.</returns>
    /// <exception cref="ArgumentException">A range of the search space is not in order.</exception>
    public static SweepableEstimator KerasSequentialBinary(
        this AutoCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? exampleWeightColumnName = null, KerasSequentialSearchSpace? searchSpace = null,
        TrialPruner? pruner = null, Action<KerasSequentialOptions>? configure = null) =>
        Swept(catalog, new SweptBinary(), labelColumnName, featureColumnName, exampleWeightColumnName, searchSpace,
            pruner, configure);

    /// <summary>A network that predicts numbers, to be swept.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="labelColumnName">The label: a number, or a vector of numbers.</param>
    /// <param name="featureColumnName">The features, numbers in a vector or a value.</param>
    /// <param name="exampleWeightColumnName">The factors of the samples, or null.</param>
    /// <param name="searchSpace">What may be chosen; the defaults of <see cref="KerasSequentialSearchSpace"/> if
    /// null.</param>
    /// <param name="pruner">Ends trials that are far behind; none by default.</param>
    /// <param name="configure">Changes the options of each training, such as its device; they hold what the trial has
    /// chosen.</param>
    /// <returns>The estimator, to be appended to a pipeline, alone or beside others.</returns>
    /// <exception cref="ArgumentException">A range of the search space is not in order.</exception>
    public static SweepableEstimator KerasSequentialRegression(
        this AutoCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features",
        string? exampleWeightColumnName = null, KerasSequentialSearchSpace? searchSpace = null,
        TrialPruner? pruner = null, Action<KerasSequentialOptions>? configure = null) =>
        Swept(catalog, new SweptRegression(), labelColumnName, featureColumnName, exampleWeightColumnName, searchSpace,
            pruner, configure);

    /// <summary>A network of your own that tells classes apart, to be swept.</summary>
    /// <typeparam name="T">What is swept: a class of public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Makes a trial's network, with its last layer, such as a softmax of as many units as there
    /// are classes.</param>
    /// <param name="configure">Changes the options of each training, which begin as Adam with 0.003, batches of 32 and
    /// 60 epochs.</param>
    /// <param name="labelColumnName">The label: a key, a class number from 0 as a number, or a vector with an entry a
    /// class.</param>
    /// <param name="featureColumnName">The features, numbers in a vector or a value.</param>
    /// <param name="exampleWeightColumnName">The factors of the samples, or null.</param>
    /// <param name="searchSpace">The space; that of the attributes if null.</param>
    /// <param name="pruner">Ends trials that are far behind; none by default.</param>
    /// <returns>The estimator, to be appended to a pipeline, alone or beside others.</returns>
    public static SweepableEstimator KerasSequentialMulticlass<T>(
        this AutoCatalog catalog, Func<MLContext, T, Sequential> network,
        Action<KerasSequentialOptions, T>? configure = null, string labelColumnName = "Label",
        string featureColumnName = "Features", string? exampleWeightColumnName = null,
        SearchSpace<T>? searchSpace = null, TrialPruner? pruner = null)
        where T : class, new() =>
        SweptOwn(catalog, new SweptMulticlass(), network, configure, labelColumnName, featureColumnName,
            exampleWeightColumnName, searchSpace, pruner);

    /// <summary>A network of your own that tells yes and no apart, to be swept.</summary>
    /// <typeparam name="T">What is swept: a class of public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Makes a trial's network, with its last layer, such as a sigmoid of one unit.</param>
    /// <param name="configure">Changes the options of each training, which begin as Adam with 0.003, batches of 32 and
    /// 60 epochs.</param>
    /// <param name="labelColumnName">The label: a Boolean, a number (above 0 is yes), or a key of 2 values.</param>
    /// <param name="featureColumnName">The features, numbers in a vector or a value.</param>
    /// <param name="exampleWeightColumnName">The factors of the samples, or null.</param>
    /// <param name="searchSpace">The space; that of the attributes if null.</param>
    /// <param name="pruner">Ends trials that are far behind; none by default.</param>
    /// <returns>The estimator, to be appended to a pipeline, alone or beside others.</returns>
    public static SweepableEstimator KerasSequentialBinary<T>(
        this AutoCatalog catalog, Func<MLContext, T, Sequential> network,
        Action<KerasSequentialOptions, T>? configure = null, string labelColumnName = "Label",
        string featureColumnName = "Features", string? exampleWeightColumnName = null,
        SearchSpace<T>? searchSpace = null, TrialPruner? pruner = null)
        where T : class, new() =>
        SweptOwn(catalog, new SweptBinary(), network, configure, labelColumnName, featureColumnName,
            exampleWeightColumnName, searchSpace, pruner);

    /// <summary>A network of your own that predicts numbers, to be swept. It is trained on the labels as they
    /// are.</summary>
    /// <typeparam name="T">What is swept: a class of public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Makes a trial's network, with its last layer, such as a linear one of one unit.</param>
    /// <param name="configure">Changes the options of each training, which begin as Adam with 0.003, batches of 32 and
    /// 60 epochs.</param>
    /// <param name="labelColumnName">The label: a number, or a vector of numbers.</param>
    /// <param name="featureColumnName">The features, numbers in a vector or a value.</param>
    /// <param name="exampleWeightColumnName">The factors of the samples, or null.</param>
    /// <param name="searchSpace">The space; that of the attributes if null.</param>
    /// <param name="pruner">Ends trials that are far behind; none by default.</param>
    /// <returns>The estimator, to be appended to a pipeline, alone or beside others.</returns>
    public static SweepableEstimator KerasSequentialRegression<T>(
        this AutoCatalog catalog, Func<MLContext, T, Sequential> network,
        Action<KerasSequentialOptions, T>? configure = null, string labelColumnName = "Label",
        string featureColumnName = "Features", string? exampleWeightColumnName = null,
        SearchSpace<T>? searchSpace = null, TrialPruner? pruner = null)
        where T : class, new() =>
        SweptOwn(catalog, new SweptRegression(), network, configure, labelColumnName, featureColumnName,
            exampleWeightColumnName, searchSpace, pruner);

    /// <summary>A network of your own in a trainer of your own, over a search space of your own.</summary>
    /// <typeparam name="T">What is swept: a class of public properties, with ML.NET's attributes <c>Range</c>,
    /// <c>Choice</c> and <c>BooleanChoice</c>.</typeparam>
    /// <param name="catalog">The catalog.</param>
    /// <param name="network">Makes a trial's trainer, such as <c>(ml, p) =>
    /// ml.MulticlassClassification.Trainers.KerasSequential(…)</c>. Use the context that it is given: the experiment
    /// cancels that one.</param>
    /// <param name="searchSpace">The space; that of the attributes if null.</param>
    /// <returns>The estimator, to be appended to a pipeline, alone or beside others.</returns>
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

    /// <summary>The trained network of a model that an experiment found.</summary>
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
