namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>A metric of plain values instead of targets and predictions (Keras <c>keras.metrics.Reduce</c>).</summary>
public abstract class Reduce : Metric
{
    private protected Reduce(string name) : base(name)
    {
    }

    /// <summary>Adds values, without a model (Keras <c>update_state</c>).</summary>
    /// <param name="values">The values.</param>
    /// <param name="sampleWeight">One factor per value; missing trailing dimensions broadcast.</param>
    public void UpdateState(NDArray values, NDArray? sampleWeight = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        NDArray[] arrays = sampleWeight is null ? [values] : [values, sampleWeight];
        Tensor[] inputs = [.. arrays.Select(v => K.Placeholder([.. v.Shape.ToArray().Select(d => (int?)d)]))];
        Run(inputs, arrays, Trace(Update(inputs[0], sampleWeight is null ? null : inputs[1])).Updates);
    }

    /// <summary>The updates and the value, for values computed in the model.</summary>
    internal (IReadOnlyList<Graphs.Update> Updates, Tensor Result) TraceValues(Tensor values) =>
        Trace(Update(values, null));

    /// <inheritdoc/>
    protected internal sealed override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
        throw new ArgumentException($"The metric {Name} accumulates single values, not targets and predictions: pass " +
            "it to AddMetric.", nameof(yPred));

    private protected abstract IReadOnlyList<Tensor> Update(Tensor values, Tensor? sampleWeight);
}
