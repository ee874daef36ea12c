using System.Runtime.CompilerServices;
using Microsoft.Data.Analysis;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.DataFrames;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

/// <summary>Trains networks on data frames and writes predictions to them.</summary>
/// <remarks>Columns contain numbers or Booleans, or vectors of float32; null becomes NaN, which training rejects and
/// prediction propagates.</remarks>
public static class KerasSequentialDataFrames
{
    extension(NDArray)
    {
        /// <summary>Reads columns of a data frame side by side (rows, values).</summary>
        /// <param name="data">The frame.</param>
        /// <param name="columns">The columns; all by default.</param>
        /// <returns>A new array.</returns>
        /// <exception cref="ArgumentException">A column does not exist, or is not numeric.</exception>
        public static NDArray FromDataFrame(DataFrame data, params string[] columns)
        {
            ArgumentNullException.ThrowIfNull(data);
            ArgumentNullException.ThrowIfNull(columns);
            return FrameColumns.Read(columns.Length == 0 ? [.. data.Columns]
                : FrameColumns.Find(data, columns, nameof(columns)), nameof(columns));
        }
    }

    /// <summary>Trains a network on columns of a data frame (Keras <c>fit</c>).</summary>
    /// <param name="model">The network, compiled.</param>
    /// <param name="data">The rows.</param>
    /// <param name="features">The input columns, in order.</param>
    /// <param name="labels">The label columns.</param>
    /// <param name="batchSize">The number of rows per update; 32 by default.</param>
    /// <param name="epochs">The last epoch, counted from 1.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar, 2 for one line per epoch.</param>
    /// <param name="callbacks">Callbacks to call during training.</param>
    /// <param name="validationSplit">The fraction of the rows, from the end, to hold out for validation.</param>
    /// <param name="validationData">Other rows with the same columns; they override the split.</param>
    /// <param name="shuffle">Whether rows are shuffled before each epoch (the default).</param>
    /// <param name="classWeight">A weight for the rows of each class.</param>
    /// <param name="sampleWeight">The column of sample weights.</param>
    /// <param name="initialEpoch">The epoch to start with, counted from 0.</param>
    /// <param name="validationFreq">The epochs after which validation runs.</param>
    /// <param name="cancellationToken">Cancels training between two batches.</param>
    /// <returns>Loss and metrics of each epoch.</returns>
    /// <exception cref="InvalidOperationException">The network is not compiled.</exception>
    /// <exception cref="ArgumentException">A column does not exist, is not numeric, or does not match the
    /// network.</exception>
    public static History Fit(this Sequential model, DataFrame data, IReadOnlyList<string> features,
        IReadOnlyList<string> labels, int? batchSize = null, int epochs = 1, int verbose = 1,
        IEnumerable<Callback>? callbacks = null, double validationSplit = 0, DataFrame? validationData = null,
        Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null,
        string? sampleWeight = null, int initialEpoch = 0, ValidationFreq? validationFreq = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        (NDArray x, NDArray y, NDArray? weights) = Read(data, features, labels, sampleWeight);
        ValidationData? held = null;
        if (validationData is not null)
        {
            (NDArray heldX, NDArray heldY, NDArray? heldWeights) = Read(validationData, features, labels, sampleWeight);
            held = new(heldX, heldY, heldWeights);
        }
        return model.Fit(x, y, batchSize, epochs, verbose, callbacks, validationSplit, held, shuffle, classWeight,
            weights, initialEpoch, validationFreq: validationFreq, cancellationToken: cancellationToken);
    }

    /// <summary>Trains a network on columns of a data frame, with one callback.</summary>
    /// <param name="model">The network, compiled.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    /// <inheritdoc cref="Fit(Sequential, DataFrame, IReadOnlyList{string}, IReadOnlyList{string}, int?, int, int,
    ///    IEnumerable{Callback}, double, DataFrame, Shuffle, IReadOnlyDictionary{int, double}, string, int,
    ///    ValidationFreq, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public static History Fit(this Sequential model, DataFrame data, IReadOnlyList<string> features,
        IReadOnlyList<string> labels, int? batchSize = null, int epochs = 1, int verbose = 1,
        Callback? callbacks = null, double validationSplit = 0, DataFrame? validationData = null,
        Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null,
        string? sampleWeight = null, int initialEpoch = 0, ValidationFreq? validationFreq = null,
        CancellationToken cancellationToken = default) =>
        Fit(model, data, features, labels, batchSize, epochs, verbose,
            callbacks is null ? null : (Callback[])[callbacks], validationSplit, validationData, shuffle, classWeight,
            sampleWeight, initialEpoch, validationFreq, cancellationToken);

    /// <summary>Computes loss and metrics on columns of a data frame (Keras <c>evaluate</c>).</summary>
    /// <param name="model">The network, compiled.</param>
    /// <param name="data">The rows.</param>
    /// <param name="features">The input columns, in order.</param>
    /// <param name="labels">The label columns.</param>
    /// <param name="batchSize">The number of rows per batch; 32 by default.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar.</param>
    /// <param name="sampleWeight">The column of sample weights.</param>
    /// <returns>The values by name.</returns>
    /// <exception cref="InvalidOperationException">The network is not compiled.</exception>
    /// <exception cref="ArgumentException">A column does not exist, is not numeric, or does not match the
    /// network.</exception>
    public static Evaluation Evaluate(this Sequential model, DataFrame data, IReadOnlyList<string> features,
        IReadOnlyList<string> labels, int? batchSize = null, int verbose = 1, string? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (NDArray x, NDArray y, NDArray? weights) = Read(data, features, labels, sampleWeight);
        return model.Evaluate(x, y, batchSize, verbose, weights);
    }

    /// <summary>Adds predictions to the columns of a data frame (Keras <c>predict</c>).</summary>
    /// <param name="model">The network.</param>
    /// <param name="data">The rows.</param>
    /// <param name="features">The input columns, in order.</param>
    /// <param name="outputs">The names of the new columns, one for each output of the network; by default
    /// <c>Prediction</c>, or <c>Prediction.0</c>, <c>Prediction.1</c> …</param>
    /// <param name="batchSize">The number of rows per batch; 32 by default.</param>
    /// <returns>A frame with the columns of the given one, which are shared, and the new ones.</returns>
    /// <exception cref="ArgumentException">A column does not exist, is not numeric, or does not match the network, or
    /// the new names do not.</exception>
    public static DataFrame Predict(this Sequential model, DataFrame data, IReadOnlyList<string> features,
        IReadOnlyList<string>? outputs = null, int? batchSize = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(features);
        NDArray p = model.Predict(
            FrameColumns.Read(FrameColumns.Find(data, features, nameof(features)), nameof(features)), batchSize);
        int width = p.Shape[1..].ToArray().Aggregate(1, (a, b) => a * b);
        outputs ??= width == 1 ? ["Prediction"] : [.. Enumerable.Range(0, width).Select(i => $"Prediction.{i}")];
        if (outputs.Count != width)
            throw new ArgumentException(
                $"The network has {width} outputs per row, but {outputs.Count} names were given.", nameof(outputs));
        if (outputs.FirstOrDefault(name => data.Columns.Any(c => c.Name == name)) is { } taken)
            throw new ArgumentException($"The frame already has a column \"{taken}\".", nameof(outputs));
        int rows = p.Shape[0];
        return new([.. data.Columns,
            .. outputs.Select((name, i) =>
                new SingleDataFrameColumn(name, Enumerable.Range(0, rows).Select(r => p.Span[r * width + i])))]);
    }

    /// <summary>Converts a history to a frame: the column <c>epoch</c>, counted from 0, and one for the loss and each
    /// metric.</summary>
    /// <param name="history">The history.</param>
    /// <returns>A new frame, one row per epoch; values that an epoch lacks, for example without validation, are
    /// null.</returns>
    public static DataFrame ToDataFrame(this History history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var epochs = new Int32DataFrameColumn("epoch", history.Epoch);
        return new([epochs, .. history.Keys.Select(name => new DoubleDataFrameColumn(name, history.Column(name)))]);
    }

    static (NDArray X, NDArray Y, NDArray? Weights) Read(DataFrame data, IReadOnlyList<string> features,
        IReadOnlyList<string> labels, string? sampleWeight)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        NDArray x = FrameColumns.Read(FrameColumns.Find(data, features, nameof(features)), nameof(features)),
            y = FrameColumns.Read(FrameColumns.Find(data, labels, nameof(labels)), nameof(labels));
        NDArray? weights = sampleWeight is null ? null
            : FrameColumns.Read(FrameColumns.Find(data, [sampleWeight], nameof(sampleWeight)), nameof(sampleWeight));
        return (x, y, weights?.Reshape(-1));
    }
}
