using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The mean of a function's values, weighted by sample (Keras <c>MeanMetricWrapper</c>): Σ(w·m)/Σw over the epoch.
/// </summary>
public class MeanMetric : Metric
{
    readonly Func<Tensor, Tensor, Tensor> _function;
    readonly JsonObject? _settings;

    /// <summary>Creates the metric.</summary>
    /// <param name="function">A function from targets and predictions to one value per sample.</param>
    /// <param name="name">The metric's name.</param>
    public MeanMetric(Func<Tensor, Tensor, Tensor> function, string name) : this(function, name, null)
    {
    }

    internal MeanMetric(Func<Tensor, Tensor, Tensor> function, string name, JsonObject? settings) : base(name)
    {
        _function = function ?? throw new ArgumentNullException(nameof(function));
        _settings = settings;
        AddState("total");
        AddState("count");
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        foreach ((string key, JsonNode? value) in _settings ?? []) config[key] = value?.DeepClone();
        return config;
    }

    /// <summary>A function is identified by its name.</summary>
    internal override JsonNode Serialize() => GetType() == typeof(MeanMetric) ? StoredName : base.Serialize();

    internal override bool HasFunctionOf(Metric other) => other is MeanMetric mean && mean._function == _function;

    internal override Metric Copy() =>
        GetType() == typeof(MeanMetric) ? new MeanMetric(_function, GivenName, _settings) : base.Copy();

    /// <inheritdoc/>
    protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
        Mean.Add(States, _function(yTrue, yPred), sampleWeight);

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states) => Mean.Of(states);
}
