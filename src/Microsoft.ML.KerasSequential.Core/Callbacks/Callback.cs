using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Callbacks;

/// <summary>
/// Hooks into training (Keras <c>keras.callbacks.Callback</c>). The logs that batch hooks receive are one dictionary that
/// is filled anew for each batch: copy what is to be kept.
/// </summary>
public abstract class Callback
{
    static readonly ObjectRegistry<Callback> s_known = new("callback")
    {
        ["History"] = _ => new History(),
        ["ProgbarLogger"] = c => new ProgbarLogger(c.String("count_mode") ?? "samples"),
        ["BaseLogger"] = _ => new BaseLogger(),
        ["TerminateOnNaN"] = _ => new TerminateOnNaN(),
        ["CSVLogger"] = c => new CSVLogger(c.String("filename") ?? throw c.Missing("filename"), c.String("separator") ?? ",", c.Bool("append", false)),
        ["ModelCheckpoint"] = c => new ModelCheckpoint(c.String("filepath") ?? throw c.Missing("filepath"), Monitor(c), c.Int("verbose", 0),
            c.Bool("save_best_only", false), c.Bool("save_weights_only", false), Mode(c), c.Int("period", 1)),
        ["RemoteMonitor"] = c => new RemoteMonitor(c.String("root") ?? "http://localhost:9000", c.String("path") ?? "/publish/epoch/end/", c.String("field") ?? "data",
            sendAsJson: c.Bool("send_as_json", false)),
        ["TensorBoard"] = c => new TensorBoard(c.String("log_dir") ?? "./logs", c.Int("histogram_freq", 0), c.Bool("write_graph", true),
            updateFreq: c.Element("update_freq") is { ValueKind: JsonValueKind.Number } n ? n.GetInt32() : c.String("update_freq") ?? "epoch"),
        ["EarlyStopping"] = c => new EarlyStopping(Monitor(c), c.Double("min_delta", 0), c.Int("patience", 0), c.Int("verbose", 0), Mode(c),
            c.OptionalDouble("baseline"), c.Bool("restore_best_weights", false), c.Bool("restore_at_end", false)),
        ["ReduceLROnPlateau"] = c => new ReduceLROnPlateau(Monitor(c), c.Double("factor", 0.1), c.Int("patience", 10), c.Int("verbose", 0), Mode(c),
            c.Double("min_delta", 1e-4), c.Int("cooldown", 0), c.Double("min_lr", 0), c.Bool("log_decayed_rate", false)),
    };

    /// <summary>The logs of hooks before anything is known.</summary>
    internal static readonly IReadOnlyDictionary<string, double> NoLogs = new Dictionary<string, double>();

    Sequential? _model;
    TrainingParameters? _params;

    /// <summary>The model that is trained; set before the first hook.</summary>
    /// <exception cref="InvalidOperationException">The callback was not given to a training.</exception>
    public Sequential Model => _model ?? throw NotTraining();

    /// <summary>The arguments of the training: epochs, steps, samples, verbosity, and the names of the logs.</summary>
    /// <exception cref="InvalidOperationException">The callback was not given to a training.</exception>
    public TrainingParameters Params => _params ?? throw NotTraining();

    /// <summary>
    /// Whether the callback runs on every rank of a distributed training (the default), as one must that stops the training or changes weights or rates; else on rank 0 alone, as those do that write files
    /// or show progress.
    /// </summary>
    public virtual bool RunsOnEveryRank => true;

    /// <summary>Whether the callback does something at each batch of a training; most do not, and then nothing is told them.</summary>
    internal bool SeesBatches => this is TrainingCheckpoint
        || new BatchHook[] { OnTrainBatchBegin, OnTrainBatchEnd, OnBatchBegin, OnBatchEnd }
            .Any(hook => hook.Method.DeclaringType != typeof(Callback));

    delegate void BatchHook(int batch, IReadOnlyDictionary<string, double> logs);

    /// <summary>Says before a training begins, and before anything changes, what would make the callback fail in the middle of it.</summary>
    /// <exception cref="ArgumentException">A setting does not fit the training.</exception>
    /// <exception cref="InvalidOperationException">The model is not one that the callback can do its work with.</exception>
    internal virtual void Check(TrainingPlan plan)
    {
    }

    /// <summary>Whether the callback may add an entry of this name to the logs of an epoch; one of the user's may add any.</summary>
    internal virtual bool MayLog(string name) => GetType().Assembly != typeof(Callback).Assembly;

    /// <summary>Before the first epoch.</summary>
    public virtual void OnTrainBegin()
    {
    }

    /// <summary>Before the first epoch. Calls the form without logs.</summary>
    /// <param name="logs">Nothing yet, as in Keras.</param>
    public virtual void OnTrainBegin(IReadOnlyDictionary<string, double> logs) => OnTrainBegin();

    /// <summary>After the last epoch, also when training was stopped.</summary>
    public virtual void OnTrainEnd()
    {
    }

    /// <summary>After the last epoch. Calls the form without logs.</summary>
    /// <param name="logs">The logs of the last epoch; nothing if there was none.</param>
    public virtual void OnTrainEnd(IReadOnlyDictionary<string, double> logs) => OnTrainEnd();

    /// <summary>Before an epoch.</summary>
    /// <param name="epoch">The epoch, counted from 0.</param>
    public virtual void OnEpochBegin(int epoch)
    {
    }

    /// <summary>Before an epoch. Calls the form without logs.</summary>
    /// <param name="epoch">The epoch, counted from 0.</param>
    /// <param name="logs">Nothing yet, as in Keras.</param>
    public virtual void OnEpochBegin(int epoch, IReadOnlyDictionary<string, double> logs) => OnEpochBegin(epoch);

    /// <summary>After an epoch.</summary>
    /// <param name="epoch">The epoch, counted from 0.</param>
    /// <param name="logs">Loss and metrics of the epoch; validation results under <c>val_…</c>. Callbacks may add entries for those that follow.</param>
    public virtual void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
    }

    /// <summary>Before a batch; calls <see cref="OnBatchBegin"/>.</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's number and size.</param>
    public virtual void OnTrainBatchBegin(int batch, IReadOnlyDictionary<string, double> logs) => OnBatchBegin(batch, logs);

    /// <summary>After a batch; calls <see cref="OnBatchEnd"/>.</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's number and size, its loss, and the metrics since the epoch began.</param>
    public virtual void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs) => OnBatchEnd(batch, logs);

    /// <summary>Before a batch of training, under its older name.</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's number and size.</param>
    public virtual void OnBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>After a batch of training, under its older name.</summary>
    /// <param name="batch">The batch, counted from 0 in each epoch.</param>
    /// <param name="logs">The batch's number and size, its loss, and the metrics since the epoch began.</param>
    public virtual void OnBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Before an evaluation, also the validation after an epoch.</summary>
    public virtual void OnTestBegin()
    {
    }

    /// <summary>Before an evaluation. Calls the form without logs.</summary>
    /// <param name="logs">Nothing yet, as in Keras.</param>
    public virtual void OnTestBegin(IReadOnlyDictionary<string, double> logs) => OnTestBegin();

    /// <summary>After an evaluation.</summary>
    public virtual void OnTestEnd()
    {
    }

    /// <summary>After an evaluation. Calls the form without logs.</summary>
    /// <param name="logs">The loss and the metrics.</param>
    public virtual void OnTestEnd(IReadOnlyDictionary<string, double> logs) => OnTestEnd();

    /// <summary>Before a batch of an evaluation.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's number and size.</param>
    public virtual void OnTestBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>After a batch of an evaluation.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's number and size, its loss, and the metrics so far.</param>
    public virtual void OnTestBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>Before a prediction.</summary>
    public virtual void OnPredictBegin()
    {
    }

    /// <summary>Before a prediction. Calls the form without logs.</summary>
    /// <param name="logs">Nothing, as in Keras.</param>
    public virtual void OnPredictBegin(IReadOnlyDictionary<string, double> logs) => OnPredictBegin();

    /// <summary>After a prediction.</summary>
    public virtual void OnPredictEnd()
    {
    }

    /// <summary>After a prediction. Calls the form without logs.</summary>
    /// <param name="logs">Nothing, as in Keras.</param>
    public virtual void OnPredictEnd(IReadOnlyDictionary<string, double> logs) => OnPredictEnd();

    /// <summary>Before a batch of a prediction.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's number and size.</param>
    public virtual void OnPredictBatchBegin(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>After a batch of a prediction.</summary>
    /// <param name="batch">The batch, counted from 0.</param>
    /// <param name="logs">The batch's number and size.</param>
    public virtual void OnPredictBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
    {
    }

    /// <summary>
    /// What the callback must remember for a training to go on in another process (<see cref="TrainingCheckpoint"/>); nothing by default.
    /// </summary>
    /// <returns>A JSON value of its own, or null.</returns>
    public virtual JsonNode? GetState() => null;

    /// <summary>Takes back what <see cref="GetState"/> gave; called after <see cref="OnTrainBegin()"/>.</summary>
    /// <param name="state">The value.</param>
    public virtual void SetState(JsonElement state)
    {
    }

    /// <summary>A callback from a configuration.</summary>
    /// <param name="config">A class name, or <c>{"class_name", "config"}</c> with the constructor's arguments under Keras' keys.</param>
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

    InvalidOperationException NotTraining() => new($"The callback {GetType().Name} is not part of a training; give it to Fit.");
}

/// <summary>The arguments of a training, as callbacks see them (Keras' <c>params</c>).</summary>
/// <param name="Epochs">The last epoch, counted from 1.</param>
/// <param name="Steps">Batches an epoch; 0 while that is not known.</param>
/// <param name="Samples">Samples an epoch, or null when the training counts steps.</param>
/// <param name="BatchSize">Samples a batch, or null.</param>
/// <param name="Verbose">0 for silence, 1 for a bar, 2 for a line an epoch.</param>
/// <param name="DoValidation">Whether validation data were given.</param>
/// <param name="Metrics">The names of the logs.</param>
public sealed record TrainingParameters(int Epochs, int Steps, int? Samples, int? BatchSize, int Verbose, bool DoValidation, IReadOnlyList<string> Metrics);
