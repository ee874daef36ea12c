namespace Microsoft.ML.KerasSequential;

/// <summary>Which ranks get the predictions of a distributed model, of which each rank computes part.</summary>
public enum PredictionResults
{
    /// <summary>Rank 0 gets all rows, in order; the others get their own.</summary>
    OnRankZero,

    /// <summary>Each rank gets its own rows, given by <see cref="Distribution.ShareOf"/>, for example to write its own
    /// file.</summary>
    OnEachRank,
}
