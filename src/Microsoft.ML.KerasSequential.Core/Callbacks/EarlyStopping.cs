using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Stops training when a value no longer improves (Keras <c>keras.callbacks.EarlyStopping</c>).</summary>
/// <param name="monitor">The name of the monitored value in the logs.</param>
/// <param name="minDelta">The smallest change that counts as an improvement.</param>
/// <param name="patience">The number of epochs without improvement after which training stops.</param>
/// <param name="verbose">0 for silent, or 1 to print a line when training stops.</param>
/// <param name="mode">
/// <c>min</c>, <c>max</c>, or <c>auto</c>, which selects <c>max</c> if the name contains "acc" or is that of a
/// metric of Keras 3 of which more is better, such as F1, and <c>min</c> otherwise.
/// </param>
/// <param name="baseline">A value that must be improved on first, or null.</param>
/// <param name="restoreBestWeights">
/// true to restore the weights of the best epoch when training stops early; otherwise, false.
/// </param>
/// <param name="restoreAtEnd">
/// true to restore the weights of the best epoch also when training ends normally, as in current Keras;
/// <paramref name="restoreBestWeights"/> is then not needed. The default is false, which keeps the last weights, as in
/// Keras 2.3.
/// </param>
public class EarlyStopping(
    string monitor = "val_loss", double minDelta = 0, int patience = 0, int verbose = 0, string mode = "auto",
    double? baseline = null, bool restoreBestWeights = false,
    bool restoreAtEnd = false) : Callback
{
    readonly Improvement _improvement = new(monitor, mode, Math.Abs(minDelta));
    readonly MonitorWarning _warning = new(monitor, "Early stopping conditioned on metric");

    /// <summary>Gets the name of the monitored value in the logs.</summary>
    public string Monitor => monitor;

    /// <summary>
    /// Gets the smallest change that counts as an improvement. It is never negative (in Keras, the sign of
    /// <c>min_delta</c> depends on the mode).
    /// </summary>
    public double MinDelta => Math.Abs(minDelta);

    /// <summary>Gets the number of epochs without improvement after which training stops.</summary>
    public int Patience => patience;

    /// <summary>Gets the verbosity: 0 for silent, or 1 to print a line when training stops.</summary>
    public int Verbose => verbose;

    /// <summary>Gets the value that must be improved on first, or null.</summary>
    public double? Baseline => baseline;

    /// <summary>
    /// Gets a value that indicates whether the weights of the best epoch are restored when training stops early.
    /// </summary>
    public bool RestoreBestWeights => restoreBestWeights;

    /// <summary>
    /// Gets a value that indicates whether the weights of the best epoch are also restored when training ends normally.
    /// </summary>
    public bool RestoreAtEnd => restoreAtEnd;

    /// <summary>
    /// Gets the zero-based index of the first epoch that counts; earlier ones are a warm-up (Keras 3
    /// <c>start_from_epoch</c>). The default is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int StartFromEpoch
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Gets or sets the best value so far.</summary>
    public double Best { get; protected set; }

    /// <summary>Gets or sets the number of epochs since the best one.</summary>
    public int Wait { get; protected set; }

    /// <summary>Gets or sets the weights of the best epoch, if they are to be restored.</summary>
    public IReadOnlyList<NDArray>? BestWeights { get; protected set; }

    /// <summary>
    /// Gets or sets the zero-based index of the epoch after which training stopped, or 0 if it did not stop early.
    /// </summary>
    public int StoppedEpoch { get; protected set; }

    internal override void Check(TrainingPlan plan)
    {
        // A derived class might get the value from elsewhere.
        if (GetType() == typeof(EarlyStopping)) _warning.Check(plan);
    }

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        (Wait, StoppedEpoch, BestWeights) = (0, 0, null);
        _improvement.Resolve(Model);
        Best = baseline ?? _improvement.Worst;
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (GetMonitorValue(logs) is not double current || epoch < StartFromEpoch) return;
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

    /// <summary>
    /// Gets the monitored value of an epoch (Keras <c>get_monitor_value</c>). If the logs do not contain it, a warning
    /// lists the available names once per training run.
    /// </summary>
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
    /// Determines whether a value improves on another by more than <see cref="MinDelta"/>, according to the mode (Keras
    /// <c>monitor_op</c>, to which Keras passes the value minus <c>min_delta</c>).
    /// </summary>
    /// <param name="current">The value.</param>
    /// <param name="best">The value to compare with, usually <see cref="Best"/>.</param>
    /// <returns>true if the value is better; otherwise, false.</returns>
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
