using ILGPU;
using ILGPU.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>One bound kernel: grid, addresses and sizes are fixed.</summary>
internal abstract class GpuLaunch
{
    /// <summary>Puts the kernel behind all that were put into the stream before.</summary>
    /// <param name="stream">The stream of the plan.</param>
    /// <param name="step">How many times the plan has run: the step of its random numbers.</param>
    public abstract void Run(AcceleratorStream stream, ulong step);
}

/// <inheritdoc/>
internal sealed class GpuLaunch<TArguments>(Action<AcceleratorStream, KernelConfig, TArguments> kernel, KernelConfig grid, TArguments arguments) : GpuLaunch where TArguments : struct
{
    public override void Run(AcceleratorStream stream, ulong step) => kernel(stream, grid, arguments);
}

/// <summary>Arguments that hold the number of the run.</summary>
internal interface IStepped<TArguments>
{
    TArguments At(ulong step);
}

/// <summary>A kernel whose arguments depend on the number of the run.</summary>
internal sealed class SteppedLaunch<TArguments>(Action<AcceleratorStream, KernelConfig, TArguments> kernel, KernelConfig grid, TArguments arguments) : GpuLaunch
    where TArguments : struct, IStepped<TArguments>
{
    public override void Run(AcceleratorStream stream, ulong step) => kernel(stream, grid, arguments.At(step));
}
