namespace Microsoft.ML.KerasSequential;

/// <summary>Where the rows go that the ranks of a distributed model predict: each computes a share of them.</summary>
public enum PredictionResults
{
    /// <summary>Rank 0 gets all rows, in order; the others get their own.</summary>
    OnRankZero,

    /// <summary>Each rank gets its own rows, <see cref="Distribution.ShareOf"/> of them, to write a file of its own.</summary>
    OnEachRank,
}
