namespace Microsoft.ML.KerasSequential.Data;

/// <summary>A rank's share of the rows, which are dealt to the ranks in turn, like cards.</summary>
/// <param name="X">The inputs of its rows.</param>
/// <param name="Y">Their targets.</param>
/// <param name="Weights">Their weights, or null.</param>
/// <param name="Total">The number of rows of all ranks together.</param>
/// <param name="FirstRank">The rank that has the first row.</param>
internal sealed record DealtRows(NDArray X, NDArray Y, NDArray? Weights, int Total, int FirstRank);
