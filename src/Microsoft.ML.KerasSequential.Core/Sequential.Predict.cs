using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;
using Microsoft.ML.KerasSequential.Utils;

#pragma warning disable CS1573 // Parameters without documentation inherit it.

namespace Microsoft.ML.KerasSequential;

// Prediction.
public sealed partial class Sequential
{
    /// <summary>Computes the outputs for inputs (Keras <c>predict</c>); the model does not have to be
    /// compiled.</summary>
    /// <param name="x">The inputs, one sample per row; no inputs give no outputs.</param>
    /// <param name="batchSize">The number of samples per batch; 32 by default.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar.</param>
    /// <param name="steps">The number of passes over all the data, whose outputs are concatenated; instead of a batch
    /// size.</param>
    /// <param name="callbacks">Callbacks, whose predict hooks are called.</param>
    /// <param name="maxQueueSize">The number of batches to prefetch, if the data comes in batches.</param>
    /// <param name="workers">The number of threads that make batches; 0 for the caller's thread.</param>
    /// <param name="useMultiprocessing">Accepted for compatibility with Keras; .NET threads have no global lock, so
    /// workers run in parallel anyway.</param>
    /// <param name="cancellationToken">Cancels the prediction between two batches.</param>
    /// <returns>A new array, one sample per row.</returns>
    /// <exception cref="InvalidOperationException">The model has no layers, or is disposed.</exception>
    /// <exception cref="ArgumentException">The data or the arguments are invalid.</exception>
    [OverloadResolutionPriority(1)]
    public NDArray Predict(NDArray x, int? batchSize = null, int verbose = 0, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<Callback> hooks = Hooks(callbacks);
        // All batches use the same weights, unless other code runs between them.
        using (hooks.Count == 0 ? WeightGate.Enter() : default)
        {
            RequireAlive();
            RequireOwnThread();
            CheckBatchSize(batchSize, nameof(batchSize));
            CheckQueue(maxQueueSize, workers);
            CheckJudging(verbose, steps);
            if (steps is not null && batchSize is not null)
                throw new ArgumentException("If steps is set, the `batch_size` must be None.", nameof(batchSize));
            x = Together(() => Checked(() => CheckLookups(Mode.Predict, CheckInput(x, nameof(x)), nameof(x)))).X;
            int size = steps is null ? BatchSizeOf(batchSize, nameof(batchSize)) : Math.Max(1, x.Rows);
            RequireSame(("samples", x.Rows));
            ShareOnce();
            if (!IsFirstRank) (verbose, hooks) = (0, OwnHooks(hooks));
            if (verbose > 0) _device.Announce();
            using CallObserver call = CallObserver.Prediction(this);
            using ModelRun run = BeginRun(spans: hooks.Count > 0, judges: false);
            NDArray result = Gathered(
                PredictBatches(run, x, OwnRows(x.Rows), size, steps ?? 1, verbose, hooks, cancellationToken),
                Enumerable.Repeat(x.Rows, steps ?? 1));
            call.Done((long)x.Rows * (steps ?? 1));
            return result;
        }
    }

    /// <summary>Computes the outputs for inputs by the name of the model's input.</summary>
    /// <param name="x">The inputs by input name.</param>
    /// <inheritdoc cref="Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    public NDArray Predict(IReadOnlyDictionary<string, NDArray> x, int? batchSize = null, int verbose = 0,
        int? steps = null, IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Predict(Named(x, InputName, "input", nameof(x)), batchSize, verbose, steps, callbacks, maxQueueSize,
            workers, useMultiprocessing, cancellationToken);
    }

    /// <summary>Computes the outputs for a list with one array per input; a Sequential has one.</summary>
    /// <param name="x">The inputs, one array.</param>
    /// <inheritdoc cref="Predict(NDArray, int?, int, int?, IEnumerable{Callback}, int, int, bool, CancellationToken)"/>
    public NDArray Predict(IReadOnlyList<NDArray> x, int? batchSize = null, int verbose = 0, int? steps = null,
        IEnumerable<Callback>? callbacks = null, int maxQueueSize = 10, int workers = 1,
        bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Predict(Single(x, "input", nameof(x)), batchSize, verbose, steps, callbacks, maxQueueSize, workers,
            useMultiprocessing, cancellationToken);
    }

    /// <summary>Computes the outputs for one batch (Keras <c>predict_on_batch</c>).</summary>
    /// <param name="x">The inputs, one sample per row.</param>
    /// <returns>A new array, one sample per row.</returns>
    /// <exception cref="InvalidOperationException">The model has no layers, or is disposed.</exception>
    /// <exception cref="ArgumentException">The data is invalid.</exception>
    public NDArray PredictOnBatch(NDArray x)
    {
        using (WeightGate.Enter())
        {
            RequireAlive();
            return PredictBatch(Checked(() => CheckLookups(Mode.Predict, CheckInput(x, nameof(x)), nameof(x))).X,
                Mode.Predict);
        }
    }

    /// <summary>Predicts the class of each sample (Keras <c>predict_classes</c>): the index of the largest output, or,
    /// for a single output, whether it is above ½.</summary>
    /// <param name="x">The inputs, one sample per row.</param>
    /// <param name="batchSize">The number of samples per batch; 32 by default.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar.</param>
    /// <returns>Class indices (samples), or 0 and 1 (samples, 1).</returns>
    /// <exception cref="InvalidOperationException">An output is NaN, which belongs to no class; the message names the
    /// sample. Or the model has no layers, or is disposed.</exception>
    /// <exception cref="ArgumentException">The data or the arguments are invalid.</exception>
    public NDArray PredictClasses(NDArray x, int? batchSize = null, int verbose = 0)
    {
        NDArray p = Predict(x, batchSize, verbose);
        int columns = p.Shape[^1],
            undecided = p.Span.IndexOfAnyExceptInRange(float.NegativeInfinity, float.PositiveInfinity);
        if (undecided >= 0)
            throw new InvalidOperationException(
                $"The output of {Name} for sample {undecided / p.RowSize} is NaN, so it belongs to no class. The "
                + "weights or the sample contain NaN or values that are too large.");
        if (columns == 1)
        {
            foreach (ref float value in p.Span) value = value > 0.5f ? 1f : 0f;
            return p;
        }
        var classes = new NDArray(p.Shape[..^1].ToArray());
        for (int i = 0; i < classes.Size; i++)
            classes.Span[i] = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(
                p.Span.Slice(i * columns, columns));
        return classes;
    }

    /// <summary>The same as <c>Predict</c>, with Keras' name for classifiers.</summary>
    /// <param name="x">The inputs, one sample per row.</param>
    /// <param name="batchSize">The number of samples per batch; 32 by default.</param>
    /// <param name="verbose">0 for silent, 1 for a progress bar.</param>
    /// <returns>A new array, one sample per row.</returns>
    public NDArray PredictProba(NDArray x, int? batchSize = null, int verbose = 0) => Predict(x, batchSize, verbose);

    /// <summary>Whether the model ends in a sigmoid, so that it has logits.</summary>
    internal bool EndsInSigmoid => _output?.Op is Elementwise { Kind: ElementwiseKind.Sigmoid };

    /// <summary>Like <see cref="PredictRows(NDArray)"/>, without the sigmoid at the end: exact where the sigmoid is 0
    /// or 1 in float32.</summary>
    internal NDArray PredictLogits(NDArray x) => PredictRows(x, Mode.Logits);

    /// <summary>Like <see cref="PredictOnBatch(NDArray)"/> for independent rows: a row with an index that is out of
    /// range gets NaN, as a row with a missing value does.</summary>
    internal NDArray PredictRows(NDArray x) => PredictRows(x, Mode.Predict);

    NDArray PredictRows(NDArray x, Mode mode)
    {
        using (WeightGate.Enter())
        {
            RequireAlive();
            return PredictBatch(CheckInput(x, nameof(x)), mode);
        }
    }

    /// <summary>Predicts all samples as one batch; the caller holds the gate.</summary>
    NDArray PredictBatch(NDArray x, Mode mode)
    {
        using CallObserver call = CallObserver.Prediction(this);
        using ModelRun run = BeginRun(spans: false, judges: false);
        NDArray result = PredictBatches(run, x, (0, x.Rows), Math.Max(1, x.Rows), 1, 0, [], default, mode);
        call.Done(x.Rows);
        return result;
    }

    NDArray PredictBatches(ModelRun run, NDArray x, (int Start, int End) own, int batchSize, int passes, int verbose,
        IReadOnlyList<Callback> hooks, CancellationToken token, Mode mode = Mode.Predict)
    {
        var key = new TraceKey(mode, SampleShape(x), null, 0);
        int rows = own.End - own.Start, batches = Counts.Batches(rows, batchSize);
        int[] sizes;
        using (WeightGate.Enter())
        {
            StepFunction first = Function(key);
            first.Prepare(Math.Max(1, Math.Min(batchSize, rows)));
            sizes = first.Executable.OutputSizes(0);
        }
        if (passes > 1)
            _ = Counts.Fits((long)rows * passes, $"The predicted rows of {passes} passes over {rows} samples", "steps");
        sizes[0] = rows * passes;
        var result = new NDArray(sizes);
        int rowSize = result.RowSize, done = 0;
        int[] order = [.. Enumerable.Range(own.Start, rows)];
        Progbar? bar = verbose == 1 ? new Progbar(rows * passes, perStep: false) : null;
        foreach (Callback callback in hooks)
            callback.Attach(this, new(1, batches * passes, rows * passes, batchSize, verbose, false, []));
        foreach (Callback callback in hooks) callback.OnPredictBegin(Callback.NoLogs);
        for (int batch = 0; batch < batches * passes; batch++)
        {
            token.ThrowIfCancellationRequested();
            int start = batch % batches * batchSize, size = Math.Min(batchSize, rows - start);
            if (batch % _stepsPerExecution == 0) Hook(hooks, batch, size, begin: true);
            using (WeightGate.Enter())
            {
                StepFunction function = Function(key);
                using ModelRun.Place place = run.Take(function.Written);
                function.Prepare(size);
                function.Executable.Gather(0, x, order.AsSpan(start, size));
                function.Executable.Run();
                function.Executable.Read(0, result.Span.Slice(done * rowSize, size * rowSize));
            }
            if (Instruments.PredictionBatch.Enabled)
                Instruments.PredictionBatch.Record(size, Instruments.NameTag(this), Instruments.DeviceTag(this));
            done += size;
            if ((batch + 1) % _stepsPerExecution == 0 || batch + 1 == batches * passes)
                Hook(hooks, batch, size, begin: false);
            bar?.Update(done, new Dictionary<string, double>(), []);
        }
        foreach (Callback callback in hooks) callback.OnPredictEnd(Callback.NoLogs);
        bar?.Finish(new Dictionary<string, double>(), []);
        return result;
    }

    static void Hook(IReadOnlyList<Callback> hooks, int batch, int size, bool begin)
    {
        if (hooks.Count == 0) return;
        var logs = new Dictionary<string, double> { ["batch"] = batch, ["size"] = size };
        foreach (Callback callback in hooks)
        {
            if (begin) callback.OnPredictBatchBegin(batch, logs);
            else callback.OnPredictBatchEnd(batch, logs);
        }
    }
}
