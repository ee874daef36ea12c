using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Stops training when a value no longer improves (Keras <c>keras.callbacks.EarlyStopping</c>).</summary>
/// <param name="monitor">The name of the value in the logs.</param>
/// <param name="minDelta">The least change that counts as an improvement.</param>
/// <param name="patience">How many epochs may pass without one.</param>
/// <param name="verbose">1 to print a line when it stops.</param>
/// <param name="mode"><c>min</c>, <c>max</c>, or <c>auto</c>: max if the name contains "acc", else min.</param>
/// <param name="baseline">A value that must be beaten first.</param>
/// <param name="restoreBestWeights">Whether the weights of the best epoch come back when training is stopped early.</param>
/// <param name="restoreAtEnd">
/// Whether they come back also when training ends by itself, as in today's Keras; then <paramref name="restoreBestWeights"/> need not be
/// given. In Keras 2.3, and by default, the last weights stay then.
/// </param>
public sealed class EarlyStopping(
    string monitor = "val_loss", double minDelta = 0, int patience = 0, int verbose = 0, string mode = "auto", double? baseline = null, bool restoreBestWeights = false,
    bool restoreAtEnd = false) : Callback
{
    readonly Improvement _improvement = new(monitor, mode, Math.Abs(minDelta));
    double _best;
    int _wait;
    IReadOnlyList<NDArray>? _bestWeights;

    /// <summary>The epoch at which training was stopped, or 0.</summary>
    public int StoppedEpoch { get; private set; }

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        (_wait, StoppedEpoch, _bestWeights) = (0, 0, null);
        _best = baseline ?? _improvement.Worst;
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (!logs.TryGetValue(monitor, out double current))
        {
            Console.Error.WriteLine($"Early stopping conditioned on metric `{monitor}` which is not available. Available metrics are: {string.Join(",", logs.Keys)}");
            return;
        }
        if (_improvement.Over(_best, current))
        {
            (_best, _wait) = (current, 0);
            if (restoreBestWeights || restoreAtEnd) _bestWeights = Model.GetWeights();
            return;
        }
        if (++_wait < patience) return;
        StoppedEpoch = epoch;
        Model.StopTraining = true;
        if (restoreBestWeights && !restoreAtEnd) Restore();
    }

    /// <inheritdoc/>
    public override JsonNode? GetState() => new JsonObject
    {
        ["best"] = Exact.Of(_best),
        ["wait"] = _wait,
        ["stopped_epoch"] = StoppedEpoch,
        ["best_weights"] = _bestWeights is null ? null : new JsonArray([.. _bestWeights.Select(w => (JsonNode)Convert.ToBase64String(MemoryMarshal.AsBytes(w.Span)))]),
    };

    /// <inheritdoc/>
    public override void SetState(JsonElement state)
    {
        (_best, _wait, StoppedEpoch) = (Exact.Read(state.GetProperty("best")), state.GetProperty("wait").GetInt32(), state.GetProperty("stopped_epoch").GetInt32());
        if (state.GetProperty("best_weights") is not { ValueKind: JsonValueKind.Array } weights) return;
        _bestWeights = [.. weights.EnumerateArray().Zip(Model.GetWeights(), (w, own) => new NDArray(MemoryMarshal.Cast<byte, float>(w.GetBytesFromBase64()).ToArray(), own.Shape.ToArray()))];
    }

    /// <inheritdoc/>
    public override void OnTrainEnd()
    {
        if (StoppedEpoch > 0 && verbose > 0) Console.WriteLine($"Epoch {StoppedEpoch + 1:00000}: early stopping");
        if (restoreAtEnd) Restore();
    }

    void Restore()
    {
        if (_bestWeights is null) return;
        if (verbose > 0) Console.WriteLine("Restoring model weights from the end of the best epoch");
        Model.SetWeights(_bestWeights);
    }
}
