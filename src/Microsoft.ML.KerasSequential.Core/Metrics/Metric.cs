using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// A figure of merit that is collected over the batches of an epoch (Keras <c>keras.metrics.Metric</c>). Its state lives in
/// variables that each batch updates on the device.
/// </summary>
public abstract class Metric
{
    /// <summary>Makes a metric.</summary>
    /// <param name="name">Its name in <c>metrics_names</c>, the history and the logs.</param>
    protected Metric(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <summary>The name in <c>metrics_names</c>, the history and the logs.</summary>
    public string Name { get; internal set; }

    /// <summary>The beginning of the name of a metric that was given none: the model numbers it.</summary>
    internal string? NumberedStem { get; init; }

    /// <summary>What the metric remembers between batches.</summary>
    internal abstract IReadOnlyList<Variable> States { get; }

    /// <summary>Forgets what was collected (Keras <c>reset_states</c>).</summary>
    public void ResetStates()
    {
        foreach (Variable state in States) state.Storage.Span.Clear();
    }

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig() => new() { ["name"] = Name };

    /// <summary>A metric by its Keras name or abbreviation; <c>accuracy</c> and <c>crossentropy</c> become what fits the loss.</summary>
    /// <param name="name">The name, which is also the metric's name in the history.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Metric(string name) => MetricRegistry.ByName(name);

    /// <summary>A metric given as a function: the mean of its values over all samples.</summary>
    /// <param name="function">From targets and predictions to a value a sample.</param>
    /// <param name="name">The metric's name.</param>
    /// <returns>The metric.</returns>
    public static Metric FromFunction(Func<Tensor, Tensor, Tensor> function, string name = "metric") => new MeanMetric(function, name);

    /// <summary>A metric from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The metric.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is wrong.</exception>
    public static Metric FromConfig(JsonElement config)
    {
        (string name, JsonElement settings) = Config.Open(config, "a metric");
        return MetricRegistry.FromConfig(name, new Config(settings, name));
    }

    /// <summary>The metric for a certain loss and output; only <c>accuracy</c> and <c>crossentropy</c> depend on them.</summary>
    internal virtual Metric Resolve(Losses.Loss? loss, Shape output) => this;

    /// <summary>Adds one batch: the updates of the states and the value after them.</summary>
    internal abstract (IReadOnlyList<Update> Updates, Tensor Result) Trace(Tensor yTrue, Tensor yPred, Tensor? weight);
}
