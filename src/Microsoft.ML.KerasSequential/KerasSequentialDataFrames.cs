using System.Runtime.CompilerServices;
using Microsoft.Data.Analysis;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.DataFrames;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

/// <summary>Data frames as what networks learn from and write into.</summary>
/// <remarks>Columns hold numbers or Booleans, or vectors of float32; what is null is NaN, which training refuses and prediction passes on.</remarks>
public static class KerasSequentialDataFrames
{
    extension(NDArray)
    {
        /// <summary>Columns of a data frame side by side (rows, values).</summary>
        /// <param name="data">The frame.</param>
        /// <param name="columns">The columns; all by default.</param>
        /// <returns>A new array.</returns>
        /// <exception cref="ArgumentException">There is no such column, or it holds no numbers.</exception>
        public static NDArray FromDataFrame(DataFrame data, params string[] columns)
        {
            ArgumentNullException.ThrowIfNull(data);
            ArgumentNullException.ThrowIfNull(columns);
            return FrameColumns.Read(columns.Length == 0 ? [.. data.Columns] : FrameColumns.Find(data, columns, nameof(columns)), nameof(columns));
        }
    }

    /// <summary>Trains a network on columns of a data frame (Keras <c>fit</c>).</summary>
    /// <param name="model">The network, compiled.</param>
    /// <param name="data">The rows.</param>
    /// <param name="features">The columns that it sees, one after the other.</param>
    /// <param name="labels">The columns that it learns.</param>
    /// <param name="batchSize">Rows an update; 32 by default.</param>
    /// <param name="epochs">The last epoch, counted from 1.</param>
    /// <param name="verbose">0 for silence, 1 for a progress bar, 2 for a line an epoch.</param>
    /// <param name="callbacks">Hooks.</param>
    /// <param name="validationSplit">The share of the rows, from the end, that is held back for validation.</param>
    /// <param name="validationData">Other rows with the same columns; they win over the split.</param>
    /// <param name="shuffle">Whether rows are reordered before each epoch (the default).</param>
    /// <param name="classWeight">A factor for the rows of each class.</param>
    /// <param name="sampleWeight">The column of factors of the rows.</param>
    /// <param name="initialEpoch">The epoch to begin with, counted from 0.</param>
    /// <param name="validationFreq">After which epochs validation runs.</param>
    /// <param name="cancellationToken">Ends the training between two batches.</param>
    /// <returns>Loss and metrics of each epoch.</returns>
    /// <exception cref="InvalidOperationException">The network is not compiled.</exception>
    /// <exception cref="ArgumentException">There is no such column, it holds no numbers, or it does not fit the network.</exception>
    public static History Fit(this Sequential model, DataFrame data, IReadOnlyList<string> features, IReadOnlyList<string> labels, int? batchSize = null, int epochs = 1, int verbose = 1,
        IEnumerable<Callback>? callbacks = null, double validationSplit = 0, DataFrame? validationData = null, Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null,
        string? sampleWeight = null, int initialEpoch = 0, ValidationFreq? validationFreq = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        (NDArray x, NDArray y, NDArray? weights) = Read(data, features, labels, sampleWeight);
        ValidationData? held = null;
        if (validationData is not null)
        {
            (NDArray heldX, NDArray heldY, NDArray? heldWeights) = Read(validationData, features, labels, sampleWeight);
            held = new(heldX, heldY, heldWeights);
        }
        return model.Fit(x, y, batchSize, epochs, verbose, callbacks, validationSplit, held, shuffle, classWeight, weights, initialEpoch, validationFreq: validationFreq, cancellationToken: cancellationToken);
    }

    /// <summary>Trains a network on columns of a data frame, with one callback.</summary>
    /// <param name="model">The network, compiled.</param>
    /// <param name="callbacks">One hook; several go as a list.</param>
    /// <inheritdoc cref="Fit(Sequential, DataFrame, IReadOnlyList{string}, IReadOnlyList{string}, int?, int, int, IEnumerable{Callback}, double, DataFrame, Shuffle, IReadOnlyDictionary{int, double}, string, int, ValidationFreq, CancellationToken)"/>
    [OverloadResolutionPriority(-1)]
    public static History Fit(this Sequential model, DataFrame data, IReadOnlyList<string> features, IReadOnlyList<string> labels, int? batchSize = null, int epochs = 1, int verbose = 1,
        Callback? callbacks = null, double validationSplit = 0, DataFrame? validationData = null, Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null,
        string? sampleWeight = null, int initialEpoch = 0, ValidationFreq? validationFreq = null, CancellationToken cancellationToken = default) =>
        Fit(model, data, features, labels, batchSize, epochs, verbose, callbacks is null ? null : (Callback[])[callbacks], validationSplit, validationData, shuffle, classWeight,
            sampleWeight, initialEpoch, validationFreq, cancellationToken);

    /// <summary>Loss and metrics on columns of a data frame (Keras <c>evaluate</c>).</summary>
    /// <param name="model">The network, compiled.</param>
    /// <param name="data">The rows.</param>
    /// <param name="features">The columns that it sees, one after the other.</param>
    /// <param name="labels">The columns that it has learnt.</param>
    /// <param name="batchSize">Rows at a time; 32 by default.</param>
    /// <param name="verbose">0 for silence, 1 for a progress bar.</param>
    /// <param name="sampleWeight">The column of factors of the rows.</param>
    /// <returns>The values by name.</returns>
    /// <exception cref="InvalidOperationException">The network is not compiled.</exception>
    /// <exception cref="ArgumentException">There is no such column, it holds no numbers, or it does not fit the network.</exception>
    public static Evaluation Evaluate(this Sequential model, DataFrame data, IReadOnlyList<string> features, IReadOnlyList<string> labels, int? batchSize = null, int verbose = 1, string? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (NDArray x, NDArray y, NDArray? weights) = Read(data, features, labels, sampleWeight);
        return model.Evaluate(x, y, batchSize, verbose, weights);
    }

    /// <summary>Predictions beside the columns of a data frame (Keras <c>predict</c>).</summary>
    /// <param name="model">The network.</param>
    /// <param name="data">The rows.</param>
    /// <param name="features">The columns that it sees, one after the other.</param>
    /// <param name="outputs">The names of the new columns, one for each number that the network gives; by default <c>Prediction</c>, or <c>Prediction.0</c>, <c>Prediction.1</c> …</param>
    /// <param name="batchSize">Rows at a time; 32 by default.</param>
    /// <returns>A frame with the columns of the given one, which are shared, and the new ones.</returns>
    /// <exception cref="ArgumentException">There is no such column, it holds no numbers, it does not fit the network, or the new names do not.</exception>
    public static DataFrame Predict(this Sequential model, DataFrame data, IReadOnlyList<string> features, IReadOnlyList<string>? outputs = null, int? batchSize = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(features);
        NDArray p = model.Predict(FrameColumns.Read(FrameColumns.Find(data, features, nameof(features)), nameof(features)), batchSize);
        int width = p.Shape[1..].ToArray().Aggregate(1, (a, b) => a * b);
        outputs ??= width == 1 ? ["Prediction"] : [.. Enumerable.Range(0, width).Select(i => $"Prediction.{i}")];
        if (outputs.Count != width) throw new ArgumentException($"The network gives {width} numbers a row, but {outputs.Count} names were given.", nameof(outputs));
        if (outputs.FirstOrDefault(name => data.Columns.Any(c => c.Name == name)) is { } taken) throw new ArgumentException($"The frame has a column \"{taken}\" already.", nameof(outputs));
        int rows = p.Shape[0];
        return new([.. data.Columns, .. outputs.Select((name, i) => new SingleDataFrameColumn(name, Enumerable.Range(0, rows).Select(r => p.Span[r * width + i])))]);
    }

    /// <summary>A history as a frame: the column <c>epoch</c>, counted from 0, and one for the loss and each metric.</summary>
    /// <param name="history">The history.</param>
    /// <returns>A new frame, a row an epoch; a value that an epoch lacks, such as that of a validation which did not run, is null.</returns>
    public static DataFrame ToDataFrame(this History history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var epochs = new Int32DataFrameColumn("epoch", history.Epoch);
        return new([epochs, .. history.Keys.Select(name => new DoubleDataFrameColumn(name, history.Column(name)))]);
    }

    static (NDArray X, NDArray Y, NDArray? Weights) Read(DataFrame data, IReadOnlyList<string> features, IReadOnlyList<string> labels, string? sampleWeight)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        NDArray x = FrameColumns.Read(FrameColumns.Find(data, features, nameof(features)), nameof(features)), y = FrameColumns.Read(FrameColumns.Find(data, labels, nameof(labels)), nameof(labels));
        NDArray? weights = sampleWeight is null ? null : FrameColumns.Read(FrameColumns.Find(data, [sampleWeight], nameof(sampleWeight)), nameof(sampleWeight));
        return (x, y, weights?.Reshape(-1));
    }
}
