using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Hdf5;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Training, evaluation and prediction on data that stays in an HDF5 file.</summary>
public static class SequentialHDF5Extensions
{
    const int DefaultBatchSize = 32;

    /// <summary>Trains a model on rows of a file, which are read batch by batch (Keras <c>fit</c> with an
    /// <c>HDF5Matrix</c>).</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="y">The targets.</param>
    /// <param name="batchSize">The number of rows per update; the last batch of an epoch may be smaller.</param>
    /// <param name="epochs">The last epoch, counted from 1.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar, 2 for one line per epoch.</param>
    /// <param name="callbacks">Callbacks to call.</param>
    /// <param name="validationSplit">The fraction of the rows, taken from the end, to hold out for validation.</param>
    /// <param name="validationData">Data for validation, as arrays or from
    /// <see cref="HDF5Matrix.Batches(int, HDF5Matrix)"/>; overrides the split.</param>
    /// <param name="shuffle"><c>"batch"</c> (the default): whole batches are shuffled in each epoch; false: the order
    /// of the file. Single rows cannot be shuffled.</param>
    /// <param name="classWeight">A weight for the samples of each class.</param>
    /// <param name="initialEpoch">The epoch to start with, counted from 0.</param>
    /// <param name="validationFreq">The epochs after which validation runs.</param>
    /// <param name="cancellationToken">Cancels training between two batches.</param>
    /// <returns>Loss and metrics of each epoch.</returns>
    /// <exception cref="ArgumentException">The data or the arguments are invalid; the model is unchanged.</exception>
    /// <exception cref="InvalidOperationException">The model is not compiled.</exception>
    public static History Fit(this Sequential model, HDF5Matrix x, HDF5Matrix y, int batchSize = DefaultBatchSize,
        int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        double validationSplit = 0, ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, int initialEpoch = 0,
        ValidationFreq? validationFreq = null, CancellationToken cancellationToken = default) =>
        Fit(model, x, RowBatches.Of(y), batchSize, epochs, verbose, callbacks, validationSplit, validationData, shuffle,
            classWeight, initialEpoch, validationFreq, cancellationToken);

    /// <summary>Trains a model on rows of a file, which are read batch by batch, with targets in memory.</summary>
    /// <inheritdoc cref="Fit(Sequential, HDF5Matrix, HDF5Matrix, int, int, int, IEnumerable{Callback}, double,
    ///    ValidationData, Shuffle, IReadOnlyDictionary{int, double}, int, ValidationFreq, CancellationToken)"/>
    public static History Fit(this Sequential model, HDF5Matrix x, NDArray y, int batchSize = DefaultBatchSize,
        int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        double validationSplit = 0, ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, int initialEpoch = 0,
        ValidationFreq? validationFreq = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(y);
        return Fit(model, x, RowBatches.Of(y), batchSize, epochs, verbose, callbacks, validationSplit, validationData,
            shuffle, classWeight, initialEpoch, validationFreq, cancellationToken);
    }

    /// <summary>Computes loss and metrics on rows of a file, which are read batch by batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="y">The targets.</param>
    /// <param name="batchSize">The number of rows per batch.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar.</param>
    /// <param name="callbacks">Callbacks to call.</param>
    /// <param name="cancellationToken">Cancels the evaluation between two batches.</param>
    /// <returns>The loss and the metrics.</returns>
    /// <exception cref="ArgumentException">The data or the arguments are invalid.</exception>
    public static Evaluation Evaluate(this Sequential model, HDF5Matrix x, HDF5Matrix y,
        int batchSize = DefaultBatchSize, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        CancellationToken cancellationToken = default)
    {
        (Sequential judged, HDF5Matrix inputs) = Given(model, x);
        ArgumentNullException.ThrowIfNull(y);
        return judged.Evaluate(inputs.Batches(batchSize, y), verbose, callbacks: callbacks,
            cancellationToken: cancellationToken);
    }

    /// <summary>Computes loss and metrics on rows of a file, which are read batch by batch, with targets in
    /// memory.</summary>
    /// <inheritdoc cref="Evaluate(Sequential, HDF5Matrix, HDF5Matrix, int, int, IEnumerable{Callback},
    ///    CancellationToken)"/>
    public static Evaluation Evaluate(this Sequential model, HDF5Matrix x, NDArray y, int batchSize = DefaultBatchSize,
        int verbose = 1, IEnumerable<Callback>? callbacks = null, CancellationToken cancellationToken = default)
    {
        (Sequential judged, HDF5Matrix inputs) = Given(model, x);
        return judged.Evaluate(inputs.Batches(batchSize, y), verbose, callbacks: callbacks,
            cancellationToken: cancellationToken);
    }

    /// <summary>Computes the outputs for rows of a file, which are read batch by batch.</summary>
    /// <param name="model">The model.</param>
    /// <param name="x">The inputs.</param>
    /// <param name="batchSize">The number of rows per batch.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar.</param>
    /// <param name="callbacks">Callbacks to call.</param>
    /// <param name="cancellationToken">Cancels the prediction between two batches.</param>
    /// <returns>The outputs, one row for each row of the inputs.</returns>
    /// <exception cref="ArgumentException">The rows do not match the model.</exception>
    public static NDArray Predict(this Sequential model, HDF5Matrix x, int batchSize = DefaultBatchSize,
        int verbose = 0, IEnumerable<Callback>? callbacks = null, CancellationToken cancellationToken = default)
    {
        (Sequential predicting, HDF5Matrix inputs) = Given(model, x);
        return predicting.Predict(inputs.Batches(batchSize), verbose, callbacks: callbacks,
            cancellationToken: cancellationToken);
    }

    static History Fit(Sequential model, HDF5Matrix x, (int Count, Func<int, int, NDArray> Rows) y, int batchSize,
        int epochs, int verbose, IEnumerable<Callback>? callbacks, double validationSplit,
        ValidationData? validationData, Shuffle? shuffle, IReadOnlyDictionary<int, double>? classWeight,
        int initialEpoch, ValidationFreq? validationFreq, CancellationToken cancellationToken)
    {
        (Sequential trained, HDF5Matrix inputs) = Given(model, x);
        if (shuffle is { Samples: true })
            throw new ArgumentException("Rows of a file cannot be shuffled one by one, because each would be read "
                + "separately; pass shuffle: \"batch\" or false.", nameof(shuffle));
        if (!(validationSplit >= 0 && validationSplit < 1))
            throw new ArgumentOutOfRangeException(nameof(validationSplit),
                $"The validation split must be in [0, 1); given {validationSplit}.");
        int kept = validationData is null ? (int)(inputs.Count * (1 - validationSplit)) : inputs.Count;
        var training = new RowBatches(inputs, y, batchSize, 0, kept);
        if (kept < inputs.Count) validationData = new RowBatches(inputs, y, batchSize, kept, inputs.Count - kept);
        return trained.Fit(training, epochs, verbose, callbacks, validationData, shuffle ?? "batch", classWeight,
            initialEpoch, validationFreq: validationFreq, cancellationToken: cancellationToken);
    }

    static (Sequential Model, HDF5Matrix X) Given(Sequential model, HDF5Matrix x)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(x);
        return (model, x);
    }
}
