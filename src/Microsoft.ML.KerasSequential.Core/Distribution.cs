using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Several processes that train one model: each computes a share of every batch, gradients and metrics are summed over all of them, and all make the same update. Give it to
/// <see cref="Sequential.Distribute"/>, or to <c>KerasSequentialOptions.Distribution</c>.
/// </summary>
/// <remarks>
/// Every process runs the same program with the same data and arguments. Batch sizes are those of the whole batch. Weights and the order of samples begin as those of rank 0, so only rank 0's seed counts.
/// Data-parallel training by all-reduce: https://doi.org/10.1016/j.jpdc.2008.09.002.
/// </remarks>
public abstract class Distribution
{
    const string Package = "Microsoft.ML.KerasSequential.Mpi";

    /// <summary>The processes that an MPI launcher (<c>mpirun</c>, <c>mpiexec</c>, <c>srun</c>) started; a program that was started without one is a run of one rank.</summary>
    /// <param name="timeout">How long a rank waits for another before all of them end; one minute by default. To be longer than any rank computes by itself between two steps.</param>
    /// <param name="predictions">Where predicted rows go.</param>
    /// <returns>The ranks.</returns>
    /// <exception cref="InvalidOperationException">The package Microsoft.ML.KerasSequential.Mpi is not referenced, or there is no MPI library, or one that does not fit; the message says which.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is not positive, or there is no such kind of results.</exception>
    public static Distribution Mpi(TimeSpan? timeout = null, PredictionResults predictions = PredictionResults.OnRankZero)
    {
        if (timeout is { } wait) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(wait, TimeSpan.Zero, nameof(timeout));
        if (!Enum.IsDefined(predictions)) throw new ArgumentOutOfRangeException(nameof(predictions), predictions, $"Expected one of {string.Join(", ", Enum.GetNames<PredictionResults>())}.");
        Type type = Type.GetType($"{Package}.MpiDistribution, {Package}")
            ?? throw new InvalidOperationException($"Distribution.Mpi needs the package {Package}; add a reference to it.");
        try
        {
            return (Distribution)Activator.CreateInstance(type, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic, null, [timeout ?? TimeSpan.FromMinutes(1), predictions], null)!;
        }
        catch (System.Reflection.TargetInvocationException e) when (e.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    /// <summary>This process among the others, counted from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>How many processes there are.</summary>
    public abstract int Size { get; }

    /// <summary>Where predicted rows go.</summary>
    public abstract PredictionResults Predictions { get; }

    /// <summary>The time that this rank has waited for others so far, with nothing else to do.</summary>
    public abstract TimeSpan Waiting { get; }

    /// <summary>The rows that this rank predicts of many.</summary>
    /// <param name="rows">How many there are.</param>
    /// <returns>The first one, and the one behind the last.</returns>
    public (int Start, int End) ShareOf(int rows) => (First(rows, Rank), First(rows, Rank + 1));

    /// <summary>Begins to bring the ranks' values together, in place. All ranks call in the same order.</summary>
    /// <returns>What to ask for the end of it.</returns>
    internal abstract unsafe nint Begin(float* values, int count, ReduceKind kind);

    /// <summary>Lets what has begun go on, as far as it can without waiting.</summary>
    internal abstract void Progress();

    /// <summary>Waits for the end of what <see cref="Begin"/> gave.</summary>
    internal abstract void End(nint begun);

    /// <summary>Rank 0's bytes for all.</summary>
    internal abstract void Broadcast(Span<byte> bytes);

    /// <summary>All ranks' numbers, rank by rank.</summary>
    internal abstract void Collect(ReadOnlySpan<long> own, Span<long> all);

    /// <summary>All ranks' values, rank by rank, on rank 0, which has room for them.</summary>
    internal abstract void Gather(ReadOnlySpan<float> own, Span<float> all, IReadOnlyList<int> counts);

    /// <summary>Where a rank's share of some rows begins.</summary>
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
