using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// A graph prepared for a device. Inputs are written, the plan runs, outputs are read; variables keep their new values.
/// </summary>
internal abstract class Executable : IDisposable
{
    /// <summary>Sets the free sizes for the next runs; a size seen before costs nothing.</summary>
    /// <param name="batch">The number of samples in a run.</param>
    /// <param name="share">The samples' share of a batch, if they are not all of it.</param>
    public abstract void Prepare(int batch, ShareOfBatch? share = null);

    /// <summary>Sets a free size other than the batch; to be called before <see cref="Prepare"/>.</summary>
    public abstract void SetFree(Symbol symbol, int value);

    /// <summary>Copies an entire input.</summary>
    public abstract void Write(int input, ReadOnlySpan<float> values);

    /// <summary>Copies the given rows of an array into an input.</summary>
    public abstract void Gather(int input, NDArray source, ReadOnlySpan<int> rows);

    /// <summary>Runs the plan once.</summary>
    public abstract void Run();

    /// <summary>The number of slots for <see cref="Keep"/>.</summary>
    public const int KeptSlots = 256;

    /// <summary>
    /// Whether <see cref="Run"/> returns before the run is complete. If so, reading an output waits for it, and
    /// <see cref="Keep"/> defers reading of scalars.
    /// </summary>
    public virtual bool IsAsynchronous => false;

    /// <summary>Stores the outputs of the last run, all scalars, in a slot, without waiting for them.</summary>
    public virtual void Keep(int slot) => throw new NotSupportedException("Outputs are read immediately.");

    /// <summary>The scalars in the first slots: the outputs of each run, one run after another.</summary>
    public virtual void ReadKept(Span<float> values) =>
        throw new NotSupportedException("Outputs are read immediately.");

    /// <summary>Copies an entire output.</summary>
    public abstract void Read(int output, Span<float> values);

    /// <summary>The sizes of an output for the current sizes.</summary>
    public abstract int[] OutputSizes(int output);

    /// <summary>The number of runs so far, which random numbers depend on; set it to resume training.</summary>
    public abstract ulong Runs { get; set; }

    /// <summary>The memory of all values other than variables, for the sizes used so far, in bytes.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>The graph and the plan as human-readable text.</summary>
    public abstract string Explain();

    public abstract void Dispose();
}
