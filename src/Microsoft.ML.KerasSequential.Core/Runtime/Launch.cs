namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// One bound kernel: addresses and sizes are fixed, so running it allocates nothing. The work is divided into chunks by
/// the sizes alone; which thread runs a chunk does not affect the result.
/// </summary>
internal abstract unsafe class Launch
{
    public int Chunks { get; protected init; } = 1;

    /// <summary>Whether there is anything to do in this run of the plan.</summary>
    public virtual bool Begins() => true;

    /// <summary>
    /// Runs one chunk. <paramref name="scratch"/> is memory of the running thread, with
    /// <see cref="Workers.ScratchFloats"/> values.
    /// </summary>
    public abstract void Run(int chunk, float* scratch);
}

/// <summary>The number of times the plan has run: the step of its random numbers.</summary>
internal sealed class RunCounter
{
    public ulong Value { get; set; }
}
