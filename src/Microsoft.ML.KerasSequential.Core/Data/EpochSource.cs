using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>The data of a step: rows of arrays, and the weight of its loss in the epoch's mean; if each rank has only
/// its own rows, also which part of the batch they are.</summary>
internal readonly record struct StepData(ModelData Data, ReadOnlyMemory<int> Rows, int Weight,
    ShareOfBatch? Share = null);

/// <summary>The steps of an epoch of training, or of one evaluation.</summary>
internal abstract class EpochSource : IDisposable
{
    /// <summary>The steps of an epoch; 0 while that is not known.</summary>
    public abstract int Steps { get; }

    /// <summary>Whether only <see cref="HasStep"/> knows where an epoch ends.</summary>
    public virtual bool IsOpenEnded => false;

    /// <summary>Whether the epoch has a step with this index, counted from 0; waits for its batch if
    /// necessary.</summary>
    public virtual bool HasStep(int step, CancellationToken token) => step < Steps;

    /// <summary>The number of samples in an epoch, if progress is counted in samples.</summary>
    public virtual int? Samples => null;

    /// <summary>The number of samples in a step, if it is fixed.</summary>
    public virtual int? BatchSize => null;

    /// <summary>The arrays from which all steps take rows, if they are always the same.</summary>
    public virtual IReadOnlyList<NDArray> Arrays => [];

    public abstract void BeginEpoch();

    public abstract StepData Next(CancellationToken token);

    /// <summary>Called after all steps of the epoch have run.</summary>
    public virtual void EndEpoch()
    {
    }

    public virtual void Dispose()
    {
    }
}
