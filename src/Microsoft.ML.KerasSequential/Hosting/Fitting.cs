using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Reading;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>A training run: reads or streams the rows, and calls Keras' <c>fit</c>.</summary>
internal sealed class Fitting(Sequential model, KerasSequentialOptions options, int[] sample, long seed,
    IChannel channel, CancellationToken token)
{
    int BatchSize => options.BatchSize ?? model.BatchInputShape?[0] ?? Sequential.DefaultBatchSize;

    /// <summary>Trains on rows, with validation on other rows or on a split.</summary>
    public History Run(RowSource rows, RowSource? validation)
    {
        double split = validation is null ? options.ValidationSplit : 0;
        RowTable.Reading all = Read(rows, split, Ranks);
        long trained = all.Count - RowTable.HeldBack(all.Count, split);
        if (all.Count == 0) throw Complaint.About("input", "There are no rows with features and a label to train on.");
        if (trained == 0)
            throw Complaint.About("input",
                $"A validation split of {split} leaves none of the {all.Count} rows for training.");
        Callback[] hooks = [.. options.Callbacks ?? [], new TrainingLog(channel)];
        if (Ranks is { } ranks && all.Table is { } own
            && RunDealt(own, all, trained, validation, hooks, ranks) is { } history)
            return history;

        ValidationData? judged = validation is not null ? Judged(validation, Read(validation, 0, null))
            : trained == all.Count ? null
            : all.HeldBack is { } held && options.ValidationSteps is null && Ranks is null ? Arrays(held)
            : new ValidationData(Stream(rows, trained, all.Count - trained, shuffle: false));

        if (all.Table is { } table && options.StepsPerEpoch is null && Ranks is null)
        {
            return model.Fit(table.X, table.Y, BatchSize, options.Epochs, options.Verbose, hooks,
                validationData: judged, shuffle: options.Shuffle, sampleWeight: table.Weights,
                initialEpoch: options.InitialEpoch, validationSteps: options.ValidationSteps,
                validationFreq: options.ValidationFreq, maxQueueSize: options.MaxQueueSize, workers: options.Workers,
                useMultiprocessing: options.UseMultiprocessing, resumeFrom: options.ResumeFrom,
                progress: options.Progress, cancellationToken: token);
        }
        return model.Fit(Stream(rows, 0, trained, shuffle: true), options.Epochs, options.Verbose, hooks, judged,
            initialEpoch: options.InitialEpoch, stepsPerEpoch: options.StepsPerEpoch,
            validationSteps: options.ValidationSteps, validationFreq: options.ValidationFreq,
            maxQueueSize: options.MaxQueueSize, workers: options.Workers,
            useMultiprocessing: options.UseMultiprocessing, resumeFrom: options.ResumeFrom, progress: options.Progress,
            cancellationToken: token);
    }

    /// <summary>The processes that train together, if there are several.</summary>
    Distribution? Ranks => options.Distribution is { Size: > 1 } several ? several : null;

    /// <summary>Trains on this process's share of the rows; null if steps are counted, or the validation rows do not
    /// fit in memory: then batches are streamed.</summary>
    History? RunDealt(RowTable own, RowTable.Reading all, long trained, RowSource? validation, Callback[] hooks,
        Distribution ranks)
    {
        if (options.StepsPerEpoch is not null || options.ValidationSteps is not null) return null;
        DealtRows? judged = all.HeldBack is { } rest ? Dealt(rest, all.Count - trained, (int)(trained % ranks.Size))
            : null;
        if (validation is not null)
        {
            RowTable.Reading read = Read(validation, 0, ranks);
            if (read.Count == 0)
                throw Complaint.About("validationData", "There are no rows with features and a label to validate on.");
            if (read.Table is null) return null;
            judged = Dealt(read.Table, read.Count, 0);
        }
        return model.FitDealt(Dealt(own, trained, 0), judged, BatchSize, options.Epochs, options.Verbose, hooks,
            options.Shuffle, options.InitialEpoch, options.ValidationFreq, options.ResumeFrom, token,
            options.Progress);

        static DealtRows Dealt(RowTable table, long total, int firstRank) =>
            new(table.X, table.Y, table.Weights, Graphs.Counts.Fits(total, "The rows of all ranks"), firstRank);
    }

    RowTable.Reading Read(RowSource rows, double split, Distribution? ranks)
    {
        RowTable.Reading read = RowTable.Read(rows, sample, split, options.MaxInMemoryBytes, ranks, token);
        TrainingLog.LeftOut(channel, read.LeftOut);
        if (read.Table is null)
            channel.Info(MessageSensitivity.None, "{0}",
                $"{read.Count} rows need more than {options.MaxInMemoryBytes} bytes; they are streamed.");
        return read;
    }

    ValidationData Judged(RowSource rows, RowTable.Reading read) =>
        read.Count == 0
        ? throw Complaint.About("validationData", "There are no rows with features and a label to validate on.")
        : read.Table is { } table && options.ValidationSteps is null ? Arrays(table)
        : new(Stream(rows, 0, read.Count, shuffle: false));

    static ValidationData Arrays(RowTable table) => new(table.X, table.Y, table.Weights);

    StreamedBatches Stream(RowSource rows, long from, long count, bool shuffle) =>
        new(rows, sample, from, count, BatchSize, options.MaxInMemoryBytes, shuffle ? options.Shuffle ?? true : false,
            seed, options.MaxQueueSize, token);
}
