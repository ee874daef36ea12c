using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Numerics;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

// Training on arrays.
public sealed partial class Sequential
{
    internal const int DefaultBatchSize = 32;

    ulong _shuffles;

    /// <summary>The history of the last training run.</summary>
    public History? History { get; private set; }

    /// <summary>Whether to stop training after the current batch; set by callbacks.</summary>
    public bool StopTraining { get; set; }

    /// <summary>Trains the model on arrays (Keras <c>fit</c>).</summary>
    /// <param name="x">The inputs, one sample per row; null for the data passed as <c>targetTensors</c> to
    /// <see cref="Compile"/>.</param>
    /// <param name="y">The targets, one sample per row; a flat array is one value per sample. Null for the
    /// <c>targetTensors</c>, or for a model without a loss.</param>
    /// <param name="batchSize">The number of samples per update; 32 by default. The last batch of an epoch may be
    /// smaller.</param>
    /// <param name="epochs">The last epoch, counted from 1.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar, 2 for one line per epoch.</param>
    /// <param name="callbacks">Callbacks to call during training.</param>
    /// <param name="validationSplit">The fraction of the samples, taken from the end before shuffling, to hold out for
    /// validation.</param>
    /// <param name="validationData">Data for validation; overrides the split.</param>
    /// <param name="shuffle">Whether samples (the default) or whole batches are shuffled before each epoch.</param>
    /// <param name="classWeight">
    /// A weight for the samples of each class, the column of the largest target; <see cref="OneHotClassWeights"/>
    /// rejects samples with several labels.
    /// </param>
    /// <param name="sampleWeight">One weight per sample, or per time step.</param>
    /// <param name="initialEpoch">The epoch to start with, counted from 0.</param>
    /// <param name="stepsPerEpoch">The number of updates per epoch, each on all the data; instead of a batch
    /// size.</param>
    /// <param name="validationSteps">The number of validation passes over its arrays (only with
    /// <paramref name="stepsPerEpoch"/>), or of batches to take.</param>
    /// <param name="validationBatchSize">The number of samples per batch of validation on arrays; by default, the
    /// batch size of training, or 32 if the training data comes in batches.</param>
    /// <param name="validationFreq">The epochs after which validation runs.</param>
    /// <param name="maxQueueSize">The number of batches to prefetch, if the data comes in batches.</param>
    /// <param name="workers">The number of threads that make batches; 0 for the caller's thread.</param>
    /// <param name="useMultiprocessing">Accepted for compatibility with Keras; .NET threads have no global lock, so
    /// workers run in parallel anyway.</param>
    /// <param name="resumeFrom">A file that a <see cref="TrainingCheckpoint"/> wrote: training resumes after the batch
    /// at which it was written, with the same results bit for bit as if it had never stopped. Model, data and arguments
    /// must be those of the first call; batches that do not come from arrays are drawn again up to that point.</param>
    /// <param name="progress">Receives the progress of training: after each epoch, and between steps at most ten times
    /// per second; only on rank 0 if several processes train.</param>
    /// <param name="cancellationToken">Cancels training between two batches with an
    /// <see cref="OperationCanceledException"/>; the weights keep the training so far.</param>
    /// <returns>Loss and metrics of each epoch.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, is disposed, or is already
    /// being trained.</exception>
    /// <exception cref="ArgumentException">The data or the arguments are invalid; the model is unchanged.</exception>
    /// <exception cref="InvalidDataException">The file to resume from and the previous one are damaged.</exception>
    /// <exception cref="FileNotFoundException">The file to resume from does not exist.</exception>
    [OverloadResolutionPriority(1)]
    public History Fit(NDArray? x = null, NDArray? y = null, int? batchSize = null, int epochs = 1, int verbose = 1,
        IEnumerable<Callback>? callbacks = null, double validationSplit = 0, ValidationData? validationData = null,
        Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null,
        NDArray? sampleWeight = null, int initialEpoch = 0, int? stepsPerEpoch = null, int? validationSteps = null,
        int? validationBatchSize = null,
        ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (x is null && y is null && _targetTensors?.Sequence is { } held)
        {
            return Fit(held, epochs, verbose, callbacks, validationData, shuffle, classWeight, initialEpoch,
                stepsPerEpoch, validationSteps, validationBatchSize, validationFreq, maxQueueSize, workers,
                useMultiprocessing, resumeFrom,
                progress, cancellationToken);
        }
        validationData = validationData?.InNumbers(this);
        using (BeginTraining())
        {
            if (!(validationSplit >= 0 && validationSplit < 1))
                throw new ArgumentOutOfRangeException(
                    nameof(validationSplit), $"The validation split must be in [0, 1); given {validationSplit}.");
            CheckBatchSize(batchSize, nameof(batchSize));
            if (stepsPerEpoch is not null && batchSize is not null)
                throw new ArgumentException("If steps_per_epoch is set, the `batch_size` must be None.",
                    nameof(batchSize));
            FitOptions options = Options(epochs, verbose, callbacks, initialEpoch, stepsPerEpoch, validationSteps,
                validationBatchSize, validationFreq, maxQueueSize, workers, resumeFrom, progress, cancellationToken);
            bool validatesArrays = validationData is null ? validationSplit > 0 : validationData.Arrays is not null;
            if (stepsPerEpoch is not null && validatesArrays && validationSteps is null)
                throw new ArgumentException(
                    "If `steps_per_epoch` is set and validation data is given, `validation_steps` "
                    + "must be set too.", nameof(validationSteps));
            if (stepsPerEpoch is null && validatesArrays && validationSteps is not null)
                throw new ArgumentException(
                    "`validation_steps` can only be used with arrays when training counts steps: "
                    + "`steps_per_epoch` must be set too.", nameof(validationSteps));

            return Open(options, () =>
            {
                ModelData all =
                    CheckData(Mode.Train, x!, y, sampleWeight, classWeight, nameof(x), nameof(y), nameof(sampleWeight));
                int size = BatchSizeOf(batchSize, nameof(batchSize));
                (ModelData data, ModelData? heldBack) = validationData is null ? Split(all, validationSplit)
                    : (all, null);
                CheckWholeBatches(data.X, nameof(validationSplit));
                EpochSource source = stepsPerEpoch is int steps
                    ? new WholeArraySource(data, steps)
                    : new ArraySource(data, size, order => (shuffle ?? true).Reorder(order, size, NextShuffle));
                EpochSource? validation = heldBack is null ? OpenValidation(validationData, size, options)
                    : validationSteps is int times ? new WholeArraySource(heldBack, times)
                        : new ArraySource(heldBack, ValidationBatch(size, options));
                return new Opened(source, validation);
            }).Train(this, options);
        }
    }

    /// <summary>Trains the model on arrays by the names of its input and output, <c>model.Inputs[0].Name</c> and the
    /// last layer's.</summary>
    /// <param name="x">The inputs by input name.</param>
    /// <param name="y">The targets by output name.</param>
    /// <param name="sampleWeight">The sample weights by output name.</param>
    /// <inheritdoc cref="Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double, ValidationData,
    ///    Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq, int, int, bool,
    ///    string, IProgress{TrainingProgress}, CancellationToken)"/>
    public History Fit(IReadOnlyDictionary<string, NDArray> x, IReadOnlyDictionary<string, NDArray>? y = null,
        int? batchSize = null, int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        double validationSplit = 0, ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, IReadOnlyDictionary<string, NDArray>? sampleWeight = null,
        int initialEpoch = 0, int? stepsPerEpoch = null,
        int? validationSteps = null, int? validationBatchSize = null, ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false,
        string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Fit(Named(x, InputName, "input", nameof(x)),
            y is null ? null : Named(y, OutputName, "target", nameof(y)), batchSize, epochs, verbose, callbacks,
            validationSplit, validationData, shuffle, classWeight,
            sampleWeight is null ? null : Named(sampleWeight, OutputName, "sample weight", nameof(sampleWeight)),
            initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize, validationFreq, maxQueueSize, workers,
            useMultiprocessing,
            resumeFrom, progress, cancellationToken);
    }

    /// <summary>Trains the model on lists with one array per input or output; a Sequential has one of each.</summary>
    /// <param name="x">The inputs, one array.</param>
    /// <param name="y">The targets, one array.</param>
    /// <param name="sampleWeight">The sample weights, one array.</param>
    /// <inheritdoc cref="Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double, ValidationData,
    ///    Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq, int, int, bool,
    ///    string, IProgress{TrainingProgress}, CancellationToken)"/>
    public History Fit(IReadOnlyList<NDArray> x, IReadOnlyList<NDArray>? y = null, int? batchSize = null,
        int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null, double validationSplit = 0,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, IReadOnlyList<NDArray>? sampleWeight = null,
        int initialEpoch = 0, int? stepsPerEpoch = null,
        int? validationSteps = null, int? validationBatchSize = null, ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false,
        string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Fit(Single(x, "input", nameof(x)), y is null ? null : Single(y, "target", nameof(y)), batchSize, epochs,
            verbose, callbacks, validationSplit, validationData, shuffle, classWeight,
            sampleWeight is null ? null : Single(sampleWeight, "sample weight", nameof(sampleWeight)),
            initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize, validationFreq, maxQueueSize, workers,
            useMultiprocessing,
            resumeFrom, progress, cancellationToken);
    }

    /// <summary>Holds out the last samples with their weights, including class weights, as in Keras.</summary>
    static (ModelData Training, ModelData? Validation) Split(ModelData data, double validationSplit)
    {
        int kept = (int)(data.Count * (1 - validationSplit));
        if (kept == 0)
            throw new ArgumentException(
                $"A validation split of {validationSplit} leaves none of the {data.Count} samples for training.",
                nameof(validationSplit));
        return kept == data.Count ? (data, null) : (data.Slice(0, kept), data.Slice(kept, data.Count - kept));
    }

    /// <summary>The batch size of validation on arrays.</summary>
    int ValidationBatch(int otherwise, FitOptions options) => options.ValidationBatchSize is null ? otherwise
        : BatchSizeOf(options.ValidationBatchSize, "validationBatchSize");

    EpochSource? OpenValidation(ValidationData? given, int batchSize, FitOptions options)
    {
        if (given is null) return null;
        given = given.InNumbers(this);
        if (given.Arrays is { } arrays)
        {
            ModelData data = CheckBatch(Mode.Test, arrays, null, "validationData");
            return options.ValidationSteps is int times ? new WholeArraySource(data, times)
                : new ArraySource(data, ValidationBatch(batchSize, options));
        }
        BatchFeed feed = given.Feed(options.ValidationSteps, options.MaxQueueSize, options.Workers, options.Token)!;
        return Open(feed, options.ValidationSteps, "validation_steps", "validationSteps",
            batch => CheckBatch(Mode.Test, batch, null, "validationData"), options.Token);
    }

    /// <summary>Opens the batches of a feed; the first is taken and checked immediately.</summary>
    FeedSource Open(BatchFeed feed, int? steps, string what, string parameter, Func<Batch, ModelData> check,
        CancellationToken token)
    {
        try
        {
            if (steps is null && feed.ComesInPasses && Distribute is { Size: > 1 })
                throw new ArgumentException(
                    $"Several processes must know how many batches there are. Please specify `{what}`.", parameter);
            if (steps is null && feed.Count is null && !feed.ComesInPasses)
                throw new ArgumentException(
                    $"`{what}=None` is only valid for a BatchSequence or a collection of batches. Please "
                    + $"specify `{what}`.", parameter);
            return new FeedSource(feed, steps, check).Prime(token);
        }
        catch
        {
            feed.Dispose();
            throw;
        }
    }

    FitOptions Options(int epochs, int verbose, IEnumerable<Callback>? callbacks, int initialEpoch, int? stepsPerEpoch,
        int? validationSteps, int? validationBatchSize, ValidationFreq? validationFreq, int maxQueueSize, int workers,
        string? resumeFrom,
        IProgress<TrainingProgress>? progress, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        ArgumentOutOfRangeException.ThrowIfNegative(initialEpoch);
        CheckVerbose(verbose, nameof(verbose));
        CheckSteps(stepsPerEpoch, "steps_per_epoch", nameof(stepsPerEpoch));
        CheckSteps(validationSteps, "validation_steps", nameof(validationSteps));
        CheckBatchSize(validationBatchSize, nameof(validationBatchSize));
        CheckQueue(maxQueueSize, workers);
        IReadOnlyList<Callback> hooks = Hooks(callbacks);
        return new(epochs, verbose, hooks, initialEpoch, validationSteps, validationBatchSize, validationFreq ?? 1,
            maxQueueSize, workers, Resumed(resumeFrom ?? BackupAndRestore.FileOf(hooks), initialEpoch, hooks), progress,
            token);
    }

    static IReadOnlyList<Callback> Hooks(IEnumerable<Callback>? callbacks)
    {
        List<Callback> hooks = [.. callbacks ?? []];
        return hooks.Contains(null!) ? throw new ArgumentException("A callback cannot be null.", nameof(callbacks))
            : hooks;
    }

    static void CheckSteps(int? steps, string name, string parameter)
    {
        if (steps is < 1)
            throw new ArgumentOutOfRangeException(parameter, $"`{name}` must be 1 or more; given {steps}.");
    }

    static void CheckQueue(int maxQueueSize, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxQueueSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
    }

    static void CheckBatchSize(int? batchSize, string parameter)
    {
        if (batchSize is < 1)
            throw new ArgumentOutOfRangeException(parameter, $"A batch size must be 1 or more; given {batchSize}.");
    }

    static void CheckVerbose(int verbose, string parameter)
    {
        if (verbose is < 0 or > 2)
            throw new ArgumentOutOfRangeException(parameter, $"`verbose` must be 0, 1 or 2; given {verbose}.");
    }

    RandomSource NextShuffle() => new(SplitMix.Mix(_seed + 0x5851_F42D_4C95_7F2D) + _shuffles++);
}
