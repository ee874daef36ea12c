using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Runtime;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// The loop over epochs and steps, for any data source.
public sealed partial class Sequential
{
    /// <summary>The training arguments that do not depend on the data source.</summary>
    sealed record FitOptions(int Epochs, int Verbose, IReadOnlyList<Callback> Callbacks, int InitialEpoch,
        int? ValidationSteps, int? ValidationBatchSize, ValidationFreq ValidationFreq, int MaxQueueSize, int Workers,
        TrainingState? Resumed,
        IProgress<TrainingProgress>? Progress, CancellationToken Token);

    /// <summary>Data that was checked and opened, and is closed after training.</summary>
    sealed record Opened(EpochSource Source, EpochSource? Validation) : IDisposable
    {
        public History Train(Sequential model, FitOptions options)
        {
            if (!model.IsFirstRank) options = options with { Verbose = 0, Progress = null };
            if (options.Verbose > 0) model._device.Announce();
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            IDisposable? held = null;
            try
            {
                model.RequireShares(Source.BatchSize);
                model.RequireSame(("samples", Source.Samples ?? -1), ("steps per epoch", Source.Steps),
                    ("samples per batch", Source.BatchSize ?? -1), ("steps of validation", Validation?.Steps ?? 0),
                    ("epochs", options.Epochs), ("epochs before the first", options.InitialEpoch),
                    ("callbacks", options.Callbacks.Count));
                model.ShareWeights();
                held = model._device.Hold([.. Source.Arrays, .. Validation?.Arrays ?? []]);
                model._loop = new FitLoop(model, Source, Validation, options);
                return model._loop.Run();
            }
            finally
            {
                model._loop = null;
                model._trainingSeconds += System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds;
                held?.Dispose();
                Dispose();
            }
        }

        public void Dispose()
        {
            Source.Dispose();
            Validation?.Dispose();
        }
    }

    /// <summary>Callbacks that cannot work throw before anything changes.</summary>
    Opened CheckCallbacks(Opened opened, FitOptions options)
    {
        try
        {
            bool validates = opened.Validation is not null;
            var plan = new TrainingPlan(this, LogNames(validates), options.InitialEpoch, options.Epochs,
                epoch => validates && options.ValidationFreq.Includes(epoch), options.Callbacks);
            foreach (Callback callback in OwnHooks(options.Callbacks)) callback.Check(plan);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    IReadOnlyList<string> LogNames(bool validates) =>
        validates ? [.. MetricsNames, .. MetricsNames.Select(n => $"val_{n}")] : MetricsNames;

    sealed partial class FitLoop(Sequential model, EpochSource source, EpochSource? validation, FitOptions options)
    {
        static readonly TimeSpan s_barInterval = TimeSpan.FromMilliseconds(50);

        readonly Dictionary<string, double> _batchLogs = [];
        readonly bool _hooked = options.Callbacks.Any(c => c.SeesBatches);
        Callback[] _callbacks = [];
        double _shownLoss;
        long _shownSamples, _shownAt;
        ModelData? _data;
        StepFunction? _step;

        public History Run()
        {
            History history = model.History = new History();
            IReadOnlyList<string> names = model.MetricsNames;
            var parameters = new TrainingParameters(options.Epochs, source.Steps, source.Samples, source.BatchSize,
                options.Verbose, validation is not null, model.LogNames(validation is not null));
            _callbacks = [.. options.Verbose > 0 ? [new ProgbarLogger()] : Array.Empty<Callback>(),
                .. model.OwnHooks(options.Callbacks), history];
            Attach(parameters);
            Announce();
            return Observed(parameters, observer => Run(observer, parameters, names, history));
        }

        History Run(TrainingObserver observer, TrainingParameters parameters, IReadOnlyList<string> names,
            History history)
        {
            model.StopTraining = false;
            // One arena for the largest batch, so that the smaller last one needs no memory of its own.
            if (source is ArraySource arrays)
                using (model.WeightGate.Enter())
                    Function(arrays.Data).Prepare(Math.Min(arrays.BatchSize!.Value, arrays.Data.Count));
            foreach (Callback callback in _callbacks) (callback as TrainingCheckpoint)?.Begin(model._trainSteps);
            foreach (Callback callback in _callbacks) callback.OnTrainBegin(Callback.NoLogs);
            IReadOnlyDictionary<string, double> last = Callback.NoLogs;
            for (int epoch = Begin(); epoch < options.Epochs && !Stops(betweenEpochs: true); epoch++)
            {
                _epoch = epoch;
                // A sequence may change its length after each epoch.
                if (source.Steps != parameters.Steps) Attach(parameters = parameters with { Steps = source.Steps });
                observer.EpochBegins(epoch);
                foreach (Callback callback in _callbacks) callback.OnEpochBegin(epoch, Callback.NoLogs);
                using (model.WeightGate.Enter()) model.ClearMetrics();
                source.BeginEpoch();
                double loss = Epoch(observer);
                source.EndEpoch();
                if (_step is not null) model.RequireEqualState(_step.Written, epoch);

                var logs = new Dictionary<string, double>();
                // None if a callback stopped the training before its first step.
                double[] results = new double[names.Count];
                if (_step is not null)
                    using (model.WeightGate.Enter()) _step.Results.CopyTo(results, 0);
                if (validation is not null && options.ValidationFreq.Includes(epoch) && !Stopped)
                {
                    double[] judged = model.Validate(validation, model.OwnHooks(options.Callbacks), options.Token);
                    for (int i = 0; i < names.Count; i++) logs[$"val_{names[i]}"] = judged[i];
                }
                logs["loss"] = loss;
                for (int i = 1; i < names.Count; i++) logs[names[i]] = results[i];
                foreach (Callback callback in _callbacks) callback.OnEpochEnd(epoch, logs);
                observer.EpochEnds(_done, source.Steps, logs);
                last = logs;
            }
            if (options.Epochs > options.InitialEpoch && model.Optimizer!.KeepsAverages)
                using (model.WeightGate.Enter()) model.Optimizer.UseAverages(model.CollectedWeights!);
            foreach (Callback callback in _callbacks) callback.OnTrainEnd(last);
            observer.Ended(model.StopTraining);
            return history;
        }

        void Attach(TrainingParameters parameters)
        {
            foreach (Callback callback in _callbacks) callback.Attach(model, parameters);
        }

        /// <summary>As in Keras, prints the number of training samples, if the data is arrays.</summary>
        void Announce()
        {
            if (options.Verbose == 0 || source is FeedSource) return;
            string trained = source.Samples is int samples ? $"{samples} samples" : $"{source.Steps} steps";
            string judged = validation is null ? "" : validation.Samples is int held ? $", validate on {held} samples"
                : $", validate on {validation.Steps} steps";
            Console.WriteLine($"Train on {trained}{judged}");
        }

        /// <summary>One pass over the data; the mean loss, weighted by batch size.</summary>
        double Epoch(TrainingObserver observer)
        {
            (_loss, _done) = (new(), 0);
            if (_resumed is not null) Restore();
            (_shownLoss, _shownSamples) = (_loss.Sum, _loss.Samples);
            for (int batch = _done; GoesOn(batch); batch++)
            {
                long wait = TrainingObserver.BeginWait();
                StepData next = source.Next(options.Token);
                observer.EndWait(wait);
                bool hooked = _hooked && batch % model._stepsPerExecution == 0;
                if (hooked)
                {
                    _batchLogs["batch"] = batch;
                    _batchLogs["size"] = next.Weight;
                    foreach (Callback callback in _callbacks) callback.OnTrainBatchBegin(batch, _batchLogs);
                }
                bool shows, reports = observer.IsReportDue;
                IReadOnlyDictionary<string, double>? report;
                using (model.WeightGate.Enter(forStep: true))
                {
                    StepFunction step = Function(next.Data);
                    long begun = TrainingObserver.BeginStep();
                    model.Optimizer!.BeginStep();
                    // A hook or another thread may have run a step in between.
                    step.Executable.Runs = model._trainSteps;
                    step.Run(next.Data.Arrays, next.Rows.Span, _loss, next.Weight, next.Share);
                    model._trainSteps++;
                    _done = batch + 1;
                    observer.EndStep(begun, next.Weight, step.Executable.IsAsynchronous ? null : step.Results[0]);
                    shows = _hooked ? model.EndsExecution(source, batch) : options.Verbose > 0 && IsDue(step);
                    if (shows && _hooked && model._stepsPerExecution == 1)
                        Note(step, batch, next.Weight, step.Results[0]);
                    else if (shows) NoteSinceLast(step, batch);
                    report = reports ? MetricsSoFar(step) : null;
                }
                if (_loss.FirstNotFinite >= 0) SayNotFinite(observer);
                if (shows) Show(batch);
                if (report is not null) observer.Report(_done, source.Steps, report);
            }
            // Batches without a known number may end within an execution.
            bool left = _hooked && _done > 0 && !model.EndsExecution(source, _done - 1);
            using (model.WeightGate.Enter())
            {
                _step?.Collect();
                if (left) NoteSinceLast(_step!, _done - 1);
            }
            if (left) Show(_done - 1);
            if (_loss.FirstNotFinite >= 0) SayNotFinite(observer);
            observer.StepsEnd(_step?.Executable.IsAsynchronous == true ? _loss.Mean : null);
            return _loss.Mean;
        }

        /// <summary>Who stops does not wait for another batch.</summary>
        bool GoesOn(int batch) =>
            source.IsOpenEnded ? !Stops(betweenEpochs: false) && source.HasStep(batch, options.Token)
            : source.HasStep(batch, options.Token) && !Stops(betweenEpochs: false);

        void Note(StepFunction step, int batch, double size, double loss)
        {
            IReadOnlyList<string> names = model.MetricsNames;
            (_batchLogs["batch"], _batchLogs["size"], _batchLogs[names[0]]) = (batch, size, loss);
            for (int i = 1; i < names.Count; i++) _batchLogs[names[i]] = step.Results[i];
        }

        void Show(int batch)
        {
            foreach (Callback callback in _callbacks) callback.OnTrainBatchEnd(batch, _batchLogs);
            foreach (Callback callback in _callbacks)
                (callback as TrainingCheckpoint)?.AfterBatch(model._trainSteps, batch);
        }

        /// <summary>If only the progress bar needs the values, an asynchronous device does not wait for those of every
        /// step.</summary>
        bool IsDue(StepFunction step) =>
            !step.Executable.IsAsynchronous || System.Diagnostics.Stopwatch.GetElapsedTime(_shownAt) >= s_barInterval;

        /// <summary>Records all steps since the bar was last drawn as one.</summary>
        void NoteSinceLast(StepFunction step, int batch)
        {
            step.Collect();
            long samples = _loss.Samples - _shownSamples;
            Note(step, batch, samples, samples == 0 ? step.Results[0] : (_loss.Sum - _shownLoss) / samples);
            (_shownLoss, _shownSamples, _shownAt) =
                (_loss.Sum, _loss.Samples, System.Diagnostics.Stopwatch.GetTimestamp());
        }

        /// <summary>The step for these arrays; looked up only when they change.</summary>
        StepFunction Function(ModelData data)
        {
            if (ReferenceEquals(data, _data)) return _step!;
            _data = data;
            _step?.Collect();
            return _step = model.Function(Mode.Train, data);
        }
    }
}
