using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The weighted mean of values (Keras <c>keras.metrics.Mean</c>), for use with <see cref="Sequential"/> or on its own.
/// </summary>
public class Mean : Reduce
{
    /// <summary>Creates the metric.</summary>
    /// <param name="name">The metric's name.</param>
    public Mean(string name = "mean") : base(name)
    {
        AddState("total");
        AddState("count");
    }

    private protected override IReadOnlyList<Tensor> Update(Tensor values, Tensor? sampleWeight) =>
        Add(States, values, sampleWeight);

    /// <inheritdoc/>
    protected internal override Tensor Value(IReadOnlyList<Tensor> states) => Of(states);

    /// <summary>Total and count after adding values.</summary>
    internal static IReadOnlyList<Tensor> Add(IReadOnlyList<Tensor> states, Tensor values, Tensor? weight)
    {
        Tensor count;
        if (weight is null)
        {
            count = values.Dims.Size.Constant is null ? new Tensor(new SizeOf(values.Dims.Size))
                : K.Sum(K.OnesLike(values));
        }
        else
        {
            weight = SampleWeights.Broadcast(weight, values);
            count = K.Sum(weight);
            values *= weight;
        }
        return [states[0] + K.Sum(values), states[1] + count];
    }

    /// <summary>Total divided by count; 0 before the first value.</summary>
    internal static Tensor Of(IReadOnlyList<Tensor> states) => K.Where(K.Equal(states[1], 0), 0, states[0] / states[1]);
}
