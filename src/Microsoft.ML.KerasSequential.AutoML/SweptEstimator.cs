using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>
/// One trial: normalizes the features to mean 0 and standard deviation 1, holds out a random tenth of the rows (more of
/// a small table, to be meaningful), and trains a network until the loss on these stops improving. On a small table,
/// the network is then trained on all rows for the best number of epochs. The model is a chain of ML.NET's normalizer
/// and a <see cref="KerasSequentialTransformer"/> with the weights of the best epoch.
/// </summary>
internal sealed class SweptEstimator(
    MLContext context, SweptTask task, SweptNetwork network, string label, string features, string? weight,
    TrialPruner? pruner) : IEstimator<ITransformer>
{
    const double HeldBack = 0.1, MostHeldBack = 0.2;
    const int LeastHeldBack = 20;
    const long MostRowsOfSmallTable = 5000;

    /// <summary>Weights, gradients, two optimizer averages, and the best weights so far, with 4 bytes each.</summary>
    const int BytesAWeight = 5 * sizeof(float);

    string Normalized => features + "Normalized";

    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        SweptTask.Output output = task.For(context, input, label, network.Regularizer);
        ITransformer normalizer = Normalizer().Fit(input);
        IDataView normalized = normalizer.Transform(input);
        CheckMemory(normalized, output);
        return new TransformerChain<ITransformer>(normalizer, Train(normalized, output));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Trainer(new([new Dense(1)]), rows: 1, []).GetOutputSchema(Normalizer().GetOutputSchema(inputSchema));

    /// <summary>A network that exceeds memory would bring down the whole process.</summary>
    void CheckMemory(IDataView rows, SweptTask.Output output)
    {
        int inputs = rows.Schema[Normalized].Type is VectorDataViewType { Size: > 0 } vector ? vector.Size : 1;
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (network.CountWeights(inputs, output) is long weights && weights > available / BytesAWeight)
        {
            throw new TrialFailedException($"The network has {weights:N0} weights; training it takes "
                + $"{weights / 1e9 * BytesAWeight:N1} GB of memory, but only {available / 1e9:N1} GB are available.");
        }
    }

    KerasSequentialTransformer Train(IDataView rows, SweptTask.Output output)
    {
        long count = Count(rows);
        double heldBack = Math.Clamp(LeastHeldBack / (double)Math.Max(1, count), HeldBack, MostHeldBack);
        DataOperationsCatalog.TrainTestData parts = context.Data.TrainTestSplit(rows, heldBack);
        (IDataView training, IDataView? validation, string monitor) = Count(parts.TestSet) > 0
            ? (parts.TrainSet, parts.TestSet, "val_loss") : (rows, null, "loss");
        long learnt = Count(training);
        int patience = network.PatienceFor(learnt);
        List<Callback> callbacks =
        [
            new EarlyStopping(monitor, patience: patience, restoreBestWeights: true, restoreAtEnd: true),
            new TerminateOnNaN(),
        ];
        PruningCallback? pruning = pruner is null ? null : new(pruner, monitor);
        if (pruning is not null) callbacks.Add(pruning);
        KerasSequentialTransformer trained = Trainer(output, learnt, callbacks).Fit(training, validation);

        bool isFinal = validation is null || count > MostRowsOfSmallTable || pruning is { HasPruned: true };
        if (isFinal || !trained.History!.TryGetValue(monitor, out IReadOnlyList<double>? losses)
            || losses.Any(double.IsNaN)) return trained;
        int bestEpoch = losses.Index().MinBy(epoch => epoch.Item).Index;
        return Trainer(output, count, [new TerminateOnNaN()], epochs: bestEpoch + 1).Fit(rows);
    }

    IEstimator<ITransformer> Normalizer() =>
        context.Transforms.NormalizeMeanVariance(Normalized, features, fixZero: false);

    KerasSequentialTrainer Trainer(
        SweptTask.Output output, long rows, IReadOnlyList<Callback> callbacks, int? epochs = null)
    {
        var options = new KerasSequentialOptions
        {
            LabelColumnName = label,
            FeatureColumnName = Normalized,
            ExampleWeightColumnName = weight,
            Callbacks = callbacks,
            LossWeights = output.LossWeight,
        };
        network.Configure(options, rows);
        if (epochs is int known) (options.Epochs, options.Callbacks) = (known, callbacks);
        return task.Trainer(context, () => network.Build(output), options);
    }

    static long Count(IDataView view)
    {
        if (view.GetRowCount() is long known) return known;
        using DataViewRowCursor cursor = view.GetRowCursor([]);
        long rows = 0;
        while (cursor.MoveNext()) rows++;
        return rows;
    }
}
