namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The weighted sum of values (Keras <c>keras.metrics.Sum</c>), for use with <see cref="Sequential"/> or on its own.
/// </summary>
public class Sum : Reduce
{
    /// <summary>Creates the metric.</summary>
    /// <param name="name">The metric's name.</param>
    public Sum(string name = "sum") : base(name) => AddState("total");

    private protected override IReadOnlyList<Tensor> Update(Tensor values, Tensor? sampleWeight)
    {
        if (sampleWeight is not null) values *= SampleWeights.Broadcast(sampleWeight, values);
        return [States[0] + K.Sum(values)];
    }

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states) => states[0];
}
