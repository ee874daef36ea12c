using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential;

/// <summary>The kind of a device.</summary>
public enum DeviceKind
{
    /// <summary>The CPU, with its vector instructions.</summary>
    Cpu,

    /// <summary>A GPU.</summary>
    Gpu,
}

/// <summary>A device on which models are trained and run.</summary>
/// <remarks>
/// GPUs are found if the package Microsoft.ML.KerasSequential.Ilgpu is referenced. The environment variable
/// <c>KERASML_DEVICE</c> overrides the choice: <c>cpu</c>, <c>gpu</c>, <c>cuda</c> or <c>opencl</c>, with a colon and a
/// number if there are several (<c>cuda:1</c>). For tests on machines without a GPU, there are <c>emulator</c> (the GPU
/// kernels as .NET code) and <c>opencl-cpu</c> (a CPU's OpenCL runtime); neither is fast, and neither is ever chosen
/// automatically.
/// </remarks>
public abstract class Device
{
    /// <summary>The environment variable that names the default device.</summary>
    internal const string EnvironmentVariable = "KERASML_DEVICE";

    static readonly Lazy<DeviceProvider?> s_provider = new(DeviceProvider.Find);
    static readonly Lazy<IReadOnlyList<Device>> s_gpus = new(() => s_provider.Value?.Gpus() ?? []);
    static readonly Lazy<Device> s_default = new(ChooseDefault);
    static string? s_toSay;

    private protected Device() { }

    /// <summary>The CPU of this machine.</summary>
    public static Device Cpu { get; } = new CpuDevice();

    /// <summary>All devices of this machine: the CPU, then the GPUs with CUDA, then those available only through
    /// OpenCL.</summary>
    public static IReadOnlyList<Device> All => [Cpu, .. s_gpus.Value];

    /// <summary>The best device: the one that <c>KERASML_DEVICE</c> names, otherwise the first GPU found, otherwise the
    /// CPU.</summary>
    /// <exception cref="ArgumentException">The environment variable names a device that does not exist.</exception>
    public static Device Default => s_default.Value;

    /// <summary>Gets a GPU by index.</summary>
    /// <param name="index">The index among the GPUs.</param>
    /// <returns>The device.</returns>
    /// <exception cref="ArgumentException">The GPU does not exist.</exception>
    public static Device Gpu(int index = 0) => index >= 0 && index < s_gpus.Value.Count ? s_gpus.Value[index]
        : throw new ArgumentException($"There is no GPU {index}: "
            + $"{(s_gpus.Value.Count == 0 ? WhyNone() : $"{s_gpus.Value.Count} were found")}. Available devices: "
            + $"{string.Join(", ", All)}.", nameof(index));

    /// <summary>Combines several devices into one: each processes part of every batch, and all make the same
    /// update.</summary>
    /// <param name="devices">The devices; the first holds the weights.</param>
    /// <returns>The combined device.</returns>
    /// <exception cref="ArgumentException">There are no devices, one is given twice, or not all are GPUs.</exception>
    public static Device Several(params IReadOnlyList<Device> devices)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (devices.Count == 0 || devices.Contains(null!) || devices.Distinct().Count() != devices.Count)
            throw new ArgumentException("Expected one or more different devices; given "
                + $"{string.Join(", ", devices.Select(d => d?.Name ?? "null"))}.", nameof(devices));
        return devices.Count == 1 ? devices[0] : devices[0].With(devices);
    }

    /// <summary>The device's name.</summary>
    public abstract string Name { get; }

    /// <summary>The kind of the device.</summary>
    public abstract DeviceKind Kind { get; }

    /// <summary>The device's memory in bytes.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>
    /// Receives log messages about which device runs, including the fallback to the CPU if no GPU was found: the
    /// standard error stream by default; null for none. The message is sent once per process, at the first training,
    /// evaluation, or prediction that isn't silent (<c>verbose</c> 1 or 2). With <see cref="LogsDetails"/>, also what
    /// is compiled and how long that takes.
    /// </summary>
    public static Action<string>? Log { get; set; } = line => Console.Error.WriteLine(line);

    /// <summary>Whether the log contains details. The initial value is true if the environment variable
    /// <c>KERASML_LOG</c> is <c>verbose</c>.</summary>
    public static bool LogsDetails { get; set; } = Environment.GetEnvironmentVariable("KERASML_LOG") == "verbose";

    /// <summary>
    /// The number of CPU threads for kernels: the number of processors by default, or the environment variable
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

    /// <summary>Compiles a graph; with ranks, one divided by <see cref="Sharding"/>.</summary>
    internal abstract Executable Compile(Graph graph, FloatPrecision precision = FloatPrecision.Float32,
        Distribution? ranks = null);

    /// <summary>Keeps copies of arrays, which must not change meanwhile, on the device as far as they fit; null if
    /// there is no benefit.</summary>
    internal virtual IDisposable? Hold(IEnumerable<NDArray> arrays) => null;

    /// <summary>Combines this device with others.</summary>
    internal virtual Device With(IReadOnlyList<Device> devices) =>
        throw new ArgumentException($"Only GPUs can be combined; given {string.Join(", ", devices)}.", nameof(devices));

    /// <inheritdoc/>
    public override string ToString() => Name;

    static Device ChooseDefault()
    {
        string? wanted = Environment.GetEnvironmentVariable(EnvironmentVariable);
        Device device = !string.IsNullOrWhiteSpace(wanted) ? Named(wanted.Trim()) : s_gpus.Value.Count > 0
            ? s_gpus.Value[0] : Cpu;
        if (s_provider.Value is not null)
            s_toSay = $"KerasSequential runs on {device}"
                + $"{(device == Cpu && string.IsNullOrWhiteSpace(wanted) ? $": {WhyNone()}" : "")}.";
        return device;
    }

    /// <summary>Says that this device runs, if it is the default one and that has not been said yet.</summary>
    internal void Announce()
    {
        if (ReferenceEquals(this, Default) && Interlocked.Exchange(ref s_toSay, null) is { } line) Log?.Invoke(line);
    }

    static Device Named(string wanted)
    {
        string[] parts = wanted.ToLowerInvariant().Split(':');
        int index = 0;
        if (parts.Length > 2
            || (parts.Length == 2
                && !int.TryParse(parts[1], System.Globalization.CultureInfo.InvariantCulture, out index)))
            throw new ArgumentException($"{EnvironmentVariable} is \"{wanted}\"; expected cpu, gpu, cuda or opencl, "
                + "with a colon and a number if there are several.");
        if (parts[0] == "cpu" && index == 0) return Cpu;
        IReadOnlyList<Device> all = s_provider.Value?.OfKind(parts[0]) ?? [];
        return index >= 0 && index < all.Count ? all[index]
            : throw new ArgumentException($"{EnvironmentVariable} is \"{wanted}\", but there is no such device: "
                + $"{(all.Count == 0 ? WhyNone() : $"{all.Count} of that kind were found")}. Available devices: "
                + $"{string.Join(", ", All)}.");
    }

    static string WhyNone() =>
        s_provider.Value is { } provider ? $"no GPU was found ({provider.WhyNone})"
        : $"no GPU was found (the package {DeviceProvider.Package} is not referenced)";
}
