using Microsoft.ML.KerasSequential.Callbacks;

namespace Microsoft.ML.KerasSequential.AutoML;

/// <summary>Reports training progress to a pruner, and stops training if the pruner says so.</summary>
internal sealed class PruningCallback(TrialPruner pruner, string monitor) : Callback
{
    readonly List<double> _losses = [];

    /// <summary>Whether training was stopped.</summary>
    public bool HasPruned { get; private set; }

    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (!logs.TryGetValue(monitor, out double loss) || double.IsNaN(loss)) return;
        _losses.Add(loss);
        if (pruner.EndsAfter(_losses)) Model.StopTraining = HasPruned = true;
    }

    public override void OnTrainEnd(IReadOnlyDictionary<string, double> logs) => pruner.Close(_losses);
}
