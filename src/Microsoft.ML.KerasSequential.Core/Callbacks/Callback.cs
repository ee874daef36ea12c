using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Hooks into training (Keras <c>keras.callbacks.Callback</c>). Batch hooks receive the same dictionary of logs for
/// every batch, with new values: copy what you want to keep.
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
            c.Int("period", 1)),
        ["RemoteMonitor"] = c => new RemoteMonitor(c.String("root") ?? "http://localhost:9000",
            c.String("path") ?? "/publish/epoch/end/", c.String("field") ?? "data",
            sendAsJson: c.Bool("send_as_json", false)),
        ["TensorBoard"] = c => new TensorBoard(c.String("log_dir") ?? "./logs", c.Int("histogram_freq", 0),
            c.Bool("write_graph", true), updateFreq: c.Element("update_freq") is { ValueKind: JsonValueKind.Number } n
            ? n.GetInt32() : c.String("update_freq") ?? "epoch"),
        ["EarlyStopping"] = c => new EarlyStopping(Monitor(c), c.Double("min_delta", 0), c.Int("patience", 0),
            c.Int("verbose", 0), Mode(c), c.OptionalDouble("baseline"), c.Bool("restore_best_weights", false),
            c.Bool("restore_at_end", false)),
        ["ReduceLROnPlateau"] = c => new ReduceLROnPlateau(Monitor(c), c.Double("factor", 0.1), c.Int("patience", 10),
            c.Int("verbose", 0), Mode(c), c.Double("min_delta", 1e-4), c.Int("cooldown", 0), c.Double("min_lr", 0),
            c.Bool("log_decayed_rate", false)),
    };

    /// <summary>Empty logs, for hooks that run before there are any values.</summary>
    internal static readonly IReadOnlyDictionary<string, double> NoLogs = new Dictionary<string, double>();

    Sequential? _model;
    TrainingParameters? _params;

    /// <summary>The model being trained; set before the first hook.</summary>
    /// <exception cref="InvalidOperationException">The callback is not part of a training run.</exception>
    public Sequential Model => _model ?? throw NotTraining();

    /// <summary>The arguments of the training: epochs, steps, samples, verbosity, and the names of the logs.</summary>
    /// <exception cref="InvalidOperationException">The callback is not part of a training run.</exception>
    public TrainingParameters Params => _params ?? throw NotTraining();

    /// <summary>
    /// Whether the callback runs on every rank of distributed training (the default). Callbacks that stop training or
    /// change weights or learning rates must; those that write files or show progress run on rank 0 only.
    /// </summary>
    public virtual bool RunsOnEveryRank => true;

    /// <summary>Whether the callback acts on each training batch; most do not, and their batch hooks are not
    /// called.</summary>
    internal bool SeesBatches => this is TrainingCheckpoint
        || new BatchHook[] { OnTrainBatchBegin, OnTrainBatchEnd, OnBatchBegin, OnBatchEnd }
            .Any(hook => hook.Method.DeclaringType != typeof(Callback));

    delegate void BatchHook(int batch, IReadOnlyDictionary<string, double> logs);

    /// <summary>Reports, before training starts and before anything changes, what would make the callback fail
    /// later.</summary>
    /// <exception cref="ArgumentException">A setting does not fit the training run.</exception>
    /// <exception cref="InvalidOperationException">The callback cannot work with this model.</exception>
    internal virtual void Check(TrainingPlan plan)
    {
    }

    /// <summary>Whether the callback may add an entry of this name to an epoch's logs; custom callbacks may add
    /// any.</summary>
    internal virtual bool MayLog(string name) => GetType().Assembly != typeof(Callback).Assembly;

    /// <summary>Before the first epoch.</summary>
    public virtual void OnTrainBegin()
    {
    }

    /// <summary>Before the first epoch. Calls the overload without logs.</summary>
    /// <param name="logs">Empty, as in Keras.</param>
    public virtual void OnTrainBegin(IReadOnlyDictionary<string, double> logs) => OnTrainBegin();

    /// <summary>After the last epoch, even if training was stopped.</summary>
    public virtual void OnTrainEnd()
    {
    }

    /// <summary>After the last epoch. Calls the overload without logs.</summary>
    /// <param name="logs">The logs of the last epoch; empty if there was none.</param>
    public virtual void OnTrainEnd(IReadOnlyDictionary<string, double> logs) => OnTrainEnd();

    /// <summary>Before an epoch.</summary>
    /// <param name="epoch">The epoch, counted from 0.</param>
    public virtual void OnEpochBegin(int epoch)
    {
    }

    /// <summary>Before an epoch. Calls the overload without logs.</summary>
    /// <param name="epoch">The epoch, counted from 0.</param>
    /// <param name="logs">Empty, as in Keras.</param>
    public virtual void OnEpochBegin(int epoch, IReadOnlyDictionary<string, double> logs) => OnEpochBegin(epoch);

    /// <summary>After an epoch.</summary>
    /// <param name="epoch">The epoch, counted from 0.</param>
    /// <param name="logs">The epoch's loss and metrics; validation results are under <c>val_…</c>. Callbacks may add
    /// entries for later callbacks.</param>
    public virtual void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
    }

    /// <summary>Before a batch; calls <see cref="OnBatchBegin"/>.</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's index and size.</param>
    public virtual void OnTrainBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) =>
        OnBatchBegin(batch, logs);

    /// <summary>After a batch; calls <see cref="OnBatchEnd"/>.</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's index and size, its loss, and the metrics since the epoch began.</param>
    public virtual void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => OnBatchEnd(batch, logs);

    /// <summary>Before a batch of training (the older name).</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's index and size.</param>
    public virtual void OnBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>After a batch of training (the older name).</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's index and size, its loss, and the metrics since the epoch began.</param>
    public virtual void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Before an evaluation, including the validation after an epoch.</summary>
    public virtual void OnTestBegin()
    {
    }

    /// <summary>Before an evaluation. Calls the overload without logs.</summary>
    /// <param name="logs">Empty, as in Keras.</param>
    public virtual void OnTestBegin(IReadOnlyDictionary<string, double> logs) => OnTestBegin();

    /// <summary>After an evaluation.</summary>
    public virtual void OnTestEnd()
    {
    }

    /// <summary>After an evaluation. Calls the overload without logs.</summary>
    /// <param name="logs">The loss and the metrics.</param>
    public virtual void OnTestEnd(IReadOnlyDictionary<string, double> logs) => OnTestEnd();

    /// <summary>Before a batch of an evaluation.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's index and size.</param>
    public virtual void OnTestBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>After a batch of an evaluation.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's index and size, its loss, and the metrics so far.</param>
    public virtual void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Before a prediction.</summary>
    public virtual void OnPredictBegin()
    {
    }

    /// <summary>Before a prediction. Calls the overload without logs.</summary>
    /// <param name="logs">Empty, as in Keras.</param>
    public virtual void OnPredictBegin(IReadOnlyDictionary<string, double> logs) => OnPredictBegin();

    /// <summary>After a prediction.</summary>
    public virtual void OnPredictEnd()
    {
    }

    /// <summary>After a prediction. Calls the overload without logs.</summary>
    /// <param name="logs">Empty, as in Keras.</param>
    public virtual void OnPredictEnd(IReadOnlyDictionary<string, double> logs) => OnPredictEnd();

    /// <summary>Before a batch of a prediction.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's index and size.</param>
    public virtual void OnPredictBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>After a batch of a prediction.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's index and size.</param>
    public virtual void OnPredictBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>
    /// Gets the state that the callback needs for training to resume in another process
    /// (<see cref="TrainingCheckpoint"/>); none by default.
    /// </summary>
    /// <returns>A new JSON value, or null.</returns>
    public virtual JsonNode? GetState() => null;

    /// <summary>Restores what <see cref="GetState"/> returned; called after <see cref="OnTrainBegin()"/>.</summary>
    /// <param name="state">The value.</param>
    public virtual void SetState(JsonElement state)
    {
    }

    /// <summary>Creates a callback from a configuration.</summary>
    /// <param name="config">A class name, or <c>{"class_name", "config"}</c> with the constructor's arguments under
    /// Keras' keys.</param>
    /// <returns>The callback.</returns>
    /// <exception cref="ArgumentException">The class is unknown or a setting is wrong.</exception>
    public static Callback FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "a callback");
        return s_known.Make(name, new Config(settings, name), nameof(config));
    }

    static string Monitor(Config c) => c.String("monitor") ?? "val_loss";

    static string Mode(Config c) => c.String("mode") ?? "auto";

    internal void Attach(Sequential model, TrainingParameters parameters) => (_model, _params) = (model, parameters);

    InvalidOperationException NotTraining() =>
        new($"The callback {GetType().Name} is not part of a training run; pass it to Fit.");
}

/// <summary>The arguments of a training run, as callbacks see them (Keras' <c>params</c>).</summary>
/// <param name="Epochs">The last epoch, counted from 1.</param>
/// <param name="Steps">Batches per epoch; 0 while that is not known.</param>
/// <param name="Samples">Samples per epoch, or null when training counts steps.</param>
/// <param name="BatchSize">Samples per batch, or null.</param>
/// <param name="Verbose">0 for silent, 1 for a progress bar, 2 for one line per epoch.</param>
/// <param name="DoValidation">Whether there is validation data.</param>
/// <param name="Metrics">The names of the logs.</param>
public sealed record TrainingParameters(int Epochs, int Steps, int? Samples, int? BatchSize, int Verbose,
    bool DoValidation, IReadOnlyList<string> Metrics);
