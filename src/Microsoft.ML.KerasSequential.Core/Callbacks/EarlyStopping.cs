using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Stops training when a value no longer improves (Keras <c>keras.callbacks.EarlyStopping</c>).</summary>
/// <param name="monitor">The name of the value in the logs.</param>
/// <param name="minDelta">The smallest change that counts as an improvement.</param>
/// <param name="patience">How many epochs may pass without an improvement.</param>
/// <param name="verbose">1 to print a line when it stops.</param>
/// <param name="mode"><c>min</c>, <c>max</c>, or <c>auto</c>: max if the name contains "acc", else min.</param>
/// <param name="baseline">A value that must be improved on first.</param>
/// <param name="restoreBestWeights">Whether the weights of the best epoch are restored when training stops
/// early.</param>
/// <param name="restoreAtEnd">
/// Whether they are also restored when training ends on its own, as in current Keras;
/// <paramref name="restoreBestWeights"/> is then not needed. By default, as in Keras 2.3, the last weights stay.
/// </param>
public class EarlyStopping(
    string monitor = "val_loss", double minDelta = 0, int patience = 0, int verbose = 0, string mode = "auto",
    double? baseline = null, bool restoreBestWeights = false,
    bool restoreAtEnd = false) : Callback
{
    readonly Improvement _improvement = new(monitor, mode, Math.Abs(minDelta));
    readonly MonitorWarning _warning = new(monitor, "Early stopping conditioned on metric");

    /// <summary>The name of the value in the logs.</summary>
    public string Monitor => monitor;

    /// <summary>
    /// The smallest change that counts as an improvement; not negative (in Keras, the sign of <c>min_delta</c> depends
    /// on the mode).
    /// </summary>
    public double MinDelta => Math.Abs(minDelta);

    /// <summary>How many epochs may pass without an improvement.</summary>
    public int Patience => patience;

    /// <summary>1 if a line is printed when training stops.</summary>
    public int Verbose => verbose;

    /// <summary>The value that must be improved on first, or null.</summary>
    public double? Baseline => baseline;

    /// <summary>Whether the weights of the best epoch are restored when training stops early.</summary>
    public bool RestoreBestWeights => restoreBestWeights;

    /// <summary>Whether they are also restored when training ends on its own.</summary>
    public bool RestoreAtEnd => restoreAtEnd;

    /// <summary>The best value so far.</summary>
    public double Best { get; protected set; }

    /// <summary>How many epochs have passed since the best one.</summary>
    public int Wait { get; protected set; }

    /// <summary>The weights of the best epoch, if they are to be restored.</summary>
    public IReadOnlyList<NDArray>? BestWeights { get; protected set; }

    /// <summary>The epoch at which training was stopped, or 0.</summary>
    public int StoppedEpoch { get; protected set; }

    internal override void Check(TrainingPlan plan)
    {
        // A class of the user's may take the value from elsewhere.
        if (GetType() == typeof(EarlyStopping)) _warning.Check(plan);
    }

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        (Wait, StoppedEpoch, BestWeights) = (0, 0, null);
        Best = baseline ?? _improvement.Worst;
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (GetMonitorValue(logs) is not double current) return;
        if (MonitorOp(current, Best))
        {
            (Best, Wait) = (current, 0);
            if (restoreBestWeights || restoreAtEnd) BestWeights = Model.GetWeights();
            return;
        }
        if (++Wait < patience) return;
        StoppedEpoch = epoch;
        Model.StopTraining = true;
        if (restoreBestWeights && !restoreAtEnd) Restore();
    }

    /// <summary>Gets the monitored value of an epoch (Keras <c>get_monitor_value</c>). If the logs lack it, a warning
    /// lists the available names, once per training run.</summary>
    /// <param name="logs">The logs of the epoch.</param>
    /// <returns>The value, or null if there is none.</returns>
    protected virtual double? GetMonitorValue(IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (logs.TryGetValue(monitor, out double current)) return current;
        _warning.Say(Model, logs.Keys);
        return null;
    }

    /// <summary>
    /// Whether a value improves on another by more than <see cref="MinDelta"/>, according to the mode (Keras
    /// <c>monitor_op</c>, which takes the value minus <c>min_delta</c>).
    /// </summary>
    /// <param name="current">The value.</param>
    /// <param name="best">The value to compare with, usually <see cref="Best"/>.</param>
    /// <returns>Whether it is better.</returns>
    protected bool MonitorOp(double current, double best) => _improvement.Over(best, current);

    /// <inheritdoc/>
    public override JsonNode? GetState() => new JsonObject
    {
        ["best"] = Exact.Of(Best),
        ["wait"] = Wait,
        ["stopped_epoch"] = StoppedEpoch,
        ["best_weights"] = BestWeights is null ? null
            : new JsonArray(
                [.. BestWeights.Select(w => (JsonNode)Convert.ToBase64String(MemoryMarshal.AsBytes(w.Span)))]),
    };

    /// <inheritdoc/>
    public override void SetState(JsonElement state)
    {
        (Best, Wait, StoppedEpoch) = (Exact.Read(state.GetProperty("best")), state.GetProperty("wait").GetInt32(),
            state.GetProperty("stopped_epoch").GetInt32());
        if (state.GetProperty("best_weights") is not { ValueKind: JsonValueKind.Array } weights) return;
        BestWeights = [.. weights.EnumerateArray()
            .Zip(Model.GetWeights(),
                (w, own) => new NDArray(MemoryMarshal.Cast<byte, float>(w.GetBytesFromBase64()).ToArray(),
                    own.Shape.ToArray()))];
    }

    /// <inheritdoc/>
    public override void OnTrainEnd()
    {
        if (StoppedEpoch > 0 && verbose > 0) Console.WriteLine($"Epoch {StoppedEpoch + 1:00000}: early stopping");
        if (restoreAtEnd) Restore();
    }

    void Restore()
    {
        if (BestWeights is null) return;
        if (verbose > 0) Console.WriteLine("Restoring model weights from the end of the best epoch");
        Model.SetWeights(BestWeights);
    }
}
