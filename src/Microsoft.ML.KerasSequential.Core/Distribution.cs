using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Several processes that train one model: each processes part of every batch, gradients and metrics are summed over
/// all processes, and all make the same update. Assign it to <see cref="Sequential.Distribute"/> or
/// <c>KerasSequentialOptions.Distribution</c>.
/// </summary>
/// <remarks>
/// Every process runs the same program with the same data and arguments. Batch sizes are global. Initial weights and
/// the order of samples are those of rank 0, so only rank 0's seed matters. Data-parallel training by all-reduce:
/// https://doi.org/10.1016/j.jpdc.2008.09.002.
/// </remarks>
public abstract class Distribution
{
    const string Package = "Microsoft.ML.KerasSequential.Mpi";

    /// <summary>Gets the processes started by an MPI launcher (<c>mpirun</c>, <c>mpiexec</c>, <c>srun</c>); a program
    /// started without one runs as one rank.</summary>
    /// <param name="timeout">How long a rank waits for another before all of them exit; one minute by default. It must
    /// be longer than any rank computes alone between two steps.</param>
    /// <param name="predictions">Which ranks get the predicted rows.</param>
    /// <returns>The distribution.</returns>
    /// <exception cref="InvalidOperationException">The package Microsoft.ML.KerasSequential.Mpi is not referenced, or
    /// there is no MPI library, or an incompatible one; the message says which.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is not positive, or the value of the enumeration is
    /// undefined.</exception>
    public static Distribution Mpi(TimeSpan? timeout = null,
        PredictionResults predictions = PredictionResults.OnRankZero)
    {
        if (timeout is { } wait)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(wait, TimeSpan.Zero, nameof(timeout));
        if (!Enum.IsDefined(predictions))
            throw new ArgumentOutOfRangeException(nameof(predictions), predictions,
                $"Expected one of {string.Join(", ", Enum.GetNames<PredictionResults>())}.");
        Type type = Type.GetType($"{Package}.MpiDistribution, {Package}")
            ?? throw new InvalidOperationException(
                $"Distribution.Mpi requires the package {Package}; add a reference to it.");
        try
        {
            return (Distribution)Activator.CreateInstance(type,
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic, null,
                [timeout ?? TimeSpan.FromMinutes(1), predictions], null)!;
        }
        catch (System.Reflection.TargetInvocationException e) when (e.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    /// <summary>The rank of this process, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>The number of processes.</summary>
    public abstract int Size { get; }

    /// <summary>Which ranks get the predicted rows.</summary>
    public abstract PredictionResults Predictions { get; }

    /// <summary>The time that this rank has spent idle waiting for others so far.</summary>
    public abstract TimeSpan Waiting { get; }

    /// <summary>Gets the range of rows that this rank predicts.</summary>
    /// <param name="rows">The total number of rows.</param>
    /// <returns>The first row, and the row after the last.</returns>
    public (int Start, int End) ShareOf(int rows) => (First(rows, Rank), First(rows, Rank + 1));

    /// <summary>Starts to combine the ranks' values, in place. All ranks must call in the same order.</summary>
    /// <returns>A handle for <see cref="End"/>.</returns>
    internal abstract unsafe nint Begin(float* values, int count, ReduceKind kind);

    /// <summary>Advances operations in progress as far as possible without waiting.</summary>
    internal abstract void Progress();

    /// <summary>Waits for an operation that <see cref="Begin"/> started.</summary>
    internal abstract void End(nint begun);

    /// <summary>Sends rank 0's bytes to all ranks.</summary>
    internal abstract void Broadcast(Span<byte> bytes);

    /// <summary>Gathers all ranks' numbers on all ranks, in rank order.</summary>
    internal abstract void Collect(ReadOnlySpan<long> own, Span<long> all);

    /// <summary>Gathers all ranks' values on rank 0, in rank order; it provides the memory.</summary>
    internal abstract void Gather(ReadOnlySpan<float> own, Span<float> all, IReadOnlyList<int> counts);

    /// <summary>The first row of a rank's share.</summary>
    internal int First(int rows, int rank) => (int)((long)rows * rank / Size);

    /// <summary>The largest of the ranks' numbers.</summary>
    internal long Largest(long own)
    {
        Span<long> all = Size <= 64 ? stackalloc long[Size] : new long[Size];
        Collect([own], all);
        long largest = own;
        foreach (long value in all) largest = Math.Max(largest, value);
        return largest;
    }
}
