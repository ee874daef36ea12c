using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// One trial: brings the features to mean 0 and deviation 1, holds back a tenth of the rows, drawn at random, and
/// trains a network until these get no better. Its model is a chain of ML.NET's normalizer and
/// a <see cref="KerasSequentialTransformer"/> with the weights of the best epoch.
/// </summary>
internal sealed class SweptEstimator(
    MLContext context, SweptTask task, KerasSequentialNetwork network, string label, string features, string? weight, TrialPruner? pruner, Action<KerasSequentialOptions>? configure)
    : IEstimator<ITransformer>
{
    const double HeldBack = 0.1;

    string Normalized => features + "Normalized";

    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        SweptTask.Output output = task.For(context, input, label, network.Regularizer);
        ITransformer normalizer = Normalizer().Fit(input);
        IDataView normalized = normalizer.Transform(input);
        DataOperationsCatalog.TrainTestData rows = context.Data.TrainTestSplit(normalized, HeldBack);
        IDataView? validation = HasRows(rows.TestSet) ? rows.TestSet : null;
        string monitor = validation is null ? "loss" : "val_loss";
        List<Callback> callbacks = [new EarlyStopping(monitor, patience: network.Patience, restoreBestWeights: true, restoreAtEnd: true), new TerminateOnNaN()];
        if (pruner is not null) callbacks.Add(new PruningCallback(pruner, monitor));
        KerasSequentialTransformer trained;
        try
        {
            trained = Trainer(output, callbacks).Fit(validation is null ? normalized : rows.TrainSet, validation);
        }
        catch (Exception e) when (e is DeviceException or OutOfMemoryException)
        {
            throw new TrialFailedException($"The training failed: {e.Message}", e);
        }
        if (trained.Model.GetWeights().Any(w => w.ToArray().Any(v => !float.IsFinite(v))))
            throw new TrialFailedException($"The loss became NaN, with the learning rate {network.LearningRate} of {network.Optimizer}.");
        return new TransformerChain<ITransformer>(normalizer, trained);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Trainer(new([new Dense(1)]), []).GetOutputSchema(Normalizer().GetOutputSchema(inputSchema));

    IEstimator<ITransformer> Normalizer() => context.Transforms.NormalizeMeanVariance(Normalized, features, fixZero: false);

    KerasSequentialTrainer Trainer(SweptTask.Output output, IReadOnlyList<Callback> callbacks)
    {
        var options = new KerasSequentialOptions
        {
            LabelColumnName = label,
            FeatureColumnName = Normalized,
            ExampleWeightColumnName = weight,
            Optimizer = network.MakeOptimizer(),
            BatchSize = network.BatchSize,
            Epochs = network.Epochs,
            Callbacks = callbacks,
            LossWeights = output.LossWeight,
        };
        configure?.Invoke(options);
        return task.Trainer(context, () => new Sequential([.. network.Hidden(), .. output.Layers]), options);
    }

    static bool HasRows(IDataView view)
    {
        using DataViewRowCursor cursor = view.GetRowCursor([]);
        return cursor.MoveNext();
    }
}
