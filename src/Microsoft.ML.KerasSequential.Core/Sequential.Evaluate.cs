using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Runtime;
using Microsoft.ML.KerasSequential.Utils;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

// Evaluation.
public sealed partial class Sequential
{
    /// <summary>Computes loss and metrics on data (Keras <c>evaluate</c>); the weights stay unchanged.</summary>
    /// <param name="x">The inputs, one sample per row; null for the data passed as <c>targetTensors</c> to
    /// <see cref="Compile"/>.</param>
    /// <param name="y">The targets, one sample per row; null for the <c>targetTensors</c>, or for a model without a
    /// loss.</param>
    /// <param name="batchSize">The number of samples per batch; 32 by default.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar.</param>
    /// <param name="sampleWeight">One weight per sample, or per time step.</param>
    /// <param name="steps">The number of passes over all the data, instead of a batch size; or the number of batches to
    /// take.</param>
    /// <param name="callbacks">Callbacks, whose test hooks are called.</param>
    /// <param name="maxQueueSize">The number of batches to prefetch, if the data comes in batches.</param>
    /// <param name="workers">The number of threads that make batches; 0 for the caller's thread.</param>
    /// <param name="useMultiprocessing">Accepted for compatibility with Keras; .NET threads have no global lock, so
    /// workers run in parallel anyway.</param>
    /// <param name="cancellationToken">Cancels the evaluation between two batches.</param>
    /// <returns>The values in the order of <see cref="MetricsNames"/>; the loss is the mean over all samples.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, or is
    /// disposed.</exception>
    /// <exception cref="ArgumentException">The data or the arguments are invalid.</exception>
    [OverloadResolutionPriority(1)]
    public Evaluation Evaluate(NDArray? x = null, NDArray? y = null, int? batchSize = null, int verbose = 1,
        NDArray? sampleWeight = null, int? steps = null, IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10,
        int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        if (x is null && y is null && _targetTensors?.Sequence is { } held)
            return Evaluate(held, verbose, steps, callbacks, maxQueueSize, workers, useMultiprocessing,
                cancellationToken);
        IReadOnlyList<Callback> hooks = Hooks(callbacks);
        // All batches use the same weights, unless other code runs between them.
        using (hooks.Count == 0 ? WeightGate.Enter() : default)
        {
            RequireCompiled();
            RequireOwnThread();
            CheckBatchSize(batchSize, nameof(batchSize));
            CheckQueue(maxQueueSize, workers);
            CheckJudging(verbose, steps);
            if (steps is not null && batchSize is not null)
                throw new ArgumentException("If steps is set, the `batch_size` must be None.", nameof(batchSize));
            ModelData data = Together(
                () => Checked(
                    () => CheckData(Mode.Test, x!, y, sampleWeight, null, nameof(x), nameof(y), nameof(sampleWeight))));
            using EpochSource source = steps is int count ? new WholeArraySource(data, count)
                : new ArraySource(data, BatchSizeOf(batchSize, nameof(batchSize)));
            return Evaluate(source, spans: hooks.Count > 0, verbose, hooks, cancellationToken);
        }
    }

    /// <summary>Computes loss and metrics on data by the names of the model's input and output.</summary>
    /// <param name="x">The inputs by input name.</param>
    /// <param name="y">The targets by output name.</param>
    /// <param name="sampleWeight">The sample weights by output name.</param>
    /// <inheritdoc cref="Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public Evaluation Evaluate(IReadOnlyDictionary<string, NDArray> x, IReadOnlyDictionary<string, NDArray>? y = null,
        int? batchSize = null, int verbose = 1, IReadOnlyDictionary<string, NDArray>? sampleWeight = null,
        int? steps = null, IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Evaluate(Named(x, InputName, "input", nameof(x)),
            y is null ? null : Named(y, OutputName, "target", nameof(y)), batchSize, verbose,
            sampleWeight is null ? null : Named(sampleWeight, OutputName, "sample weight", nameof(sampleWeight)), steps,
            callbacks, maxQueueSize, workers, useMultiprocessing, cancellationToken);
    }

    /// <summary>Computes loss and metrics on lists with one array per input or output; a Sequential has one of
    /// each.</summary>
    /// <param name="x">The inputs, one array.</param>
    /// <param name="y">The targets, one array.</param>
    /// <param name="sampleWeight">The sample weights, one array.</param>
    /// <inheritdoc cref="Evaluate(NDArray, NDArray, int?, int, NDArray, int?, IEnumerable{Callback}, int, int, bool,
    ///    CancellationToken)"/>
    public Evaluation Evaluate(IReadOnlyList<NDArray> x, IReadOnlyList<NDArray>? y = null, int? batchSize = null,
        int verbose = 1, IReadOnlyList<NDArray>? sampleWeight = null, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Evaluate(Single(x, "input", nameof(x)), y is null ? null : Single(y, "target", nameof(y)), batchSize,
            verbose, sampleWeight is null ? null : Single(sampleWeight, "sample weight", nameof(sampleWeight)), steps,
            callbacks, maxQueueSize, workers, useMultiprocessing, cancellationToken);
    }

    static void CheckJudging(int verbose, int? steps)
    {
        CheckVerbose(verbose, nameof(verbose));
        CheckSteps(steps, "steps", nameof(steps));
    }

    Evaluation Evaluate(EpochSource source, bool spans, int verbose, IReadOnlyList<Callback> hooks,
        CancellationToken token)
    {
        RequireSame(("samples", source.Samples ?? -1), ("steps", source.Steps),
            ("samples per batch", source.BatchSize ?? -1));
        ShareOnce();
        if (!IsFirstRank) (verbose, hooks) = (0, OwnHooks(hooks));
        if (verbose > 0) _device.Announce();
        using CallObserver call = CallObserver.Evaluation(this);
        var parameters =
            new TrainingParameters(1, source.Steps, source.Samples, source.BatchSize, verbose, false, MetricsNames);
        foreach (Callback callback in hooks) callback.Attach(this, parameters);
        Progbar? bar = verbose == 1
            ? new Progbar(source.Samples ?? (source.IsOpenEnded ? (int?)null : source.Steps),
                perStep: source.Samples is null) : null;
        using ModelRun run = BeginRun(spans, judges: true);
        var result = new Evaluation(MetricsNames, Judge(run, source, bar, hooks, token, out long samples));
        call.Done(samples, result);
        return result;
    }

    /// <summary>The validation during training.</summary>
    double[] Validate(EpochSource source, IReadOnlyList<Callback> hooks, CancellationToken token)
    {
        using ModelRun run = BeginRun(spans: true, judges: true, ofTraining: true);
        return Judge(run, source, null, hooks, token, out _);
    }

    /// <summary>Whether callbacks for batches are called after the step.</summary>
    bool EndsExecution(EpochSource source, int step) =>
        (step + 1) % _stepsPerExecution == 0 || (!source.IsOpenEnded && step + 1 == source.Steps);

    /// <summary>One pass over the data in test mode.</summary>
    double[] Judge(ModelRun run, EpochSource source, Progbar? bar, IReadOnlyList<Callback> hooks,
        CancellationToken token, out long seen)
    {
        source.BeginEpoch();
        foreach (Callback callback in hooks) callback.OnTestBegin(Callback.NoLogs);
        ModelData? last = null;
        StepFunction? function = null;
        int version = 0;
        double[] values = [];
        var loss = new LossTally();
        seen = 0;
        Dictionary<string, double> logs = [];
        for (int step = 0; source.HasStep(step, token); step++)
        {
            token.ThrowIfCancellationRequested();
            StepData next = source.Next(token);
            if (hooks.Count > 0) (logs["batch"], logs["size"]) = (step, next.Weight);
            if (step % _stepsPerExecution == 0)
                foreach (Callback callback in hooks) callback.OnTestBatchBegin(step, logs);
            using (WeightGate.Enter())
            {
                if (!ReferenceEquals(next.Data, last) || version != _functionsVersion)
                {
                    if (version == _functionsVersion) function?.Collect();
                    (function, version) = (Function(Mode.Test, last = next.Data), _functionsVersion);
                }
                using ModelRun.Place place = run.Take(function!.Written);
                function.Run(next.Data.Arrays, next.Rows.Span, loss, next.Weight, next.Share);
                for (int i = 0; hooks.Count > 0 && i < _metricsNames.Count; i++)
                    logs[_metricsNames[i]] = function.Results[i];
                // Here and not later, because other code may use the same function next.
                if (source.IsOpenEnded || step == source.Steps - 1) values = (double[])function.Results.Clone();
            }
            if (EndsExecution(source, step))
                foreach (Callback callback in hooks) callback.OnTestBatchEnd(step, logs);
            seen += next.Weight;
            bar?.Update(source.Samples is null ? step + 1 : (int)seen, new Dictionary<string, double>(), []);
        }
        source.EndEpoch();
        values[0] = loss.Mean;
        if (hooks.Count > 0) logs = _metricsNames.Zip(values).ToDictionary(v => v.First, v => v.Second);
        foreach (Callback callback in hooks) callback.OnTestEnd(logs);
        bar?.Finish(new Dictionary<string, double>(), []);
        return values;
    }
}
