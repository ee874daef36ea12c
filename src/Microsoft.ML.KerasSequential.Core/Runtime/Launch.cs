namespace Microsoft.ML.KerasSequential.Runtime;

/// <summary>
/// One bound kernel: addresses and sizes are fixed, so running it allocates nothing. The work is cut into chunks by the
/// sizes alone; which thread runs a chunk has no influence on the result.
/// </summary>
internal abstract unsafe class Launch
{
    public int Chunks { get; protected init; } = 1;

    /// <summary>Whether there is anything to do in this run of the plan.</summary>
    public virtual bool Begins() => true;

    /// <summary>Runs one chunk. <paramref name="scratch"/> is memory of the running thread, <see cref="Workers.ScratchFloats"/> long.</summary>
    public abstract void Run(int chunk, float* scratch);
}

/// <summary>How many times the plan has run: the step of its random numbers.</summary>
internal sealed class RunCounter
{
    public ulong Value { get; set; }
}
