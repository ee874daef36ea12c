using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Defines methods that are called during training, evaluation, and prediction (Keras <c>keras.callbacks.Callback</c>).
/// Batch methods receive the same dictionary of logs for every batch, with new values: copy what you want to keep.
/// </summary>
public abstract class Callback
{
    static readonly ObjectRegistry<Callback> s_known = new("callback")
    {
        ["History"] = _ => new History(),
        ["ProgbarLogger"] = c => new ProgbarLogger(c.String("count_mode") ?? "samples"),
        ["BaseLogger"] = _ => new BaseLogger(),
        ["TerminateOnNaN"] = _ => new TerminateOnNaN(),
        ["CSVLogger"] = c => new CSVLogger(c.String("filename") ?? throw c.Missing("filename"),
            c.String("separator") ?? ",", c.Bool("append", false)),
        ["ModelCheckpoint"] = c => new ModelCheckpoint(c.String("filepath") ?? throw c.Missing("filepath"), Monitor(c),
            c.Int("verbose", 0), c.Bool("save_best_only", false), c.Bool("save_weights_only", false), Mode(c),
            c.Int("period", 1))
        {
            SaveFreq = Freq(c),
            InitialValueThreshold = c.OptionalDouble("initial_value_threshold"),
        },
        ["BackupAndRestore"] = c => new BackupAndRestore(c.String("backup_dir") ?? throw c.Missing("backup_dir"),
            Freq(c), c.Bool("double_checkpoint", false), c.Bool("delete_checkpoint", true)),
        ["SwapEMAWeights"] = c => new SwapEMAWeights(c.Bool("swap_on_epoch", false)),
        ["RemoteMonitor"] = c => new RemoteMonitor(c.String("root") ?? "http://localhost:9000",
            c.String("path") ?? "/publish/epoch/end/", c.String("field") ?? "data",
            sendAsJson: c.Bool("send_as_json", false)),
        ["TensorBoard"] = c => new TensorBoard(c.String("log_dir") ?? "./logs", c.Int("histogram_freq", 0),
            c.Bool("write_graph", true), updateFreq: c.Element("update_freq") is { ValueKind: JsonValueKind.Number } n
            ? n.GetInt32() : c.String("update_freq") ?? "epoch")
        {
            WriteStepsPerSecond = c.Bool("write_steps_per_second", false),
        },
        ["EarlyStopping"] = c => new EarlyStopping(Monitor(c), c.Double("min_delta", 0), c.Int("patience", 0),
            c.Int("verbose", 0), Mode(c), c.OptionalDouble("baseline"), c.Bool("restore_best_weights", false),
            c.Bool("restore_at_end", false))
        {
            StartFromEpoch = c.Int("start_from_epoch", 0),
        },
        ["ReduceLROnPlateau"] = c => new ReduceLROnPlateau(Monitor(c), c.Double("factor", 0.1), c.Int("patience", 10),
            c.Int("verbose", 0), Mode(c), c.Double("min_delta", 1e-4), c.Int("cooldown", 0), c.Double("min_lr", 0),
            c.Bool("log_decayed_rate", false)),
    };

    /// <summary>An empty dictionary of logs, for methods that are called before there are any values.</summary>
    internal static readonly IReadOnlyDictionary<string, double> NoLogs = new Dictionary<string, double>();

    Sequential? _model;
    TrainingParameters? _params;

    /// <summary>
    /// Gets the model that is being trained. It is set before any other method of the callback is called.
    /// </summary>
    /// <exception cref="InvalidOperationException">The callback is not part of a training run.</exception>
    public Sequential Model => _model ?? throw NotTraining();

    /// <summary>
    /// Gets the arguments of the training run: epochs, steps, samples, verbosity, and the names of the logs.
    /// </summary>
    /// <exception cref="InvalidOperationException">The callback is not part of a training run.</exception>
    public TrainingParameters Params => _params ?? throw NotTraining();

    /// <summary>
    /// Gets a value that indicates whether the callback runs on every rank of distributed training (the default).
    /// Callbacks that stop training or change weights or learning rates must run on every rank; callbacks that write
    /// files or show progress run on rank 0 only.
    /// </summary>
    public virtual bool RunsOnEveryRank => true;

    /// <summary>
    /// Gets a value that indicates whether the callback handles individual training batches. Most callbacks do not, and
    /// their batch methods are not called.
    /// </summary>
    internal bool SeesBatches => this is TrainingCheckpoint or ModelCheckpoint { SaveFreq.Batches: not null }
        || new BatchHook[] { OnTrainBatchBegin, OnTrainBatchEnd, OnBatchBegin, OnBatchEnd }
            .Any(hook => hook.Method.DeclaringType != typeof(Callback)
                && hook.Method.DeclaringType != typeof(ModelCheckpoint));

    delegate void BatchHook(int batch, IReadOnlyDictionary<string, double> logs);

    /// <summary>
    /// Checks for problems that would make the callback fail later. Called before training starts and before anything
    /// changes.
    /// </summary>
    /// <exception cref="ArgumentException">A setting does not fit the training run.</exception>
    /// <exception cref="InvalidOperationException">The callback cannot work with this model.</exception>
    internal virtual void Check(TrainingPlan plan)
    {
    }

    /// <summary>
    /// Returns a value that indicates whether the callback might add an entry with this name to the logs of an epoch.
    /// Custom callbacks might add any entry.
    /// </summary>
    internal virtual bool MayLog(string name) => GetType().Assembly != typeof(Callback).Assembly;

    /// <summary>Called before the first epoch.</summary>
    public virtual void OnTrainBegin()
    {
    }

    /// <summary>Called before the first epoch. The default implementation calls the overload without logs.</summary>
    /// <param name="logs">An empty dictionary, as in Keras.</param>
    public virtual void OnTrainBegin(IReadOnlyDictionary<string, double> logs) => OnTrainBegin();

    /// <summary>Called after the last epoch, even if training was stopped.</summary>
    public virtual void OnTrainEnd()
    {
    }

    /// <summary>Called after the last epoch. The default implementation calls the overload without logs.</summary>
    /// <param name="logs">The logs of the last epoch. The dictionary is empty if there was none.</param>
    public virtual void OnTrainEnd(IReadOnlyDictionary<string, double> logs) => OnTrainEnd();

    /// <summary>Called before each epoch.</summary>
    /// <param name="epoch">The zero-based index of the epoch.</param>
    public virtual void OnEpochBegin(int epoch)
    {
    }

    /// <summary>Called before each epoch. The default implementation calls the overload without logs.</summary>
    /// <param name="epoch">The zero-based index of the epoch.</param>
    /// <param name="logs">An empty dictionary, as in Keras.</param>
    public virtual void OnEpochBegin(int epoch, IReadOnlyDictionary<string, double> logs) => OnEpochBegin(epoch);

    /// <summary>Called after each epoch.</summary>
    /// <param name="epoch">The zero-based index of the epoch.</param>
    /// <param name="logs">
    /// The loss and the metrics of the epoch, with validation results under <c>val_…</c>. A callback can add entries
    /// for the callbacks that follow it.
    /// </param>
    public virtual void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
    }

    /// <summary>
    /// Called before each training batch. The default implementation calls <see cref="OnBatchBegin"/>.
    /// </summary>
    /// <param name="batch">The zero-based index of the batch in the epoch.</param>
    /// <param name="logs">The index and size of the batch.</param>
    public virtual void OnTrainBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
        OnBatchBegin(batch, logs);

    /// <summary>Called after each training batch. The default implementation calls <see cref="OnBatchEnd"/>.</summary>
    /// <param name="batch">The zero-based index of the batch in the epoch.</param>
    /// <param name="logs">The index, size, and loss of the batch, and the metrics since the start of the epoch.</param>
    public virtual void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => OnBatchEnd(batch, logs);

    /// <summary>Called before each training batch. This is the older name of <see cref="OnTrainBatchBegin"/>.</summary>
    /// <param name="batch">The zero-based index of the batch in the epoch.</param>
    /// <param name="logs">The index and size of the batch.</param>
    public virtual void OnBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Called after each training batch. This is the older name of <see cref="OnTrainBatchEnd"/>.</summary>
    /// <param name="batch">The zero-based index of the batch in the epoch.</param>
    /// <param name="logs">The index, size, and loss of the batch, and the metrics since the start of the epoch.</param>
    public virtual void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Called before an evaluation, including the validation after an epoch.</summary>
    public virtual void OnTestBegin()
    {
    }

    /// <summary>Called before an evaluation. The default implementation calls the overload without logs.</summary>
    /// <param name="logs">An empty dictionary, as in Keras.</param>
    public virtual void OnTestBegin(IReadOnlyDictionary<string, double> logs) => OnTestBegin();

    /// <summary>Called after an evaluation.</summary>
    public virtual void OnTestEnd()
    {
    }

    /// <summary>Called after an evaluation. The default implementation calls the overload without logs.</summary>
    /// <param name="logs">The loss and the metrics.</param>
    public virtual void OnTestEnd(IReadOnlyDictionary<string, double> logs) => OnTestEnd();

    /// <summary>Called before each batch of an evaluation.</summary>
    /// <param name="batch">The zero-based index of the batch.</param>
    /// <param name="logs">The index and size of the batch.</param>
    public virtual void OnTestBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Called after each batch of an evaluation.</summary>
    /// <param name="batch">The zero-based index of the batch.</param>
    /// <param name="logs">The index, size, and loss of the batch, and the metrics so far.</param>
    public virtual void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Called before a prediction.</summary>
    public virtual void OnPredictBegin()
    {
    }

    /// <summary>Called before a prediction. The default implementation calls the overload without logs.</summary>
    /// <param name="logs">An empty dictionary, as in Keras.</param>
    public virtual void OnPredictBegin(IReadOnlyDictionary<string, double> logs) => OnPredictBegin();

    /// <summary>Called after a prediction.</summary>
    public virtual void OnPredictEnd()
    {
    }

    /// <summary>Called after a prediction. The default implementation calls the overload without logs.</summary>
    /// <param name="logs">An empty dictionary, as in Keras.</param>
    public virtual void OnPredictEnd(IReadOnlyDictionary<string, double> logs) => OnPredictEnd();

    /// <summary>Called before each batch of a prediction.</summary>
    /// <param name="batch">The zero-based index of the batch.</param>
    /// <param name="logs">The index and size of the batch.</param>
    public virtual void OnPredictBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Called after each batch of a prediction.</summary>
    /// <param name="batch">The zero-based index of the batch.</param>
    /// <param name="logs">The index and size of the batch.</param>
    public virtual void OnPredictBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>
    /// Gets the state that the callback needs to resume training in another process (<see cref="TrainingCheckpoint"/>).
    /// The default is none.
    /// </summary>
    /// <returns>A new JSON value, or null.</returns>
    public virtual JsonNode? GetState() => null;

    /// <summary>
    /// Restores the state that <see cref="GetState"/> returned. Called after <see cref="OnTrainBegin()"/>.
    /// </summary>
    /// <param name="state">The state.</param>
    public virtual void SetState(JsonElement state)
    {
    }

    /// <summary>Creates a callback from a configuration.</summary>
    /// <param name="config">
    /// A class name, or <c>{"class_name", "config"}</c> with the constructor's arguments under the keys that Keras
    /// uses.
    /// </param>
    /// <returns>The callback.</returns>
    /// <exception cref="ArgumentException">The class is unknown, or a setting is invalid.</exception>
    public static Callback FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "a callback");
        return s_known.Make(name, new Config(settings, name), nameof(config));
    }

    static string Monitor(Config c) => c.String("monitor") ?? "val_loss";

    static SaveFreq Freq(Config c) => c.Element("save_freq") is { ValueKind: JsonValueKind.Number } n ? n.GetInt32()
        : c.String("save_freq") ?? "epoch";

    static string Mode(Config c) => c.String("mode") ?? "auto";

    internal void Attach(Sequential model, TrainingParameters parameters) => (_model, _params) = (model, parameters);

    InvalidOperationException NotTraining() =>
        new($"The callback {GetType().Name} is not part of a training run; pass it to Fit.");
}

/// <summary>Contains the arguments of a training run that callbacks can read (Keras' <c>params</c>).</summary>
/// <param name="Epochs">The number of the last epoch, starting at 1.</param>
/// <param name="Steps">The number of batches per epoch, or 0 while it is unknown.</param>
/// <param name="Samples">The number of samples per epoch, or null if training counts steps.</param>
/// <param name="BatchSize">The number of samples per batch, or null.</param>
/// <param name="Verbose">0 for silent, 1 for a progress bar, or 2 for one line per epoch.</param>
/// <param name="DoValidation">true if there is validation data; otherwise, false.</param>
/// <param name="Metrics">The names of the logs.</param>
public sealed record TrainingParameters(int Epochs, int Steps, int? Samples, int? BatchSize, int Verbose,
    bool DoValidation, IReadOnlyList<string> Metrics);
