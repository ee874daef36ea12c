using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>A graph made ready for a device. Inputs are written, the plan runs, outputs are read; variables keep their new values.</summary>
internal abstract class Executable : IDisposable
{
    /// <summary>Chooses the free sizes for the next runs; a size seen before costs nothing.</summary>
    /// <param name="batch">The samples of a run.</param>
    /// <param name="share">Which of a batch they are, if they are not all of it.</param>
    public abstract void Prepare(int batch, ShareOfBatch? share = null);

    /// <summary>Gives a free size other than the batch its value; before <see cref="Prepare"/>.</summary>
    public abstract void SetFree(Symbol symbol, int value);

    /// <summary>Copies a whole input.</summary>
    public abstract void Write(int input, ReadOnlySpan<float> values);

    /// <summary>Copies the given rows of an array into an input.</summary>
    public abstract void Gather(int input, NDArray source, ReadOnlySpan<int> rows);

    /// <summary>Runs the plan once.</summary>
    public abstract void Run();

    /// <summary>How many slots there are for <see cref="Keep"/>.</summary>
    public const int KeptSlots = 256;

    /// <summary>
    /// Whether <see cref="Run"/> comes back before the run is over. Then reading an output waits for it, and <see cref="Keep"/> puts off the reading of numbers.
    /// </summary>
    public virtual bool IsAsynchronous => false;

    /// <summary>Remembers the outputs, numbers all, of the last run in a slot, without waiting for them.</summary>
    public virtual void Keep(int slot) => throw new NotSupportedException("Outputs are read at once.");

    /// <summary>The numbers of the first slots: the outputs of one run behind the other.</summary>
    public virtual void ReadKept(Span<float> values) => throw new NotSupportedException("Outputs are read at once.");

    /// <summary>Copies a whole output.</summary>
    public abstract void Read(int output, Span<float> values);

    /// <summary>The sizes of an output for the sizes in force.</summary>
    public abstract int[] OutputSizes(int output);

    /// <summary>The number of runs so far, which random numbers depend on; settable to resume a training run.</summary>
    public abstract ulong Runs { get; set; }

    /// <summary>The memory of all values that are no variables, for the sizes met so far, in bytes.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>The graph and the plan as text that a person can read.</summary>
    public abstract string Explain();

    public abstract void Dispose();
}
