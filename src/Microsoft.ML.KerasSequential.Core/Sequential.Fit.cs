using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential;

// Training on arrays.
public sealed partial class Sequential
{
    const int DefaultBatchSize = 32;

    ulong _shuffles;

    /// <summary>The history of the last training.</summary>
    public History? History { get; private set; }

    /// <summary>Callbacks set it to end the training after the current batch.</summary>
    public bool StopTraining { get; set; }

    /// <summary>Trains the model on arrays (Keras <c>fit</c>).</summary>
    /// <param name="x">The inputs, a sample a row.</param>
    /// <param name="y">The targets, a sample a row; a flat array is one value a sample.</param>
    /// <param name="batchSize">Samples an update; 32 by default. The last batch of an epoch may be smaller.</param>
    /// <param name="epochs">The last epoch, counted from 1.</param>
    /// <param name="verbose">0 for silence, 1 for a progress bar, 2 for a line an epoch.</param>
    /// <param name="callbacks">Hooks.</param>
    /// <param name="validationSplit">The share of the samples, taken from the end before shuffling, that is held back for validation.</param>
    /// <param name="validationData">Data for validation; wins over the split.</param>
    /// <param name="shuffle">Whether samples are reordered before each epoch (the default), or whole batches.</param>
    /// <param name="classWeight">A factor for the samples of each class.</param>
    /// <param name="sampleWeight">A factor for each sample, or for each step.</param>
    /// <param name="initialEpoch">The epoch to begin with, counted from 0.</param>
    /// <param name="stepsPerEpoch">How many updates an epoch has, each on all the data; instead of a batch size.</param>
    /// <param name="validationSteps">How many times validation goes over its data; only with <paramref name="stepsPerEpoch"/>.</param>
    /// <param name="validationFreq">After which epochs validation runs.</param>
    /// <param name="maxQueueSize">For generators; arrays need no queue.</param>
    /// <param name="workers">For generators; arrays need no workers.</param>
    /// <param name="useMultiprocessing">Accepted for Keras' sake: .NET threads run in parallel anyway.</param>
    /// <param name="cancellationToken">Ends the training between two batches with an <see cref="OperationCanceledException"/>; the weights stay as trained so far.</param>
    /// <returns>Loss and metrics of each epoch.</returns>
    /// <exception cref="InvalidOperationException">The model is not compiled, has no layers, or is disposed.</exception>
    /// <exception cref="ArgumentException">Data or arguments do not fit; the model is as before.</exception>
    public History Fit(NDArray x, NDArray y, int? batchSize = null, int epochs = 1, int verbose = 1, IEnumerable<Callback>? callbacks = null,
        double validationSplit = 0, ValidationData? validationData = null, Shuffle? shuffle = null, IReadOnlyDictionary<int, double>? classWeight = null,
        NDArray? sampleWeight = null, int initialEpoch = 0, int? stepsPerEpoch = null, int? validationSteps = null, ValidationFreq? validationFreq = null,
        int maxQueueSize = 10, int workers = 1, bool useMultiprocessing = false, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            RequireCompiled();
            CheckFitArguments(batchSize, epochs, verbose, validationSplit, initialEpoch, stepsPerEpoch, validationSteps, maxQueueSize, workers);
            List<Callback> hooks = [.. callbacks ?? []];
            if (hooks.Contains(null!)) throw new ArgumentException("A callback cannot be null.", nameof(callbacks));

            (Data data, Data? validation) = Checked(() =>
            {
                Data all = CheckData(x, y, sampleWeight, classWeight, nameof(x), nameof(y), nameof(sampleWeight));
                return validationData is null ? Split(all, validationSplit) : (all, CheckValidation(validationData, stepsPerEpoch, validationSteps));
            });

            var loop = new FitLoop(this, data, validation)
            {
                BatchSize = batchSize ?? DefaultBatchSize,
                Epochs = epochs,
                InitialEpoch = initialEpoch,
                Steps = stepsPerEpoch,
                ValidationSteps = validationSteps,
                ValidationFreq = validationFreq ?? 1,
                Shuffle = shuffle ?? true,
                Verbose = verbose,
                Token = cancellationToken,
            };
            _training++;
            try
            {
                return loop.Run(hooks);
            }
            finally
            {
                _training--;
            }
        }
    }

    /// <summary>The last samples are held back, with their weights: what is split off keeps its class weights, as in Keras.</summary>
    static (Data Training, Data? Validation) Split(Data data, double validationSplit)
    {
        int kept = (int)(data.Count * (1 - validationSplit));
        if (kept == 0) throw new ArgumentException($"A validation split of {validationSplit} leaves none of {data.Count} samples for training.", nameof(validationSplit));
        return kept == data.Count ? (data, null) : (data.Slice(0, kept), data.Slice(kept, data.Count - kept));
    }

    Data CheckValidation(ValidationData validationData, int? stepsPerEpoch, int? validationSteps)
    {
        if (stepsPerEpoch is not null && validationSteps is null)
            throw new ArgumentException("If `steps_per_epoch` is set and validation data are given, `validation_steps` must be set too.", nameof(validationSteps));
        return CheckData(validationData.X, validationData.Y, validationData.SampleWeight, null, nameof(validationData), nameof(validationData), nameof(validationData));
    }

    static void CheckFitArguments(int? batchSize, int epochs, int verbose, double validationSplit, int initialEpoch, int? stepsPerEpoch, int? validationSteps, int maxQueueSize, int workers)
    {
        CheckBatchSize(batchSize, nameof(batchSize));
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        ArgumentOutOfRangeException.ThrowIfNegative(initialEpoch);
        CheckVerbose(verbose, nameof(verbose));
        if (!(validationSplit >= 0 && validationSplit < 1))
            throw new ArgumentOutOfRangeException(nameof(validationSplit), $"The validation split must be in [0, 1); given {validationSplit}.");
        if (stepsPerEpoch is < 1) throw new ArgumentOutOfRangeException(nameof(stepsPerEpoch), $"`steps_per_epoch` must be 1 or more; given {stepsPerEpoch}.");
        if (stepsPerEpoch is not null && batchSize is not null) throw new ArgumentException("If steps_per_epoch is set, the `batch_size` must be None.", nameof(batchSize));
        if (validationSteps is < 1) throw new ArgumentOutOfRangeException(nameof(validationSteps), $"`validation_steps` must be 1 or more; given {validationSteps}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(maxQueueSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(workers);
    }

    static void CheckBatchSize(int? batchSize, string parameter)
    {
        if (batchSize is < 1) throw new ArgumentOutOfRangeException(parameter, $"A batch size must be 1 or more; given {batchSize}.");
    }

    static void CheckVerbose(int verbose, string parameter)
    {
        if (verbose is < 0 or > 2) throw new ArgumentOutOfRangeException(parameter, $"`verbose` must be 0, 1 or 2; given {verbose}.");
    }

    /// <summary>The loop over epochs and batches.</summary>
    sealed class FitLoop(Sequential model, Data data, Data? validation)
    {
        readonly Dictionary<string, double> _batchLogs = [];

        public required int BatchSize { get; init; }
        public required int Epochs { get; init; }
        public required int InitialEpoch { get; init; }
        public required int? Steps { get; init; }
        public required int? ValidationSteps { get; init; }
        public required ValidationFreq ValidationFreq { get; init; }
        public required Shuffle Shuffle { get; init; }
        public required int Verbose { get; init; }
        public required CancellationToken Token { get; init; }

        int BatchCount => Steps ?? (data.Count + BatchSize - 1) / BatchSize;

        public History Run(List<Callback> hooks)
        {
            History history = model.History = new History();
            IReadOnlyList<string> names = model.MetricsNames;
            IReadOnlyList<string> logNames = validation is null ? names : [.. names, .. names.Select(n => $"val_{n}")];
            var parameters = new TrainingParameters(Epochs, BatchCount, Steps is null ? data.Count : null, Steps is null ? BatchSize : null, Verbose, validation is not null, logNames);
            List<Callback> callbacks = [.. Verbose > 0 ? [new ProgbarLogger()] : Array.Empty<Callback>(), .. hooks, history];
            foreach (Callback callback in callbacks) callback.Attach(model, parameters);
            if (Verbose > 0)
                Console.WriteLine(validation is null ? $"Train on {Describe(data)}" : $"Train on {Describe(data)}, validate on {validation.Count} samples");

            model.StopTraining = false;
            StepFunction step = model.Function(Mode.Train, data);
            // One arena for the largest batch, so that the smaller last one needs no plan of its own memory.
            step.Prepare(Steps is null ? Math.Min(BatchSize, data.Count) : data.Count);
            step.Executable.Runs = model._trainSteps;
            int[] order = [.. Enumerable.Range(0, data.Count)];
            foreach (Callback callback in callbacks) callback.OnTrainBegin();
            for (int epoch = InitialEpoch; epoch < Epochs && !model.StopTraining; epoch++)
            {
                foreach (Callback callback in callbacks) callback.OnEpochBegin(epoch);
                model.ResetMetrics();
                if (Steps is null) Reorder(order);
                double loss = Epoch(step, order, callbacks, hooks.Count > 0 || Verbose > 0);

                var logs = new Dictionary<string, double>();
                double[] results = (double[])step.Results.Clone();
                if (validation is not null && ValidationFreq.Includes(epoch) && !model.StopTraining)
                {
                    double[] judged = ValidationSteps is int steps
                        ? model.EvaluateSteps(validation, steps, 0)
                        : model.EvaluateBatches(validation, BatchSize, 0);
                    for (int i = 0; i < names.Count; i++) logs[$"val_{names[i]}"] = judged[i];
                }
                logs["loss"] = loss;
                for (int i = 1; i < names.Count; i++) logs[names[i]] = results[i];
                foreach (Callback callback in callbacks) callback.OnEpochEnd(epoch, logs);
            }
            foreach (Callback callback in callbacks) callback.OnTrainEnd();
            return history;
        }

        string Describe(Data d) => Steps is int steps ? $"{steps} steps" : $"{d.Count} samples";

        /// <summary>One pass over the data; the mean loss, weighted by batch size.</summary>
        double Epoch(StepFunction step, int[] order, List<Callback> callbacks, bool hooked)
        {
            double sum = 0;
            long seen = 0;
            IReadOnlyList<string> names = model.MetricsNames;
            for (int batch = 0; batch < BatchCount && !model.StopTraining; batch++)
            {
                Token.ThrowIfCancellationRequested();
                int start = Steps is null ? batch * BatchSize : 0;
                int size = Steps is null ? Math.Min(BatchSize, data.Count - start) : data.Count;
                int counted = Steps is null ? size : 1;
                if (hooked)
                {
                    _batchLogs["batch"] = batch;
                    _batchLogs["size"] = counted;
                    foreach (Callback callback in callbacks) callback.OnTrainBatchBegin(batch, _batchLogs);
                }
                model.Optimizer!.BeginStep();
                step.Run(data.Arrays, order.AsSpan(start, size));
                model._trainSteps++;
                sum += step.Results[0] * counted;
                seen += counted;
                if (!hooked) continue;
                for (int i = 0; i < names.Count; i++) _batchLogs[names[i]] = step.Results[i];
                foreach (Callback callback in callbacks) callback.OnTrainBatchEnd(batch, _batchLogs);
            }
            return seen == 0 ? 0 : sum / seen;
        }

        void Reorder(int[] order)
        {
            if (!Shuffle.Samples && !Shuffle.Batches) return;
            var random = new RandomSource(SplitMix.Mix(model._seed + 0x5851_F42D_4C95_7F2D) + model._shuffles++);
            if (Shuffle.Samples)
            {
                random.Shuffle(order);
                return;
            }
            // Whole batches change places; the smaller last one stays last.
            int whole = data.Count / BatchSize;
            int[] batches = [.. Enumerable.Range(0, whole)];
            random.Shuffle(batches);
            for (int b = 0; b < whole; b++)
                for (int i = 0; i < BatchSize; i++) order[b * BatchSize + i] = batches[b] * BatchSize + i;
        }
    }
}
