using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Saves the model after epochs (Keras <c>keras.callbacks.ModelCheckpoint</c>). A file is written under a temporary
/// name in the same folder and renamed once complete, so the last checkpoint stays intact whatever happens.
/// </summary>
public class ModelCheckpoint : Callback
{
    readonly Improvement _improvement;
    readonly MonitorWarning _warning;

    /// <summary>The file, or a pattern for its name.</summary>
    public string Filepath { get; }

    /// <summary>The name of the value in the logs that decides which model is best.</summary>
    public string Monitor { get; }

    /// <summary>1 if a line is printed for each file.</summary>
    public int Verbose { get; }

    /// <summary>Whether a model is saved only if it is better than all before.</summary>
    public bool SaveBestOnly { get; }

    /// <summary>Whether only the weights are saved.</summary>
    public bool SaveWeightsOnly { get; }

    /// <summary>The number of epochs between two files.</summary>
    public int Period { get; }

    /// <summary>The best value so far.</summary>
    public double Best { get; protected set; }

    /// <summary>The number of epochs since a file was last due.</summary>
    public int EpochsSinceLastSave { get; protected set; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Makes the callback.</summary>
    /// <param name="filepath">The file, or a pattern with the epoch (counted from 1) and the names of the logs:
    /// <c>weights.{epoch:02d}-{val_loss:.2f}.zip</c>.</param>
    /// <param name="monitor">The name of the value in the logs that decides which model is best.</param>
    /// <param name="verbose">1 to print a line for each file.</param>
    /// <param name="saveBestOnly">Whether a model is saved only if it is better than all before.</param>
    /// <param name="saveWeightsOnly">Whether only the weights are saved.</param>
    /// <param name="mode"><c>min</c>, <c>max</c>, or <c>auto</c>: max if the name contains "acc", else min.</param>
    /// <param name="period">The number of epochs between two files.</param>
    /// <exception cref="ArgumentException">The file's name is empty, the mode unknown, or the period below
    /// 1.</exception>
    public ModelCheckpoint(string filepath, string monitor = "val_loss", int verbose = 0, bool saveBestOnly = false,
        bool saveWeightsOnly = false, string mode = "auto", int period = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(filepath);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        _improvement = new(monitor, mode, 0);
        _warning = new(monitor, "Saving the best model conditioned on metric");
        Best = _improvement.Worst;
        (Filepath, Monitor, Verbose) = (filepath, monitor, verbose);
        (SaveBestOnly, SaveWeightsOnly, Period) = (saveBestOnly, saveWeightsOnly, period);
    }

    /// <exception cref="NotSupportedException">The file's extension names a format that cannot be written.</exception>
    internal override void Check(TrainingPlan plan)
    {
        KerasFormats.For(Filepath);
        if (SaveBestOnly) _warning.Check(plan);
        if (!SaveWeightsOnly) plan.Model.RequireSaveable();
        foreach (string name in PythonFormat.Names(Filepath).Where(n => n != "epoch"))
        {
            if (!plan.MayLog(name))
                throw TrainingPlan.Misfit(
                    this, $"the pattern \"{Filepath}\" uses \"{name}\", which the logs of this training run will not "
                    + $"contain; they contain epoch, {string.Join(", ", plan.Logs)}.");
            if (plan.IsOfValidation(name) && !plan.ValidatesEach(Period)
                && !(SaveBestOnly && Monitor.StartsWith("val_", StringComparison.Ordinal)))
                throw TrainingPlan.Misfit(
                    this, $"the pattern \"{Filepath}\" uses \"{name}\", but validation does not run after each epoch "
                    + "that is saved.");
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (++EpochsSinceLastSave < Period) return;
        EpochsSinceLastSave = 0;
        if (!SaveBestOnly)
        {
            string path = PathFor(epoch, logs);
            Print($"Epoch {epoch + 1:00000}: saving model to {path}");
            Save(path);
        }
        else if (!logs.TryGetValue(Monitor, out double current))
        {
            _warning.Say(Model, logs.Keys);
        }
        else if (MonitorOp(current, Best))
        {
            string path = PathFor(epoch, logs);
            Print(string.Create(CultureInfo.InvariantCulture,
                $"Epoch {epoch + 1:00000}: {Monitor} improved from {Five(Best)} to {Five(current)}, saving "
                + $"model to {path}"));
            Best = current;
            Save(path);
        }
        else
        {
            Print(string.Create(CultureInfo.InvariantCulture,
                $"Epoch {epoch + 1:00000}: {Monitor} did not improve from {Five(Best)}"));
        }
    }

    /// <inheritdoc/>
    public override JsonNode? GetState() =>
        new JsonObject { ["best"] = Exact.Of(Best), ["epochs_since_save"] = EpochsSinceLastSave };

    /// <inheritdoc/>
    public override void SetState(JsonElement state) => (Best, EpochsSinceLastSave) =
        (Exact.Read(state.GetProperty("best")), state.GetProperty("epochs_since_save").GetInt32());

    /// <summary>Whether a value is better than another, according to the mode (Keras <c>monitor_op</c>).</summary>
    /// <param name="current">The value.</param>
    /// <param name="best">The value to compare with, usually <see cref="Best"/>.</param>
    /// <returns>Whether it is better.</returns>
    protected bool MonitorOp(double current, double best) => _improvement.Over(best, current);

    static string Five(double value) =>
        double.IsFinite(value) ? value.ToString("0.00000", CultureInfo.InvariantCulture) : PythonFormat.Repr(value);

    string PathFor(int epoch, IDictionary<string, double> logs) =>
        PythonFormat.Apply(Filepath, new Dictionary<string, double>(logs) { ["epoch"] = epoch + 1 });

    /// <summary>Writes the file of an epoch.</summary>
    /// <param name="path">The file, with its pattern filled in.</param>
    protected virtual void Save(string path)
    {
        if (SaveWeightsOnly) Model.SaveWeights(path);
        else Model.Save(path);
    }

    void Print(string line)
    {
        if (Verbose > 0) Console.WriteLine("\n" + line);
    }
}
