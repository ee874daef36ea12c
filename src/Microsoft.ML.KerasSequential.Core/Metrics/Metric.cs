using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// A metric accumulated over the batches of an epoch (Keras <c>keras.metrics.Metric</c>). Its state is in variables
/// that each batch updates on the device.
/// </summary>
[DynamicallyAccessedMembers(Fields)]
public abstract class Metric
{
    /// <summary>What a copy is made from; trimming keeps it in every derived class.</summary>
    const DynamicallyAccessedMemberTypes Fields =
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    readonly List<Variable> _states = [];

    /// <summary>Creates a metric.</summary>
    /// <param name="name">Its name in <c>metrics_names</c>, the history and the logs.</param>
    protected Metric(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, GivenName, StoredName) = (name, name, name);
    }

    /// <summary>The name in <c>metrics_names</c>, the history and the logs.</summary>
    public string Name { get; private set; }

    /// <summary>
    /// The name that the metric was created with; if it is already in use, <see cref="Name"/> differs.
    /// </summary>
    internal string GivenName { get; }

    /// <summary>The name of the metric's function in files.</summary>
    internal string StoredName { get; private set; }

    /// <summary>Whether the metric was specified by its Keras name alone, so that nothing else identifies it.</summary>
    internal bool IsByName { get; private set; }

    /// <summary>The prefix of the name of an unnamed metric, which the model numbers.</summary>
    internal string? NumberedStem { get; private protected set; }

    /// <summary>The state kept between batches, initially zero.</summary>
    public IReadOnlyList<Variable> States => _states;

    /// <summary>Whether the result is one number per threshold, which a model cannot report.</summary>
    internal virtual bool HasManyValues => false;

    /// <summary>
    /// Whether callbacks look for the largest value by themselves, as in Keras 3. Metrics of Keras 2.3 follow its rule:
    /// the name decides.
    /// </summary>
    internal virtual bool IsBetterIfLarger => false;

    /// <summary>
    /// Whether targets are class indices, without the predictions' last dimension or with size 1 there.
    /// </summary>
    internal virtual bool TakesClassNumbers => false;

    /// <summary>Resets the accumulated state (Keras <c>reset_states</c>).</summary>
    public void ResetStates()
    {
        using ModelGate.Turn turn = Enter();
        foreach (Variable state in _states) state.Rewrite().Clear();
    }

    /// <summary>Adds a batch, without a model (Keras <c>update_state</c>).</summary>
    /// <param name="yTrue">The targets.</param>
    /// <param name="yPred">The predictions.</param>
    /// <param name="sampleWeight">One factor per sample or value.</param>
    /// <exception cref="ArgumentException">The shapes are incompatible.</exception>
    public void UpdateState(NDArray yTrue, NDArray yPred, NDArray? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(yTrue);
        ArgumentNullException.ThrowIfNull(yPred);
        NDArray[] values = sampleWeight is null ? [yTrue, yPred] : [yTrue, yPred, sampleWeight];
        Tensor[] inputs = [.. values.Select(v => K.Placeholder([.. v.Shape.ToArray().Select(d => (int?)d)]))];
        Run(inputs, values, Trace(inputs[0], inputs[1], sampleWeight is null ? null : inputs[2]).Updates);
    }

    /// <summary>Computes the metric's value from the accumulated state (Keras <c>result</c>).</summary>
    /// <returns>A number; with several thresholds, one per threshold.</returns>
    public NDArray Result() => Run([], [], [])!;

    /// <summary>Creates a state; to be called in the constructor (Keras <c>add_weight</c>).</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">The state's shape.</param>
    /// <returns>The state.</returns>
    protected Variable AddState(string name, params int[] shape)
    {
        var state = new Variable(name, shape);
        _states.Add(state);
        return state;
    }

    /// <summary>Replaces the states, when their shapes are known.</summary>
    private protected void ReplaceStates(IEnumerable<(string Name, int[] Shape)> states)
    {
        _states.Clear();
        foreach ((string name, int[] shape) in states) AddState(name, shape);
    }

    /// <summary>The states after a batch.</summary>
    /// <param name="yTrue">The targets.</param>
    /// <param name="yPred">The predictions.</param>
    /// <param name="sampleWeight">One factor per sample or value, or null.</param>
    /// <returns>One tensor for each of <see cref="States"/>.</returns>
    protected internal abstract IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight);

    /// <summary>The metric's value.</summary>
    /// <param name="states">One tensor for each of <see cref="States"/>.</param>
    /// <returns>A tensor without dimensions.</returns>
    protected internal abstract Tensor Value(IReadOnlyList<Tensor> states);

    /// <summary>The settings under Keras' keys.</summary>
    /// <returns>A JSON object.</returns>
    public virtual JsonObject GetConfig() => new() { ["name"] = Name };

    internal virtual JsonNode Serialize() => Config.Wrap(GetType().Name, GetConfig());

    /// <summary>
    /// Gets a metric by its Keras name or abbreviation; <c>accuracy</c> and <c>crossentropy</c> resolve to the variant
    /// that matches the loss.
    /// </summary>
    /// <param name="name">The name, which is also the metric's name in the history.</param>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Metric(string name)
    {
        Metric metric = MetricRegistry.ByName(name);
        metric.IsByName = true;
        return metric;
    }

    /// <summary>
    /// Creates a metric from a function; its name is the method's name, or <c>metric</c> for a lambda.
    /// </summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    public static implicit operator Metric(Func<Tensor, Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return FromFunction(function, Utils.FunctionName.Of(function, "metric"));
    }

    /// <summary>Creates a metric from a function: the mean of its values over all samples.</summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    /// <param name="name">The metric's name.</param>
    /// <returns>The metric.</returns>
    public static Metric FromFunction(Func<Tensor, Tensor, Tensor> function, string name = "metric") =>
        new MeanMetric(function, name);

    /// <summary>Creates a metric from Keras' configuration.</summary>
    /// <param name="config">A name or <c>{"class_name", "config"}</c>.</param>
    /// <returns>The metric.</returns>
    /// <exception cref="ArgumentException">The name is unknown or a setting is invalid.</exception>
    public static Metric FromConfig(JsonElement config)
    {
        config = Keras3Names.Translated(config);
        (string name, JsonElement settings) = Config.Open(config, "a metric");
        return MetricRegistry.FromConfig(name, new Config(settings, name));
    }

    /// <summary>
    /// A metric with the same settings and its own states; an unregistered user-defined class is copied field by field.
    /// </summary>
    internal virtual Metric Copy()
    {
        JsonNode settings = Serialize();
        string name = settings is JsonObject ? settings["class_name"]!.GetValue<string>() : settings.GetValue<string>();
        // An object in a scope has its own settings.
        if (!MetricRegistry.Knows(name) || Utils.CustomObjectScope.Find(name) is Metric) return Twin();
        Metric copy = FromConfig(Config.Parse(settings));
        // A user-defined class may have the name of a Keras class.
        if (copy.GetType() != GetType()) return Twin();
        (copy.NumberedStem, copy.IsByName) = (NumberedStem, IsByName);
        return copy;
    }

    /// <summary>Whether both are the same: the same object, or merely the same Keras name.</summary>
    internal bool Repeats(Metric other) =>
        other == this || (IsByName && other.IsByName && NumberedStem is null && GivenName == other.GivenName);

    /// <summary>Whether both are the mean of the same function.</summary>
    internal virtual bool HasFunctionOf(Metric other) => false;

    /// <summary>Sets the name that a model reports it under.</summary>
    internal void Rename(string name, string storedName) => (Name, StoredName) = (name, storedName);

    /// <summary>
    /// The metric as it was created, with its own states and without the name changes made by models.
    /// </summary>
    internal Metric Fresh()
    {
        Metric twin = Twin();
        twin.Rename(GivenName, GivenName);
        twin.IsByName = false;
        return twin;
    }

    /// <summary>A copy with its own states, wherever its class keeps them.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2075",
        Justification = "The base classes are metrics too, whose fields stay.")]
    Metric Twin()
    {
        var twin = (Metric)MemberwiseClone();
        Dictionary<Variable, Variable> states =
            _states.ToDictionary(s => s, s => new Variable(s.Name, s.Sizes.ToArray()));
        for (Type? type = GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                object? own = field.GetValue(this) switch
                {
                    Variable state when states.TryGetValue(state, out Variable? copy) => copy,
                    Variable[] several => several.Select(v => states.GetValueOrDefault(v, v)).ToArray(),
                    List<Variable> several => several.ConvertAll(v => states.GetValueOrDefault(v, v)),
                    _ => null,
                };
                if (own is not null) field.SetValue(twin, own);
            }
        }
        return twin;
    }

    /// <summary>
    /// The metric for a given loss and output; only <c>accuracy</c> and <c>crossentropy</c> depend on them.
    /// </summary>
    internal virtual Metric Resolve(Losses.Loss? loss, Shape output) => this;

    /// <summary>Adds one batch: the updates of the states and the value after them.</summary>
    internal (IReadOnlyList<Update> Updates, Tensor Result) Trace(Tensor yTrue, Tensor yPred, Tensor? weight)
    {
        if (!TakesClassNumbers) (yTrue, yPred) = Losses.TargetShapes.Level(yTrue, yPred);
        return Trace(Update(yTrue, yPred, weight));
    }

    private protected (IReadOnlyList<Update> Updates, Tensor Result) Trace(IReadOnlyList<Tensor> next)
    {
        if (next.Count != _states.Count)
            throw new ArgumentException($"The metric {Name} has {_states.Count} states, but its update returned " +
                $"{next.Count} tensors.", nameof(next));
        return ([.. next.Select((tensor, i) => new Update(_states[i], tensor))], Value(next));
    }

    /// <summary>Waits until no step of the model that updates the states is running.</summary>
    ModelGate.Turn Enter() => _states.Count > 0 ? _states[0].Enter() : default;

    /// <summary>Runs updates outside a model; without any, returns the value.</summary>
    private protected NDArray? Run(IReadOnlyList<Tensor> inputs, NDArray[] values, IReadOnlyList<Update> updates)
    {
        Tensor[] outputs = updates.Count == 0 ? [Value(_states)] : [];
        using Executable executable = Device.Cpu.Compile(new Graph(inputs, outputs, updates));
        executable.Prepare(1);
        for (int i = 0; i < values.Length; i++) executable.Write(i, values[i].Span);
        using (Enter()) executable.Run();
        if (outputs.Length == 0) return null;
        var result = new NDArray(executable.OutputSizes(0));
        executable.Read(0, result.Span);
        return result;
    }
}
