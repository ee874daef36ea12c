namespace Microsoft.ML.KerasSequential.Data;

/// <summary>The rows that a rank has of many: like cards, they are dealt out in turn.</summary>
/// <param name="X">The inputs of its rows.</param>
/// <param name="Y">Their targets.</param>
/// <param name="Weights">Their weights, or null.</param>
/// <param name="Total">How many rows all ranks have together.</param>
/// <param name="FirstRank">Which rank has the first one.</param>
internal sealed record DealtRows(NDArray X, NDArray Y, NDArray? Weights, int Total, int FirstRank);
