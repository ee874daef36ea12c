using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

/// <summary>Matches the shape of sample weights to the values that they weight.</summary>
internal static class SampleWeights
{
    /// <summary>
    /// Broadcasts weights to the shape of the values (Keras <c>squeeze_or_expand_dimensions</c> and
    /// <c>broadcast_weights</c>): an extra last dimension of size 1 is removed; missing trailing dimensions and
    /// dimensions of size 1 are repeated.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public static Tensor Broadcast(Tensor sampleWeight, Tensor values)
    {
        Dims given = sampleWeight.Dims;
        if (given.Rank == values.Rank + 1 && given.Last.IsOne) given = given.Without(given.Rank - 1);
        if (given.Rank > values.Rank
            || !given.Zip(values.Dims).All(d => d.First.IsOne || Dim.MayEqual(d.First, d.Second)))
        {
            throw new ArgumentException(
                $"Sample weights of shape {sampleWeight.Shape} do not match the values of shape {values.Shape}: "
                + "expected the same sizes, from the first dimension on, or 1.", nameof(sampleWeight));
        }
        var dims = new Dims([.. given, .. Enumerable.Repeat((Dim)1, values.Rank - given.Rank)]);
        Tensor shaped = sampleWeight.Dims.Equals(dims) ? sampleWeight : new Tensor(new Reshape(dims), sampleWeight);
        return shaped.Dims.Equals(values.Dims) ? shaped : new Tensor(new BroadcastTo(values.Dims), shaped);
    }
}
