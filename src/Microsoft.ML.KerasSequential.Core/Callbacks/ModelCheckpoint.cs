using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Saves the model after epochs (Keras <c>keras.callbacks.ModelCheckpoint</c>). A file is written beside its place and renamed when
/// it is whole, so that the last one stays whole whatever happens.
/// </summary>
public class ModelCheckpoint : Callback
{
    readonly string _filepath, _monitor;
    readonly int _verbose, _period;
    readonly bool _saveBestOnly, _saveWeightsOnly;
    readonly Improvement _improvement;

    /// <summary>The best value so far.</summary>
    public double Best { get; protected set; }

    /// <summary>How many epochs have passed since a file was due.</summary>
    public int EpochsSinceLastSave { get; protected set; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Makes the callback.</summary>
    /// <param name="filepath">The file, or a pattern with the epoch (counted from 1) and the names of the logs: <c>weights.{epoch:02d}-{val_loss:.2f}.zip</c>.</param>
    /// <param name="monitor">The name of the value in the logs that says what is best.</param>
    /// <param name="verbose">1 to print a line for each file.</param>
    /// <param name="saveBestOnly">Whether only models better than all before are saved.</param>
    /// <param name="saveWeightsOnly">Whether only the weights are saved.</param>
    /// <param name="mode"><c>min</c>, <c>max</c>, or <c>auto</c>: max if the name contains "acc", else min.</param>
    /// <param name="period">How many epochs lie between two files.</param>
    /// <exception cref="ArgumentException">The file's name is empty, the mode unknown, or the period below 1.</exception>
    public ModelCheckpoint(string filepath, string monitor = "val_loss", int verbose = 0, bool saveBestOnly = false, bool saveWeightsOnly = false, string mode = "auto", int period = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(filepath);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        _improvement = new(monitor, mode, 0);
        Best = _improvement.Worst;
        (_filepath, _monitor, _verbose, _saveBestOnly, _saveWeightsOnly, _period) = (filepath, monitor, verbose, saveBestOnly, saveWeightsOnly, period);
    }

    /// <exception cref="NotSupportedException">The file's extension is one of a format that cannot be written.</exception>
    internal override void Check(TrainingPlan plan)
    {
        KerasFormats.For(_filepath);
        if (!_saveWeightsOnly) plan.Model.RequireSaveable();
        foreach (string name in PythonFormat.Names(_filepath).Where(n => n != "epoch"))
        {
            if (!plan.MayLog(name))
                throw TrainingPlan.Misfit(this, $"the pattern \"{_filepath}\" asks for \"{name}\", which the logs of this training will not have; they have epoch, {string.Join(", ", plan.Logs)}.");
            if (plan.IsOfValidation(name) && !plan.ValidatesEach(_period) && !(_saveBestOnly && _monitor.StartsWith("val_", StringComparison.Ordinal)))
                throw TrainingPlan.Misfit(this, $"the pattern \"{_filepath}\" asks for \"{name}\", but validation does not run after each epoch that is saved.");
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (++EpochsSinceLastSave < _period) return;
        EpochsSinceLastSave = 0;
        if (!_saveBestOnly)
        {
            string path = PathFor(epoch, logs);
            Print($"Epoch {epoch + 1:00000}: saving model to {path}");
            Save(path);
        }
        else if (!logs.TryGetValue(_monitor, out double current))
        {
            Console.Error.WriteLine($"Can save best model only with {_monitor} available, skipping.");
        }
        else if (_improvement.Over(Best, current))
        {
            string path = PathFor(epoch, logs);
            Print(string.Create(CultureInfo.InvariantCulture, $"Epoch {epoch + 1:00000}: {_monitor} improved from {Five(Best)} to {Five(current)}, saving model to {path}"));
            Best = current;
            Save(path);
        }
        else
        {
            Print(string.Create(CultureInfo.InvariantCulture, $"Epoch {epoch + 1:00000}: {_monitor} did not improve from {Five(Best)}"));
        }
    }

    /// <inheritdoc/>
    public override JsonNode? GetState() => new JsonObject { ["best"] = Exact.Of(Best), ["epochs_since_save"] = EpochsSinceLastSave };

    /// <inheritdoc/>
    public override void SetState(JsonElement state) => (Best, EpochsSinceLastSave) = (Exact.Read(state.GetProperty("best")), state.GetProperty("epochs_since_save").GetInt32());

    static string Five(double value) => double.IsFinite(value) ? value.ToString("0.00000", CultureInfo.InvariantCulture) : PythonFormat.Repr(value);

    string PathFor(int epoch, IDictionary<string, double> logs) => PythonFormat.Apply(_filepath, new Dictionary<string, double>(logs) { ["epoch"] = epoch + 1 });

    /// <summary>Writes the file of an epoch.</summary>
    /// <param name="path">The file, with its pattern filled in.</param>
    protected virtual void Save(string path)
    {
        if (_saveWeightsOnly) Model.SaveWeights(path);
        else Model.Save(path);
    }

    void Print(string line)
    {
        if (_verbose > 0) Console.WriteLine("\n" + line);
    }
}
