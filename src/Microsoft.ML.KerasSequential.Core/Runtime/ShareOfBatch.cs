namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>Which samples of a batch a device, or a process, computes.</summary>
/// <param name="First">The first one.</param>
/// <param name="Batch">The samples of the whole batch.</param>
internal readonly record struct ShareOfBatch(int First, int Batch);
