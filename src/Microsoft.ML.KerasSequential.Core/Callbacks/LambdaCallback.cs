using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Calls functions that you pass to its constructor (Keras <c>keras.callbacks.LambdaCallback</c>).</summary>
public class LambdaCallback : Callback
{
    readonly Action<int, IReadOnlyDictionary<string, double>>? _onEpochBegin, _onBatchBegin, _onBatchEnd;
    readonly Action<int, IDictionary<string, double>>? _onEpochEnd;
    readonly Action<IReadOnlyDictionary<string, double>>? _onTrainBegin, _onTrainEnd;

    /// <summary>Creates the callback.</summary>
    /// <param name="onEpochBegin">
    /// The function to call before each epoch, with the zero-based index of the epoch.
    /// </param>
    /// <param name="onEpochEnd">
    /// The function to call after each epoch, with its logs, to which the function can add entries.
    /// </param>
    /// <param name="onBatchBegin">The function to call before each training batch.</param>
    /// <param name="onBatchEnd">The function to call after each training batch, with its logs.</param>
    /// <param name="onTrainBegin">The function to call before the first epoch.</param>
    /// <param name="onTrainEnd">The function to call after the last epoch.</param>
    public LambdaCallback(
        Action<int>? onEpochBegin = null,
        Action<int, IDictionary<string, double>>? onEpochEnd = null,
        Action<int, IReadOnlyDictionary<string, double>>? onBatchBegin = null,
        Action<int, IReadOnlyDictionary<string, double>>? onBatchEnd = null,
        Action? onTrainBegin = null,
        Action? onTrainEnd = null)
        : this(
            onEpochBegin is null ? null : (int epoch, IReadOnlyDictionary<string, double> _) => onEpochBegin(epoch),
            onEpochEnd, onBatchBegin, onBatchEnd,
            onTrainBegin is null ? null : (IReadOnlyDictionary<string, double> _) => onTrainBegin(),
            onTrainEnd is null ? null : (IReadOnlyDictionary<string, double> _) => onTrainEnd())
    {
    }

    /// <summary>Creates the callback from functions that all take logs, as in Keras.</summary>
    /// <param name="onEpochBegin">
    /// The function to call before each epoch, with the zero-based index of the epoch.
    /// </param>
    /// <param name="onEpochEnd">
    /// The function to call after each epoch, with its logs, to which the function can add entries.
    /// </param>
    /// <param name="onBatchBegin">The function to call before each training batch.</param>
    /// <param name="onBatchEnd">The function to call after each training batch, with its logs.</param>
    /// <param name="onTrainBegin">The function to call before the first epoch.</param>
    /// <param name="onTrainEnd">The function to call after the last epoch, with its logs.</param>
    [OverloadResolutionPriority(-1)]
    public LambdaCallback(
        Action<int, IReadOnlyDictionary<string, double>>? onEpochBegin = null,
        Action<int, IDictionary<string, double>>? onEpochEnd = null,
        Action<int, IReadOnlyDictionary<string, double>>? onBatchBegin = null,
        Action<int, IReadOnlyDictionary<string, double>>? onBatchEnd = null,
        Action<IReadOnlyDictionary<string, double>>? onTrainBegin = null,
        Action<IReadOnlyDictionary<string, double>>? onTrainEnd = null) =>
        (_onEpochBegin, _onEpochEnd, _onBatchBegin, _onBatchEnd, _onTrainBegin, _onTrainEnd) =
            (onEpochBegin, onEpochEnd, onBatchBegin, onBatchEnd, onTrainBegin, onTrainEnd);

    internal override bool MayLog(string name) => _onEpochEnd is not null || base.MayLog(name);

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch, IReadOnlyDictionary<string, double> logs)
    {
        base.OnEpochBegin(epoch, logs);
        _onEpochBegin?.Invoke(epoch, logs);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs) => _onEpochEnd?.Invoke(epoch, logs);

    /// <inheritdoc/>
    public override void OnBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
        _onBatchBegin?.Invoke(batch, logs);

    /// <inheritdoc/>
    public override void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) =>
        _onBatchEnd?.Invoke(batch, logs);

    /// <inheritdoc/>
    public override void OnTrainBegin(IReadOnlyDictionary<string, double> logs)
    {
        base.OnTrainBegin(logs);
        _onTrainBegin?.Invoke(logs);
    }

    /// <inheritdoc/>
    public override void OnTrainEnd(IReadOnlyDictionary<string, double> logs)
    {
        base.OnTrainEnd(logs);
        _onTrainEnd?.Invoke(logs);
    }
}
