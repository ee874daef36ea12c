using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

/// <summary>Training, evaluation and prediction with one callback, which needs no brackets: <c>callbacks: new
/// EarlyStopping()</c>.</summary>
public static partial class SequentialWithOneCallback
{
    /// <inheritdoc cref="Sequential.Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double,
    ///    ValidationData, Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq,
    ///    int, int, bool, string, IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    [OverloadResolutionPriority(1)]
    public static History Fit(this Sequential model, NDArray? x = null, NDArray? y = null, int? batchSize = null,
        int epochs = 1, int verbose = 1,
        Callback? callbacks = null, double validationSplit = 0, ValidationData? validationData = null,
        Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null, NDArray? sampleWeight = null,
        int initialEpoch = 0, int? stepsPerEpoch = null, int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        NotNull(model).Fit(x, y, batchSize, epochs, verbose, One(callbacks), validationSplit, validationData, shuffle,
            classWeight,
            sampleWeight, initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize, validationFreq,
            maxQueueSize, workers,
            useMultiprocessing, resumeFrom, progress, cancellationToken);

    /// <inheritdoc cref="Sequential.Fit(IReadOnlyDictionary{string, NDArray}, IReadOnlyDictionary{string, NDArray},
    ///    int?, int, int, IEnumerable{Callback}, double, ValidationData, Shuffle, IReadOnlyDictionary{int, double},
    ///    IReadOnlyDictionary{string, NDArray}, int, int?, int?, int?, ValidationFreq, int, int, bool, string,
    ///    IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static History Fit(this Sequential model, IReadOnlyDictionary<string, NDArray> x,
        IReadOnlyDictionary<string, NDArray>? y = null,
        int? batchSize = null, int epochs = 1, int verbose = 1, Callback? callbacks = null,
        double validationSplit = 0, ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null,
        IReadOnlyDictionary<string, NDArray>? sampleWeight = null, int initialEpoch = 0, int? stepsPerEpoch = null,
        int? validationSteps = null, int? validationBatchSize = null, ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        NotNull(model).Fit(x, y, batchSize, epochs, verbose, One(callbacks), validationSplit, validationData, shuffle,
            classWeight,
            sampleWeight, initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize, validationFreq,
            maxQueueSize, workers,
            useMultiprocessing, resumeFrom, progress, cancellationToken);

    /// <inheritdoc cref="Sequential.Fit(IReadOnlyList{NDArray}, IReadOnlyList{NDArray}, int?, int, int,
    ///    IEnumerable{Callback}, double, ValidationData, Shuffle, IReadOnlyDictionary{int, double},
    ///    IReadOnlyList{NDArray}, int, int?, int?, int?, ValidationFreq, int, int, bool, string,
    ///    IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static History Fit(this Sequential model, IReadOnlyList<NDArray> x, IReadOnlyList<NDArray>? y = null,
        int? batchSize = null, int epochs = 1,
        int verbose = 1, Callback? callbacks = null, double validationSplit = 0,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, IReadOnlyList<NDArray>? sampleWeight = null,
        int initialEpoch = 0, int? stepsPerEpoch = null, int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        NotNull(model).Fit(x, y, batchSize, epochs, verbose, One(callbacks), validationSplit, validationData, shuffle,
            classWeight,
            sampleWeight, initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize, validationFreq,
            maxQueueSize, workers,
            useMultiprocessing, resumeFrom, progress, cancellationToken);

    /// <inheritdoc cref="Sequential.Fit(BatchSequence, int, int, IEnumerable{Callback}, ValidationData, Shuffle,
    ///    IReadOnlyDictionary{int, double}, int, int?, int?, int?, ValidationFreq, int, int, bool, string,
    ///    IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static History Fit(this Sequential model, BatchSequence x, int epochs = 1, int verbose = 1,
        Callback? callbacks = null,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, int initialEpoch = 0, int? stepsPerEpoch = null,
        int? validationSteps = null, int? validationBatchSize = null, ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        NotNull(model).Fit(x, epochs, verbose, One(callbacks), validationData, shuffle, classWeight, initialEpoch,
            stepsPerEpoch, validationSteps, validationBatchSize, validationFreq, maxQueueSize, workers,
            useMultiprocessing, resumeFrom,
            progress, cancellationToken);

    /// <inheritdoc cref="Sequential.Fit(IEnumerable{Batch}, int, int, IEnumerable{Callback}, ValidationData, Shuffle,
    ///    IReadOnlyDictionary{int, double}, int, int?, int?, int?, ValidationFreq, int, int, bool, string,
    ///    IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static History Fit(this Sequential model, IEnumerable<Batch> x, int epochs = 1, int verbose = 1,
        Callback? callbacks = null,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, int initialEpoch = 0, int? stepsPerEpoch = null,
        int? validationSteps = null, int? validationBatchSize = null, ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        NotNull(model).Fit(x, epochs, verbose, One(callbacks), validationData, shuffle, classWeight, initialEpoch,
            stepsPerEpoch, validationSteps, validationBatchSize, validationFreq, maxQueueSize, workers,
            useMultiprocessing, resumeFrom,
            progress, cancellationToken);

    /// <inheritdoc cref="Sequential.FitGenerator(BatchSequence, int?, int, int, IEnumerable{Callback},
    ///    ValidationData, int?, ValidationFreq, IReadOnlyDictionary{int, double}, int, int, bool, bool, int,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static History FitGenerator(this Sequential model, BatchSequence generator, int? stepsPerEpoch = null,
        int epochs = 1, int verbose = 1,
        Callback? callbacks = null, ValidationData? validationData = null, int? validationSteps = null,
        ValidationFreq? validationFreq = null, IReadOnlyDictionary<int, double>? classWeight = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, bool shuffle = true,
        int initialEpoch = 0, CancellationToken cancellationToken = default) =>
        NotNull(model).FitGenerator(generator, stepsPerEpoch, epochs, verbose, One(callbacks), validationData,
            validationSteps,
            validationFreq, classWeight, maxQueueSize, workers, useMultiprocessing, shuffle, initialEpoch,
            cancellationToken);

    /// <inheritdoc cref="Sequential.FitGenerator(IEnumerable{Batch}, int?, int, int, IEnumerable{Callback},
    ///    ValidationData, int?, ValidationFreq, IReadOnlyDictionary{int, double}, int, int, bool, bool, int,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static History FitGenerator(this Sequential model, IEnumerable<Batch> generator, int? stepsPerEpoch = null,
        int epochs = 1, int verbose = 1,
        Callback? callbacks = null, ValidationData? validationData = null, int? validationSteps = null,
        ValidationFreq? validationFreq = null, IReadOnlyDictionary<int, double>? classWeight = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, bool shuffle = true,
        int initialEpoch = 0, CancellationToken cancellationToken = default) =>
        NotNull(model).FitGenerator(generator, stepsPerEpoch, epochs, verbose, One(callbacks), validationData,
            validationSteps,
            validationFreq, classWeight, maxQueueSize, workers, useMultiprocessing, shuffle, initialEpoch,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Evaluate(BatchSequence, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static Evaluation Evaluate(this Sequential model, BatchSequence x, int verbose = 1, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        NotNull(model).Evaluate(x, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.EvaluateGenerator(BatchSequence, int?, IEnumerable{Callback}, int, int, bool,
    ///    int, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static Evaluation EvaluateGenerator(this Sequential model, BatchSequence generator, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, int verbose = 0,
        CancellationToken cancellationToken = default) =>
        NotNull(model).EvaluateGenerator(generator, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            verbose, cancellationToken);

    /// <inheritdoc cref="Sequential.Predict(BatchSequence, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static NDArray Predict(this Sequential model, BatchSequence x, int verbose = 0, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        NotNull(model).Predict(x, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.PredictGenerator(BatchSequence, int?, IEnumerable{Callback}, int, int, bool, int,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static NDArray PredictGenerator(this Sequential model, BatchSequence generator, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, int verbose = 0,
        CancellationToken cancellationToken = default) =>
        NotNull(model).PredictGenerator(generator, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            verbose, cancellationToken);

    /// <inheritdoc cref="Sequential.Evaluate(IEnumerable{Batch}, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static Evaluation Evaluate(this Sequential model, IEnumerable<Batch> x, int verbose = 1, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        NotNull(model).Evaluate(x, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.EvaluateGenerator(IEnumerable{Batch}, int?, IEnumerable{Callback}, int, int,
    ///    bool, int, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static Evaluation EvaluateGenerator(this Sequential model, IEnumerable<Batch> generator, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, int verbose = 0,
        CancellationToken cancellationToken = default) =>
        NotNull(model).EvaluateGenerator(generator, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            verbose, cancellationToken);

    /// <inheritdoc cref="Sequential.Predict(IEnumerable{Batch}, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static NDArray Predict(this Sequential model, IEnumerable<Batch> x, int verbose = 0, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        NotNull(model).Predict(x, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.PredictGenerator(IEnumerable{Batch}, int?, IEnumerable{Callback}, int, int, bool,
    ///    int, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static NDArray PredictGenerator(this Sequential model, IEnumerable<Batch> generator, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, int verbose = 0,
        CancellationToken cancellationToken = default) =>
        NotNull(model).PredictGenerator(generator, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            verbose, cancellationToken);

    /// <inheritdoc cref="Sequential.Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int,
    ///    int, bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    [OverloadResolutionPriority(1)]
    public static Evaluation Evaluate(this Sequential model, NDArray? x = null, NDArray? y = null,
        int? batchSize = null, int verbose = 1, NDArray? sampleWeight = null,
        int? steps = null, Callback? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        NotNull(model).Evaluate(x, y, batchSize, verbose, sampleWeight, steps, One(callbacks), maxQueueSize, workers,
            useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Evaluate(IReadOnlyDictionary{string, NDArray}, IReadOnlyDictionary{string,
    ///    NDArray}, int?, int, IReadOnlyDictionary{string, NDArray}, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static Evaluation Evaluate(this Sequential model, IReadOnlyDictionary<string, NDArray> x,
        IReadOnlyDictionary<string, NDArray>? y = null,
        int? batchSize = null, int verbose = 1, IReadOnlyDictionary<string, NDArray>? sampleWeight = null,
        int? steps = null, Callback? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default) =>
        NotNull(model).Evaluate(x, y, batchSize, verbose, sampleWeight, steps, One(callbacks), maxQueueSize, workers,
            useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Evaluate(IReadOnlyList{NDArray}, IReadOnlyList{NDArray}, int?, int,
    ///    IReadOnlyList{NDArray}, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static Evaluation Evaluate(this Sequential model, IReadOnlyList<NDArray> x, IReadOnlyList<NDArray>? y = null,
        int? batchSize = null, int verbose = 1,
        IReadOnlyList<NDArray>? sampleWeight = null, int? steps = null, Callback? callbacks = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        CancellationToken cancellationToken = default) =>
        NotNull(model).Evaluate(x, y, batchSize, verbose, sampleWeight, steps, One(callbacks), maxQueueSize, workers,
            useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    [OverloadResolutionPriority(1)]
    public static NDArray Predict(this Sequential model, NDArray x, int? batchSize = null, int verbose = 0,
        int? steps = null, Callback? callbacks = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        CancellationToken cancellationToken = default) =>
        NotNull(model).Predict(x, batchSize, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Predict(IReadOnlyDictionary{string, NDArray}, int?, int, int?,
    ///    IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static NDArray Predict(this Sequential model, IReadOnlyDictionary<string, NDArray> x, int? batchSize = null,
        int verbose = 0, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        CancellationToken cancellationToken = default) =>
        NotNull(model).Predict(x, batchSize, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    /// <inheritdoc cref="Sequential.Predict(IReadOnlyList{NDArray}, int?, int, int?, IEnumerable{Callback}, int, int,
    ///    bool, CancellationToken)"/>
    /// <param name="model">The model.</param>
    /// <param name="callbacks">The callback; pass several as a list.</param>
    public static NDArray Predict(this Sequential model, IReadOnlyList<NDArray> x, int? batchSize = null,
        int verbose = 0, int? steps = null,
        Callback? callbacks = null, int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        CancellationToken cancellationToken = default) =>
        NotNull(model).Predict(x, batchSize, verbose, steps, One(callbacks), maxQueueSize, workers, useMultiprocessing,
            cancellationToken);

    static Sequential NotNull(Sequential model) => model ?? throw new ArgumentNullException(nameof(model));

    static Callback[]? One(Callback? callback) => callback is null ? null : [callback];
}
