using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>Hooks given as functions (Keras <c>keras.callbacks.LambdaCallback</c>).</summary>
public class LambdaCallback : Callback
{
    readonly Action<int, IReadOnlyDictionary<string, double>>? _onEpochBegin, _onBatchBegin, _onBatchEnd;
    readonly Action<int, IDictionary<string, double>>? _onEpochEnd;
    readonly Action<IReadOnlyDictionary<string, double>>? _onTrainBegin, _onTrainEnd;

    /// <summary>Makes the callback.</summary>
    /// <param name="onEpochBegin">Before an epoch, counted from 0.</param>
    /// <param name="onEpochEnd">After an epoch, with its logs, to which entries can be added.</param>
    /// <param name="onBatchBegin">Before a batch of training.</param>
    /// <param name="onBatchEnd">After a batch of training, with its logs.</param>
    /// <param name="onTrainBegin">Before the first epoch.</param>
    /// <param name="onTrainEnd">After the last epoch.</param>
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

    /// <summary>Makes the callback from functions that all take logs, as Keras' do.</summary>
    /// <param name="onEpochBegin">Before an epoch, counted from 0.</param>
    /// <param name="onEpochEnd">After an epoch, with its logs, to which entries can be added.</param>
    /// <param name="onBatchBegin">Before a batch of training.</param>
    /// <param name="onBatchEnd">After a batch of training, with its logs.</param>
    /// <param name="onTrainBegin">Before the first epoch.</param>
    /// <param name="onTrainEnd">After the last epoch, with its logs.</param>
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
