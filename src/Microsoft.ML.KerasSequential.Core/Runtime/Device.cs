using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>What a device is.</summary>
public enum DeviceKind
{
    /// <summary>The processor, with its vector instructions.</summary>
    Cpu,

    /// <summary>A graphics processor.</summary>
    Gpu,
}

/// <summary>Where models are trained and run.</summary>
public abstract class Device
{
    static readonly List<Device> s_gpus = [];

    /// <summary>The processor of this machine.</summary>
    public static Device Cpu { get; } = new CpuDevice();

    /// <summary>All devices of this machine, the processor first.</summary>
    public static IReadOnlyList<Device> All => [Cpu, .. s_gpus];

    /// <summary>The best device: a GPU if a GPU package is present and found one, else the processor.</summary>
    public static Device Default => s_gpus.Count > 0 ? s_gpus[0] : Cpu;

    /// <summary>A graphics processor by position.</summary>
    /// <param name="index">Its position among the GPUs.</param>
    /// <returns>The device.</returns>
    /// <exception cref="ArgumentException">There is no such GPU.</exception>
    public static Device Gpu(int index = 0) => index >= 0 && index < s_gpus.Count ? s_gpus[index]
        : throw new ArgumentException($"There is no GPU {index}: {(s_gpus.Count == 0 ? "no GPU was found" : $"{s_gpus.Count} were found")}. Devices here: {string.Join(", ", All)}.", nameof(index));

    /// <summary>The device's name.</summary>
    public abstract string Name { get; }

    /// <summary>What the device is.</summary>
    public abstract DeviceKind Kind { get; }

    /// <summary>The device's memory in bytes.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>
    /// The processor threads that kernels run on: as many as there are processors, or the environment variable
    /// <c>KERASML_THREADS</c>. Results do not depend on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public static int Threads
    {
        get => Workers.Threads;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Workers.Threads = value;
        }
    }

    internal abstract Executable Compile(Graph graph);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
