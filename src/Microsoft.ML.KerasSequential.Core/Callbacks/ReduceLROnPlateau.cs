using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Lowers the learning rate when a value no longer improves, and adds <c>lr</c> to the logs (Keras
/// <c>keras.callbacks.ReduceLROnPlateau</c>).
/// </summary>
public class ReduceLROnPlateau : Callback
{
    readonly bool _logDecayedRate;
    readonly Improvement _improvement;
    readonly MonitorWarning _warning;

    /// <summary>Creates the callback.</summary>
    /// <param name="monitor">The name of the monitored value in the logs.</param>
    /// <param name="factor">The factor by which the rate is multiplied. It must be less than 1.</param>
    /// <param name="patience">The number of epochs without improvement after which the rate is lowered.</param>
    /// <param name="verbose">0 for silent, or 1 to print a line for each change.</param>
    /// <param name="mode">
    /// <c>min</c>, <c>max</c>, or <c>auto</c>, which selects <c>max</c> if the name contains "acc" or is that of a
    /// metric of Keras 3 of which more is better, such as F1, and <c>min</c> otherwise.
    /// </param>
    /// <param name="minDelta">The smallest change that counts as an improvement.</param>
    /// <param name="cooldown">The number of epochs to wait after a change.</param>
    /// <param name="minLr">The lowest rate.</param>
    /// <param name="logDecayedRate">
    /// true to log the rate that updates actually use, <see cref="Optimizers.Optimizer.DecayedLearningRate"/>, as
    /// <c>lr</c>; false to log the rate without decay, as in Keras 2.3. The default is false.
    /// </param>
    /// <exception cref="ArgumentException">The factor is 1 or greater, or the mode is unknown.</exception>
    public ReduceLROnPlateau(string monitor = "val_loss", double factor = 0.1, int patience = 10, int verbose = 0,
        string mode = "auto", double minDelta = 1e-4, int cooldown = 0, double minLr = 0, bool logDecayedRate = false)
    {
        if (!(factor < 1))
            throw new ArgumentException($"ReduceLROnPlateau does not support a factor >= 1.0; given {factor}.",
                nameof(factor));
        _improvement = new(monitor, mode, minDelta);
        _warning = new(monitor, "Reduce LR on plateau conditioned on metric");
        (Monitor, Factor, Patience, Verbose) = (monitor, factor, patience, verbose);
        (Mode, MinDelta, Cooldown, MinLr) = (mode, minDelta, cooldown, minLr);
        _logDecayedRate = logDecayedRate;
    }

    /// <summary>Gets the name of the monitored value in the logs.</summary>
    public string Monitor { get; }

    /// <summary>Gets the factor by which the rate is multiplied.</summary>
    public double Factor { get; }

    /// <summary>Gets the number of epochs without improvement after which the rate is lowered.</summary>
    public int Patience { get; }

    /// <summary>Gets the verbosity: 0 for silent, or 1 to print a line for each change.</summary>
    public int Verbose { get; }

    /// <summary>Gets the mode: <c>min</c>, <c>max</c>, or <c>auto</c>.</summary>
    public string Mode { get; }

    /// <summary>Gets the smallest change that counts as an improvement.</summary>
    public double MinDelta { get; }

    /// <summary>Gets the number of epochs to wait after a change.</summary>
    public int Cooldown { get; }

    /// <summary>Gets the lowest rate.</summary>
    public double MinLr { get; }

    /// <summary>Gets or sets the best value so far.</summary>
    public double Best { get; protected set; }

    /// <summary>Gets or sets the number of epochs since the best one, or since the rate was lowered.</summary>
    public int Wait { get; protected set; }

    /// <summary>Gets or sets the number of epochs that remain in the cooldown.</summary>
    public int CooldownCounter { get; protected set; }

    /// <summary>Gets a value that indicates whether a cooldown is in progress (Keras <c>in_cooldown</c>).</summary>
    protected bool InCooldown => CooldownCounter > 0;

    /// <summary>
    /// Determines whether a value improves on another by more than <see cref="MinDelta"/>, according to the mode (Keras
    /// <c>monitor_op</c>).
    /// </summary>
    /// <param name="current">The value.</param>
    /// <param name="best">The value to compare with, usually <see cref="Best"/>.</param>
    /// <returns>true if the value is better; otherwise, false.</returns>
    protected bool MonitorOp(double current, double best) => _improvement.Over(best, current);

    internal override void Check(TrainingPlan plan)
    {
        plan.RequireFreeLearningRate(this);
        _warning.Check(plan);
    }

    internal override bool MayLog(string name) => name == "lr" || base.MayLog(name);

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        _improvement.Resolve(Model);
        (Best, Wait, CooldownCounter) = (_improvement.Worst, 0, 0);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        logs["lr"] = Model.Optimizer!.RateToLog(_logDecayedRate);
        if (!logs.TryGetValue(Monitor, out double current))
        {
            _warning.Say(Model, logs.Keys);
            return;
        }
        if (InCooldown)
        {
            CooldownCounter--;
            Wait = 0;
        }
        if (MonitorOp(current, Best))
        {
            (Best, Wait) = (current, 0);
        }
        else if (!InCooldown && ++Wait >= Patience)
        {
            double old = Model.Optimizer.LearningRate;
            if (old <= MinLr) return;
            Model.Optimizer.LearningRate = Math.Max(old * Factor, MinLr);
            if (Verbose > 0)
                Console.WriteLine(
                    string.Create(CultureInfo.InvariantCulture,
                        $"\nEpoch {epoch + 1:00000}: ReduceLROnPlateau reducing learning rate to "
                        + $"{Model.Optimizer.LearningRate}."));
            (CooldownCounter, Wait) = (Cooldown, 0);
        }
    }

    /// <inheritdoc/>
    public override JsonNode? GetState() =>
        new JsonObject { ["best"] = Exact.Of(Best), ["wait"] = Wait, ["cooldown_left"] = CooldownCounter };

    /// <inheritdoc/>
    public override void SetState(JsonElement state) =>
        (Best, Wait, CooldownCounter) = (Exact.Read(state.GetProperty("best")), state.GetProperty("wait").GetInt32(),
            state.GetProperty("cooldown_left").GetInt32());
}
