using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>The mean of a function's values, weighted by sample (Keras <c>MeanMetricWrapper</c>): Σ(w·m)/Σw over the epoch.</summary>
public class MeanMetric : Metric
{
    readonly Func<Tensor, Tensor, Tensor> _function;
    readonly Variable _total = new("total", []), _count = new("count", []);
    readonly JsonObject? _settings;

    internal MeanMetric(Func<Tensor, Tensor, Tensor> function, string name, JsonObject? settings = null) : base(name)
    {
        _function = function ?? throw new ArgumentNullException(nameof(function));
        _settings = settings;
    }

    internal override IReadOnlyList<Variable> States => [_total, _count];

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        foreach ((string key, JsonNode? value) in _settings ?? []) config[key] = value?.DeepClone();
        return config;
    }

    internal override (IReadOnlyList<Update> Updates, Tensor Result) Trace(Tensor yTrue, Tensor yPred, Tensor? weight)
    {
        Tensor values = _function(yTrue, yPred);
        Tensor count;
        if (weight is null)
        {
            count = K.Sum(K.OnesLike(values));
            if (values.Dims.Size.Constant is null) count = new Tensor(new Ops.SizeOf(values.Dims.Size));
        }
        else
        {
            weight = SampleWeights.Broadcast(weight, values);
            count = K.Sum(weight);
            values *= weight;
        }
        Tensor total = _total + K.Sum(values), counted = _count + count;
        Tensor result = K.Where(K.Equal(counted, 0), 0, total / counted);
        return ([new(_total, total), new(_count, counted)], result);
    }
}
