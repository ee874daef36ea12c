using ILGPU;
using ILGPU.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>One bound kernel: grid, addresses and sizes are fixed.</summary>
internal abstract class GpuLaunch
{
    /// <summary>Enqueues the kernel after everything already in the stream.</summary>
    /// <param name="stream">The stream of the plan.</param>
    /// <param name="step">The number of times the plan has run: the step of its random numbers.</param>
    public abstract void Run(AcceleratorStream stream, ulong step);
}

/// <inheritdoc/>
internal sealed class GpuLaunch<TArguments>(Action<AcceleratorStream, KernelConfig, TArguments> kernel,
    KernelConfig grid, TArguments arguments) : GpuLaunch where TArguments : struct
{
    public override void Run(AcceleratorStream stream, ulong step) => kernel(stream, grid, arguments);
}

/// <summary>Arguments that hold the run number.</summary>
internal interface IStepped<TArguments>
{
    TArguments At(ulong step);
}

/// <summary>A kernel whose arguments depend on the run number.</summary>
internal sealed class SteppedLaunch<TArguments>(Action<AcceleratorStream, KernelConfig, TArguments> kernel,
    KernelConfig grid, TArguments arguments) : GpuLaunch
    where TArguments : struct, IStepped<TArguments>
{
    public override void Run(AcceleratorStream stream, ulong step) => kernel(stream, grid, arguments.At(step));
}
