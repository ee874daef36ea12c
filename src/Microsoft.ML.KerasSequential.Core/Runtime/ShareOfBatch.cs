namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>The samples of a batch that a device, or a process, computes.</summary>
/// <param name="First">The first sample.</param>
/// <param name="Batch">The number of samples in the entire batch.</param>
internal readonly record struct ShareOfBatch(int First, int Batch);
