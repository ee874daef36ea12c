using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Diagnostics;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

// Training, evaluation and prediction on data that comes in batches.
public sealed partial class Sequential
{
    /// <summary>Trains the model on batches by index (Keras <c>fit</c> with a <c>keras.utils.Sequence</c>).</summary>
    /// <param name="x">The batches, each used once per epoch.</param>
    /// <param name="shuffle">Whether the batches are reordered in each epoch (the default).</param>
    /// <param name="stepsPerEpoch">The number of batches per epoch; all by default.</param>
    /// <inheritdoc cref="Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double, ValidationData,
    ///    Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq, int, int, bool,
    ///    string, IProgress{TrainingProgress}, CancellationToken)"/>
    public History Fit(BatchSequence x, int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, int initialEpoch = 0, int? stepsPerEpoch = null,
        int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null, int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        bool reorder = (shuffle ?? true) is { Samples: true } or { Batches: true };
        return Fit(() => new SequenceFeed(x, reorder ? NextShuffle : null, maxQueueSize, workers), classWeight,
            stepsPerEpoch, validationData,
            () => Options(epochs, verbose, callbacks, initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize,
                validationFreq, maxQueueSize, workers, resumeFrom, progress, cancellationToken));
    }

    /// <summary>Trains the model on batches in order (Keras <c>fit</c> with a generator).</summary>
    /// <param name="x">The batches. A collection is used completely in each epoch; any other enumeration continues from
    /// epoch to epoch and must be long enough.</param>
    /// <param name="shuffle">No effect: batches are used in the order in which they arrive.</param>
    /// <param name="stepsPerEpoch">The number of batches per epoch; all of a collection by default.</param>
    /// <inheritdoc cref="Fit(NDArray, NDArray, int?, int, int, IEnumerable{Callback}, double, ValidationData,
    ///    Shuffle, IReadOnlyDictionary{int, double}, NDArray, int, int?, int?, int?, ValidationFreq, int, int, bool,
    ///    string, IProgress{TrainingProgress}, CancellationToken)"/>
    public History Fit(IEnumerable<Batch> x, int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        ValidationData? validationData = null, Shuffle? shuffle = null,
        IReadOnlyDictionary<int, double>? classWeight = null, int initialEpoch = 0, int? stepsPerEpoch = null,
        int? validationSteps = null, int? validationBatchSize = null,
        ValidationFreq? validationFreq = null, int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        string? resumeFrom = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Fit(() => new EnumerableFeed(x, maxQueueSize, workers), classWeight, stepsPerEpoch, validationData,
            () => Options(epochs, verbose, callbacks, initialEpoch, stepsPerEpoch, validationSteps, validationBatchSize,
                validationFreq, maxQueueSize, workers, resumeFrom, progress, cancellationToken));
    }

    /// <summary>Keras <c>fit_generator</c>: <c>Fit</c> with a different argument order.</summary>
    /// <param name="generator">The batches, each used once per epoch.</param>
    /// <inheritdoc cref="Fit(BatchSequence, int, int, IEnumerable{Callback}, ValidationData, Shuffle,
    ///    IReadOnlyDictionary{int, double}, int, int?, int?, int?, ValidationFreq, int, int, bool, string,
    ///    IProgress{TrainingProgress}, CancellationToken)"/>
    public History FitGenerator(BatchSequence generator, int? stepsPerEpoch = null, int epochs = 1, int verbose = 1,
        IEnumerable<Callback>? callbacks = null, ValidationData? validationData = null, int? validationSteps = null,
        ValidationFreq? validationFreq = null, IReadOnlyDictionary<int, double>? classWeight = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, bool shuffle = true,
        int initialEpoch = 0, CancellationToken cancellationToken = default) =>
        Fit(generator, epochs, verbose, callbacks, validationData, shuffle, classWeight, initialEpoch, stepsPerEpoch,
            validationSteps, null, validationFreq, maxQueueSize, workers, useMultiprocessing,
            cancellationToken: cancellationToken);

    /// <summary>Keras <c>fit_generator</c>: <c>Fit</c> with a different argument order.</summary>
    /// <param name="generator">The batches.</param>
    /// <inheritdoc cref="Fit(IEnumerable{Batch}, int, int, IEnumerable{Callback}, ValidationData, Shuffle,
    ///    IReadOnlyDictionary{int, double}, int, int?, int?, int?, ValidationFreq, int, int, bool, string,
    ///    IProgress{TrainingProgress}, CancellationToken)"/>
    public History FitGenerator(IEnumerable<Batch> generator, int? stepsPerEpoch = null, int epochs = 1,
        int verbose = 1, IEnumerable<Callback>? callbacks = null, ValidationData? validationData = null,
        int? validationSteps = null, ValidationFreq? validationFreq = null,
        IReadOnlyDictionary<int, double>? classWeight = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, bool shuffle = true,
        int initialEpoch = 0, CancellationToken cancellationToken = default) =>
        Fit(generator, epochs, verbose, callbacks, validationData, shuffle, classWeight, initialEpoch, stepsPerEpoch,
            validationSteps, null, validationFreq, maxQueueSize, workers, useMultiprocessing,
            cancellationToken: cancellationToken);

    /// <summary>Computes loss and metrics on batches (Keras <c>evaluate</c> with a generator); the loss is the mean
    /// over all samples.</summary>
    /// <param name="x">Batches by index.</param>
    /// <param name="steps">The number of batches to take; all by default.</param>
    /// <inheritdoc cref="Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public Evaluation Evaluate(BatchSequence x, int verbose = 1, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Evaluate(() => new SequenceFeed(x, null, maxQueueSize, workers), verbose, steps, callbacks, maxQueueSize,
            workers, cancellationToken);
    }

    /// <summary>Keras <c>evaluate_generator</c>: <c>Evaluate</c> with a different argument order.</summary>
    /// <param name="generator">Batches by index.</param>
    /// <inheritdoc cref="Evaluate(BatchSequence, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public Evaluation EvaluateGenerator(BatchSequence generator, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, int verbose = 0, CancellationToken cancellationToken = default) =>
        Evaluate(generator, verbose, steps, callbacks, maxQueueSize, workers, useMultiprocessing, cancellationToken);

    /// <summary>Computes the outputs for batches, in order (Keras <c>predict</c> with a generator); targets are not
    /// used.</summary>
    /// <param name="x">Batches by index.</param>
    /// <param name="steps">The number of batches to take; all by default.</param>
    /// <inheritdoc cref="Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    public NDArray Predict(BatchSequence x, int verbose = 0, int? steps = null, IEnumerable<Callback>? callbacks = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Predict(() => new SequenceFeed(x, null, maxQueueSize, workers), verbose, steps, callbacks, maxQueueSize,
            workers, cancellationToken);
    }

    /// <summary>Keras <c>predict_generator</c>: <c>Predict</c> with a different argument order.</summary>
    /// <param name="generator">Batches by index.</param>
    /// <inheritdoc cref="Predict(BatchSequence, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    public NDArray PredictGenerator(BatchSequence generator, int? steps = null, IEnumerable<Callback>? callbacks = null,
        int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, int verbose = 0, CancellationToken cancellationToken = default) =>
        Predict(generator, verbose, steps, callbacks, maxQueueSize, workers, useMultiprocessing, cancellationToken);

    /// <summary>Computes loss and metrics on batches (Keras <c>evaluate</c> with a generator); the loss is the mean
    /// over all samples.</summary>
    /// <param name="x">Batches in order; anything but a collection requires <paramref name="steps"/>.</param>
    /// <param name="steps">The number of batches to take; all by default.</param>
    /// <inheritdoc cref="Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public Evaluation Evaluate(IEnumerable<Batch> x, int verbose = 1, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Evaluate(() => new EnumerableFeed(x, maxQueueSize, workers), verbose, steps, callbacks, maxQueueSize,
            workers, cancellationToken);
    }

    /// <summary>Keras <c>evaluate_generator</c>: <c>Evaluate</c> with a different argument order.</summary>
    /// <param name="generator">Batches in order; anything but a collection requires <paramref name="steps"/>.</param>
    /// <inheritdoc cref="Evaluate(IEnumerable{Batch}, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public Evaluation EvaluateGenerator(IEnumerable<Batch> generator, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, int verbose = 0, CancellationToken cancellationToken = default) =>
        Evaluate(generator, verbose, steps, callbacks, maxQueueSize, workers, useMultiprocessing, cancellationToken);

    /// <summary>Computes the outputs for batches, in order (Keras <c>predict</c> with a generator); targets are not
    /// used.</summary>
    /// <param name="x">Batches in order; anything but a collection requires <paramref name="steps"/>.</param>
    /// <param name="steps">The number of batches to take; all by default.</param>
    /// <inheritdoc cref="Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    public NDArray Predict(IEnumerable<Batch> x, int verbose = 0, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Predict(() => new EnumerableFeed(x, maxQueueSize, workers), verbose, steps, callbacks, maxQueueSize,
            workers, cancellationToken);
    }

    /// <summary>Keras <c>predict_generator</c>: <c>Predict</c> with a different argument order.</summary>
    /// <param name="generator">Batches in order; anything but a collection requires <paramref name="steps"/>.</param>
    /// <inheritdoc cref="Predict(IEnumerable{Batch}, int, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public NDArray PredictGenerator(IEnumerable<Batch> generator, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, int verbose = 0, CancellationToken cancellationToken = default) =>
        Predict(generator, verbose, steps, callbacks, maxQueueSize, workers, useMultiprocessing, cancellationToken);

    History Fit(Func<BatchFeed> open, IReadOnlyDictionary<int, double>? classWeight, int? stepsPerEpoch,
        ValidationData? validationData, Func<FitOptions> check)
    {
        using (BeginTraining())
        {
            FitOptions options = check();
            return Open(options, () =>
            {
                EpochSource source = Open(open(), stepsPerEpoch, "steps_per_epoch", nameof(stepsPerEpoch),
                    batch => CheckBatch(Mode.Train, batch, classWeight, "x"), options.Token);
                try
                {
                    return new Opened(source, OpenValidation(validationData, DefaultBatchSize, options));
                }
                catch
                {
                    source.Dispose();
                    throw;
                }
            }).Train(this, options);
        }
    }

    Evaluation Evaluate(Func<BatchFeed> open, int verbose, int? steps, IEnumerable<Callback>? callbacks,
        int maxQueueSize, int workers, CancellationToken token)
    {
        RequireCompiled();
        RequireOwnThread();
        CheckQueue(maxQueueSize, workers);
        CheckJudging(verbose, steps);
        IReadOnlyList<Callback> hooks = Hooks(callbacks);
        using EpochSource source = Together(
            () => Checked(
                () => Open(open(), steps, "steps", nameof(steps), batch => CheckBatch(Mode.Test, batch, null, "x"),
                    token)));
        return Evaluate(source, spans: true, verbose, hooks, token);
    }

    NDArray Predict(Func<BatchFeed> open, int verbose, int? steps, IEnumerable<Callback>? callbacks, int maxQueueSize,
        int workers, CancellationToken token)
    {
        RequireAlive();
        RequireOwnThread();
        CheckQueue(maxQueueSize, workers);
        CheckJudging(verbose, steps);
        IReadOnlyList<Callback> hooks = Hooks(callbacks);
        ModelData Input(Batch batch) =>
            CheckLookups(Mode.Predict,
                CheckInput(batch.NamedX is null ? batch.X : Named(batch.NamedX, InputName, "input", "x"), "x"), "x");
        using EpochSource source =
            Together(() => Checked(() => Open(open(), steps, "steps", nameof(steps), Input, token)));
        RequireSame(("steps", source.Steps));
        ShareOnce();
        if (!IsFirstRank) (verbose, hooks) = (0, OwnHooks(hooks));
        if (verbose > 0) _device.Announce();
        using CallObserver call = CallObserver.Prediction(this);
        using ModelRun run = BeginRun(spans: true, judges: false);
        Utils.Progbar? bar = verbose == 1 ? new(source.IsOpenEnded ? null : source.Steps) : null;
        foreach (Callback callback in hooks)
            callback.Attach(this, new(1, source.Steps, null, null, verbose, false, []));
        foreach (Callback callback in hooks) callback.OnPredictBegin(Callback.NoLogs);
        var outputs = new List<NDArray>();
        var sizes = new List<int>();
        for (int step = 0; source.HasStep(step, token); step++)
        {
            token.ThrowIfCancellationRequested();
            NDArray x = source.Next(token).Data.X;
            if (step % _stepsPerExecution == 0) Hook(hooks, step, x.Rows, begin: true);
            outputs.Add(PredictBatches(run, x, OwnRows(x.Rows), Math.Max(1, x.Rows), 1, 0, [], token));
            sizes.Add(x.Rows);
            if (EndsExecution(source, step)) Hook(hooks, step, x.Rows, begin: false);
            bar?.Update(step + 1, new Dictionary<string, double>(), []);
        }
        foreach (Callback callback in hooks) callback.OnPredictEnd(Callback.NoLogs);
        bar?.Finish(new Dictionary<string, double>(), []);
        NDArray result = Gathered(NDArray.Concatenate(outputs), sizes);
        call.Done(sizes.Sum(size => (long)size));
        return result;
    }
}
