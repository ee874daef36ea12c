using ILGPU;
using ILGPU.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>How kernels are distributed over a device.</summary>
/// <param name="GroupSize">The number of threads in a group, a power of two.</param>
/// <param name="MaxGroups">The maximum number of groups: beyond it, threads take several items instead.</param>
/// <param name="TeamColumns">Longer rows are shared by an entire group.</param>
/// <param name="Processors">The number of the device's multiprocessors.</param>
internal sealed record Grids(int GroupSize, int MaxGroups, int TeamColumns, int Processors)
{
    const int WavesPerProcessor = 32;

    /// <summary>Two threads: what the emulator runs without much waiting.</summary>
    public static Grids Emulated { get; } = new(2, 2, 4, 1);

    public static Grids Of(Accelerator accelerator) => accelerator.AcceleratorType == AcceleratorType.CPU ? Emulated
        : new(PowerOfTwo(Math.Min(256, accelerator.MaxNumThreadsPerGroup)),
            Math.Max(1, accelerator.NumMultiprocessors) * WavesPerProcessor, 32,
            Math.Max(1, accelerator.NumMultiprocessors));

    /// <summary>One thread per item.</summary>
    public KernelConfig Items(long count) =>
        new((int)Math.Clamp((count + GroupSize - 1) / GroupSize, 1, MaxGroups), GroupSize);

    /// <summary>One group per item, whose threads share its columns.</summary>
    public KernelConfig Teams(long count, long columns)
    {
        int threads = Math.Min(32, GroupSize);
        while (threads < GroupSize && threads * 4L < columns) threads *= 2;
        return new((int)Math.Clamp(count, 1, MaxGroups), threads);
    }

    static int PowerOfTwo(int value)
    {
        int power = 1;
        while (power * 2 <= value) power *= 2;
        return power;
    }
}
