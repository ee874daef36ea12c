using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Saves the model after epochs (Keras <c>keras.callbacks.ModelCheckpoint</c>). A file is written under a temporary
/// name in the same folder and renamed when it is complete, so the last checkpoint always stays intact.
/// </summary>
public class ModelCheckpoint : Callback
{
    readonly Improvement _improvement;
    readonly MonitorWarning _warning;
    int _epoch, _batchesSinceLastSave, _lastBatch = -1;

    /// <summary>Gets the path of the file, or a pattern for it.</summary>
    public string Filepath { get; }

    /// <summary>Gets the name of the value in the logs that determines which model is best.</summary>
    public string Monitor { get; }

    /// <summary>Gets the verbosity: 0 for silent, or 1 to print a line for each file.</summary>
    public int Verbose { get; }

    /// <summary>
    /// Gets a value that indicates whether a model is saved only if it is better than all previous ones.
    /// </summary>
    public bool SaveBestOnly { get; }

    /// <summary>Gets a value that indicates whether only the weights are saved.</summary>
    public bool SaveWeightsOnly { get; }

    /// <summary>Gets the number of epochs between two files.</summary>
    public int Period { get; }

    /// <summary>
    /// Gets how often a file is saved: <c>"epoch"</c> (the default), or a number of batches, which takes precedence
    /// over <see cref="Period"/> (Keras 3 <c>save_freq</c>). The pattern of the path can then contain <c>batch</c>,
    /// starting at 1.
    /// </summary>
    public SaveFreq SaveFreq { get; init; } = "epoch";

    /// <summary>
    /// Gets the value that the first model must improve on, or null (Keras 3 <c>initial_value_threshold</c>).
    /// </summary>
    public double? InitialValueThreshold
    {
        get;
        init
        {
            field = value;
            Best = value ?? _improvement.Worst;
        }
    }

    /// <summary>Gets or sets the best value so far.</summary>
    public double Best { get; protected set; }

    /// <summary>Gets or sets the number of epochs since a file was last due.</summary>
    public int EpochsSinceLastSave { get; protected set; }

    /// <inheritdoc/>
    public override bool RunsOnEveryRank => false;

    /// <summary>Creates the callback.</summary>
    /// <param name="filepath">
    /// The path of the file, or a pattern with the epoch (starting at 1) and the names of the logs:
    /// <c>weights.{epoch:02d}-{val_loss:.2f}.zip</c>.
    /// </param>
    /// <param name="monitor">The name of the value in the logs that determines which model is best.</param>
    /// <param name="verbose">0 for silent, or 1 to print a line for each file.</param>
    /// <param name="saveBestOnly">
    /// true to save a model only if it is better than all previous ones; otherwise, false.
    /// </param>
    /// <param name="saveWeightsOnly">true to save only the weights; otherwise, false.</param>
    /// <param name="mode">
    /// <c>min</c>, <c>max</c>, or <c>auto</c>, which selects <c>max</c> if the name contains "acc" or is that of a
    /// metric of Keras 3 of which more is better, such as F1, and <c>min</c> otherwise.
    /// </param>
    /// <param name="period">The number of epochs between two files.</param>
    /// <exception cref="ArgumentException">
    /// The file name is empty, the mode is unknown, or the period is less than 1.
    /// </exception>
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

    /// <exception cref="NotSupportedException">
    /// The file name extension specifies a format that cannot be written.
    /// </exception>
    internal override void Check(TrainingPlan plan)
    {
        KerasFormats.For(Filepath);
        if (SaveBestOnly) _warning.Check(plan);
        if (!SaveWeightsOnly) plan.Model.RequireSaveable();
        foreach (string name in PythonFormat.Names(Filepath).Where(n => n != "epoch"
            && !(n == "batch" && SaveFreq.Batches is not null)))
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
    public override void OnTrainBegin()
    {
        bool isFirst = Best == _improvement.Worst;
        _improvement.Resolve(Model);
        if (isFirst) Best = _improvement.Worst;
    }

    /// <inheritdoc/>
    public override void OnEpochBegin(int epoch) => (_epoch, _lastBatch) = (epoch, -1);

    /// <summary>Notes the place within the epoch.</summary>
    /// <param name="batch">The index of the batch.</param>
    /// <param name="logs">The batch's values.</param>
    public override void OnTrainBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
        base.OnTrainBatchBegin(batch, logs);
        // A resumed training starts within an epoch.
        if (batch > _lastBatch + 1 && _lastBatch < 0) _lastBatch = batch - 1;
    }

    /// <inheritdoc/>
    public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
        base.OnTrainBatchEnd(batch, logs);
        // If several steps run in one execution, this is called after the last of them.
        _batchesSinceLastSave += batch - _lastBatch;
        _lastBatch = batch;
        if (SaveFreq.Batches is not int every || _batchesSinceLastSave < every) return;
        _batchesSinceLastSave = 0;
        SaveIfDue(_epoch, new Dictionary<string, double>(logs), batch);
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        if (SaveFreq.Batches is not null || ++EpochsSinceLastSave < Period) return;
        EpochsSinceLastSave = 0;
        SaveIfDue(epoch, logs, null);
    }

    void SaveIfDue(int epoch, IDictionary<string, double> logs, int? batch)
    {
        if (!SaveBestOnly)
        {
            string path = PathFor(epoch, logs, batch);
            Print($"Epoch {epoch + 1:00000}: saving model to {path}");
            Save(path);
        }
        else if (!logs.TryGetValue(Monitor, out double current))
        {
            _warning.Say(Model, logs.Keys);
        }
        else if (MonitorOp(current, Best))
        {
            string path = PathFor(epoch, logs, batch);
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
        new JsonObject
        {
            ["best"] = Exact.Of(Best),
            ["epochs_since_save"] = EpochsSinceLastSave,
            ["batches_since_save"] = _batchesSinceLastSave,
        };

    /// <inheritdoc/>
    public override void SetState(JsonElement state)
    {
        (Best, EpochsSinceLastSave) =
            (Exact.Read(state.GetProperty("best")), state.GetProperty("epochs_since_save").GetInt32());
        _batchesSinceLastSave = state.TryGetProperty("batches_since_save", out JsonElement batches)
            ? batches.GetInt32() : 0;
    }

    /// <summary>
    /// Determines whether a value is better than another, according to the mode (Keras <c>monitor_op</c>).
    /// </summary>
    /// <param name="current">The value.</param>
    /// <param name="best">The value to compare with, usually <see cref="Best"/>.</param>
    /// <returns>true if the value is better; otherwise, false.</returns>
    protected bool MonitorOp(double current, double best) => _improvement.Over(best, current);

    static string Five(double value) =>
        double.IsFinite(value) ? value.ToString("0.00000", CultureInfo.InvariantCulture) : PythonFormat.Repr(value);

    string PathFor(int epoch, IDictionary<string, double> logs, int? batch)
    {
        var values = new Dictionary<string, double>(logs) { ["epoch"] = epoch + 1 };
        if (batch is int index) values["batch"] = index + 1;
        return PythonFormat.Apply(Filepath, values);
    }

    /// <summary>Writes the file for an epoch.</summary>
    /// <param name="path">The path of the file, with the values inserted into its pattern.</param>
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
