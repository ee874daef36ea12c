using Microsoft.ML.KerasSequential.Callbacks;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

// Texts.
public static partial class SequentialWithOneCallback
{
    /// <inheritdoc cref="Sequential.Fit(IReadOnlyList{string}, NDArray, int?, int, int, IEnumerable{Callback}, double,
    ///    ValidationData, Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq,
    ///    int, int, bool, string, IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static History Fit(this Sequential model, IReadOnlyList<string> x, NDArray? y = null, int? batchSize = null,
        int epochs = 1, int verbose = 1, Callback? callbacks = null, double validationSplit = 0,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, NDArray? sampleWeight = null, int initialEpoch = 0,
        int? stepsPerEpoch = null, int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        NotNull(model).Fit(x, y, batchSize, epochs, verbose, One(callbacks), validationSplit, validationData, shuffle,
            classWeight, sampleWeight, initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize,
            validationFreq, maxQueueSize,
            workers, useMultiprocessing, resumeFrom, progress, cancellationToken);

    /// <inheritdoc cref="Sequential.Evaluate(IReadOnlyList{string}, NDArray, int?, int, NDArray, int?,
    ///    IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static Evaluation Evaluate(this Sequential model, IReadOnlyList<string> x, NDArray? y = null,
        int? batchSize = null, int verbose = 1, NDArray? sampleWeight = null, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        CancellationToken cancellationToken = default) =>
        NotNull(model).Evaluate(x, y, batchSize, verbose, sampleWeight, steps, One(callbacks), maxQueueSize, workers,
            useMultiprocessing, cancellationToken);

    /// <inheritdoc cref="Sequential.Predict(IReadOnlyList{string}, int?, int, int?, IEnumerable{Callback}, int, int,
    ///    bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static NDArray Predict(this Sequential model, IReadOnlyList<string> x, int? batchSize = null,
        int verbose = 0, int? steps = null, Callback? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        NotNull(model).Predict(x, batchSize, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);
}
