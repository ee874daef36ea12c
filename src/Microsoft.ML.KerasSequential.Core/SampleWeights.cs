using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

/// <summary>How sample weights meet the values that they weigh.</summary>
internal static class SampleWeights
{
    /// <summary>Weights a sample (or a step) in the shape of the values: missing trailing dimensions repeat (Keras <c>broadcast_weights</c>).</summary>
    public static Tensor Broadcast(Tensor weight, Tensor values)
    {
        if (weight.Rank > values.Rank)
            throw new ArgumentException($"Sample weights of shape {weight.Shape} have more dimensions than the values of shape {values.Shape} that they weigh.");
        var dims = new Dims([.. weight.Dims, .. Enumerable.Repeat((Dim)1, values.Rank - weight.Rank)]);
        Tensor shaped = weight.Dims.Equals(dims) ? weight : new Tensor(new Reshape(dims), weight);
        return shaped.Dims.Equals(values.Dims) ? shaped : new Tensor(new BroadcastTo(values.Dims), shaped);
    }
}
