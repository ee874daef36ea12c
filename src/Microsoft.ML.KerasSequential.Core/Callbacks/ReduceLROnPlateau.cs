using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Lowers the learning rate when a value no longer improves (Keras <c>keras.callbacks.ReduceLROnPlateau</c>); adds <c>lr</c> to the logs.</summary>
public class ReduceLROnPlateau : Callback
{
    readonly string _monitor;
    readonly double _factor, _minLr;
    readonly int _patience, _verbose, _cooldown;
    readonly bool _logDecayedRate;
    readonly Improvement _improvement;

    /// <summary>Makes the callback.</summary>
    /// <param name="monitor">The name of the value in the logs.</param>
    /// <param name="factor">What the rate is multiplied by, below 1.</param>
    /// <param name="patience">How many epochs may pass without an improvement.</param>
    /// <param name="verbose">1 to print a line for each change.</param>
    /// <param name="mode"><c>min</c>, <c>max</c>, or <c>auto</c>: max if the name contains "acc", else min.</param>
    /// <param name="minDelta">The least change that counts as an improvement.</param>
    /// <param name="cooldown">Epochs to wait after a change.</param>
    /// <param name="minLr">The lowest rate.</param>
    /// <param name="logDecayedRate">Whether <c>lr</c> in the logs is the rate that updates really take, <see cref="Optimizers.Optimizer.DecayedLearningRate"/>; the rate without its decay by default, as in Keras 2.3.</param>
    /// <exception cref="ArgumentException">The factor is 1 or more, or the mode is unknown.</exception>
    public ReduceLROnPlateau(string monitor = "val_loss", double factor = 0.1, int patience = 10, int verbose = 0, string mode = "auto", double minDelta = 1e-4, int cooldown = 0, double minLr = 0,
        bool logDecayedRate = false)
    {
        if (!(factor < 1)) throw new ArgumentException($"ReduceLROnPlateau does not support a factor >= 1.0; given {factor}.", nameof(factor));
        _improvement = new(monitor, mode, minDelta);
        (_monitor, _factor, _patience, _verbose, _cooldown, _minLr) = (monitor, factor, patience, verbose, cooldown, minLr);
        _logDecayedRate = logDecayedRate;
    }

    /// <summary>The best value so far.</summary>
    public double Best { get; protected set; }

    /// <summary>How many epochs have passed since the best one, or since the rate was lowered.</summary>
    public int Wait { get; protected set; }

    /// <summary>How many epochs are still waited after the rate was lowered.</summary>
    public int CooldownCounter { get; protected set; }

    internal override void Check(TrainingPlan plan) => plan.RequireFreeLearningRate(this);

    internal override bool MayLog(string name) => name == "lr" || base.MayLog(name);

    /// <inheritdoc/>
    public override void OnTrainBegin() => (Best, Wait, CooldownCounter) = (_improvement.Worst, 0, 0);

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        logs["lr"] = Model.Optimizer!.RateToLog(_logDecayedRate);
        if (!logs.TryGetValue(_monitor, out double current))
        {
            Console.Error.WriteLine($"Reduce LR on plateau conditioned on metric `{_monitor}` which is not available. Available metrics are: {string.Join(",", logs.Keys)}");
            return;
        }
        if (CooldownCounter > 0)
        {
            CooldownCounter--;
            Wait = 0;
        }
        if (_improvement.Over(Best, current))
        {
            (Best, Wait) = (current, 0);
        }
        else if (CooldownCounter == 0 && ++Wait >= _patience)
        {
            double old = Model.Optimizer.LearningRate;
            if (old <= _minLr) return;
            Model.Optimizer.LearningRate = Math.Max(old * _factor, _minLr);
            if (_verbose > 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nEpoch {epoch + 1:00000}: ReduceLROnPlateau reducing learning rate to {Model.Optimizer.LearningRate}."));
            (CooldownCounter, Wait) = (_cooldown, 0);
        }
    }

    /// <inheritdoc/>
    public override JsonNode? GetState() => new JsonObject { ["best"] = Exact.Of(Best), ["wait"] = Wait, ["cooldown_left"] = CooldownCounter };

    /// <inheritdoc/>
    public override void SetState(JsonElement state) =>
        (Best, Wait, CooldownCounter) = (Exact.Read(state.GetProperty("best")), state.GetProperty("wait").GetInt32(), state.GetProperty("cooldown_left").GetInt32());
}
