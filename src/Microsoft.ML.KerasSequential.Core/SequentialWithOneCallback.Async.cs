using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;

#pragma warning disable CS1573 // The parameters without a line of their own inherit it.

namespace Microsoft.ML.KerasSequential;

// The same for data that arrives asynchronously.
public static partial class SequentialWithOneCallback
{
    /// <inheritdoc cref="Sequential.Fit(IAsyncEnumerable{Batch}, int, int, IEnumerable{Callback}, ValidationData,
    ///    Shuffle, IReadOnlyDictionary{int, double}, int, int?, int?, int?, ValidationFreq, int, int, bool, string,
    ///    IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">One hook; several go as a list.</param>
    [OverloadResolutionPriority(-1)]
    public static History Fit(this Sequential model, IAsyncEnumerable<Batch> x, int epochs = 1, int verbose = 1,
        Callback? callbacks = null, ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null,
        int initialEpoch = 0, int? stepsPerEpoch = null, int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        NotNull(model).Fit(x, epochs, verbose, One(callbacks), validationData, shuffle, classWeight, initialEpoch,
            stepsPerEpoch, validationSteps, validationBatchSize, validationFreq, maxQueueSize, workers,
            useMultiprocessing, resumeFrom,
            progress,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Evaluate(IAsyncEnumerable{Batch}, int, int?, IEnumerable{Callback}, int, int,
    ///    bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">One hook; several go as a list.</param>
    [OverloadResolutionPriority(-1)]
    public static Evaluation Evaluate(this Sequential model, IAsyncEnumerable<Batch> x, int verbose = 1,
        int? steps = null, Callback? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false,
        CancellationToken cancellationToken = default) =>
        NotNull(model).Evaluate(x, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Predict(IAsyncEnumerable{Batch}, int, int?, IEnumerable{Callback}, int, int,
    ///    bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">One hook; several go as a list.</param>
    [OverloadResolutionPriority(-1)]
    public static NDArray Predict(this Sequential model, IAsyncEnumerable<Batch> x, int verbose = 0, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        CancellationToken cancellationToken = default) =>
        NotNull(model).Predict(x, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);
}
