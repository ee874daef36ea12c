using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>What a step runs on: rows of arrays, and how much its loss counts in the epoch's mean; where ranks have only rows of their own, which part of the batch these are.</summary>
internal readonly record struct StepData(ModelData Data, ReadOnlyMemory<int> Rows, int Weight, ShareOfBatch? Share = null);

/// <summary>The steps of an epoch of training, or of one evaluation.</summary>
internal abstract class EpochSource : IDisposable
{
    /// <summary>The steps of an epoch; 0 while that is not known.</summary>
    public abstract int Steps { get; }

    /// <summary>Whether only <see cref="HasStep"/> knows where an epoch ends.</summary>
    public virtual bool IsOpenEnded => false;

    /// <summary>Whether the epoch has a step of a number, which counts from 0; waits for its batch if need be.</summary>
    public virtual bool HasStep(int step, CancellationToken token) => step < Steps;

    /// <summary>The samples of an epoch, if progress is counted in samples.</summary>
    public virtual int? Samples => null;

    /// <summary>The samples of a step, if that is fixed.</summary>
    public virtual int? BatchSize => null;

    /// <summary>The arrays that all steps take rows of, if they are always the same.</summary>
    public virtual IReadOnlyList<NDArray> Arrays => [];

    public abstract void BeginEpoch();

    public abstract StepData Next(CancellationToken token);

    /// <summary>All steps of the epoch were run.</summary>
    public virtual void EndEpoch()
    {
    }

    public virtual void Dispose()
    {
    }
}
