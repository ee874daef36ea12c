using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

// What a model tells of itself, while it is trained and when it predicts.
public sealed partial class Sequential
{
    /// <summary>
    /// Where the model logs: trainings and their epochs as information, what goes wrong in them as warnings and errors,
    /// evaluations and predictions for debugging. Nowhere by default. What belongs to one training has a scope with
    /// <c>RunId</c> and <c>Model</c>. With dependency injection (<c>services.AddKerasSequential</c>) it is the host's.
    /// </summary>
    /// <exception cref="ArgumentNullException">
    /// The logger is null; for silence there is <see cref="NullLogger.Instance"/>.
    /// </exception>
    public ILogger Logger
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    } = NullLogger.Instance;

    sealed partial class FitLoop
    {
        /// <summary>A training that is told as it goes on, and how it ended.</summary>
        History Observed(TrainingParameters parameters, Func<TrainingObserver, History> train)
        {
            ILogger logger = model.IsFirstRank ? model.Logger : NullLogger.Instance;
            using var observer =
                new TrainingObserver(model, logger, options.Progress, parameters, options.InitialEpoch);
            try
            {
                return train(observer);
            }
            catch (OperationCanceledException)
            {
                observer.Cancelled();
                throw;
            }
            catch (Exception e)
            {
                observer.Failed(e);
                throw;
            }
        }

        /// <summary>What the steps of this epoch gave so far; the caller has the gate.</summary>
        IReadOnlyDictionary<string, double> MetricsSoFar(StepFunction step)
        {
            double[] results = step.Results;
            IReadOnlyList<string> names = model.MetricsNames;
            var metrics = new Dictionary<string, double> { [names[0]] = _loss.Mean };
            for (int i = 1; i < names.Count; i++) metrics[names[i]] = results[i];
            return metrics;
        }

        /// <summary>Says once a training that its loss is no number any more.</summary>
        void SayNotFinite(TrainingObserver observer)
        {
            if (!observer.WatchesLoss) return;
            bool isTerminated = options.Callbacks.Any(c => c is TerminateOnNaN);
            string message = observer.NotFinite(_loss.NotFinite, _loss.FirstNotFinite, isTerminated);
            if (options.Verbose > 0) (_callbacks[0] as ProgbarLogger)?.Say(message);
        }
    }
}
