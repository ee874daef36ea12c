using ILGPU;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Ilgpu;

/// <summary>Finds the devices that ILGPU supports. The core finds this class by name.</summary>
internal sealed class IlgpuDevices : DeviceProvider
{
    readonly Lazy<IReadOnlyList<IlgpuDevice>> _cuda, _openCl, _openClProcessors;
    readonly List<string> _reasons = [];

    public IlgpuDevices()
    {
        NativeLibraries.Resolve();
        _cuda = new(() => Look<CudaDevice>("CUDA", b => b.Cuda(), c => [.. c.GetCudaDevices()], DeviceKind.Gpu));
        // OpenCL sees NVIDIA's cards, too; if CUDA sees them, they are listed once.
        _openCl = new(() => [.. Look<CLDevice>("OpenCL", b => b.OpenCL(IsGpu), c => [.. c.GetCLDevices()],
            DeviceKind.Gpu).Where(d => _cuda.Value.Count == 0 || !d.IsNvidia)]);
        // A CPU's OpenCL runtime is not a GPU: it serves tests only.
        _openClProcessors = new(() =>
            Look<CLDevice>("OpenCL", b => b.OpenCL(d => !IsGpu(d)), c => [.. c.GetCLDevices()], DeviceKind.Cpu));
    }

    public override string WhyNone => string.Join("; ", _reasons.Distinct());

    public override IReadOnlyList<Device> Gpus() => [.. _cuda.Value, .. _openCl.Value];

    public override IReadOnlyList<Device> OfKind(string kind) => kind switch
    {
        "gpu" => Gpus(),
        "cuda" => _cuda.Value,
        "opencl" => _openCl.Value,
        "opencl-cpu" => _openClProcessors.Value,
        "emulator" => [Emulator.Shared],
        _ => [],
    };

    static bool IsGpu(CLDevice device) => device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);

    IReadOnlyList<IlgpuDevice> Look<T>(string driver, Func<Context.Builder, Context.Builder> choose,
        Func<Context, IReadOnlyList<T>> list, DeviceKind kind) where T : ILGPU.Runtime.Device
    {
        try
        {
            Context context = Context.Create(b => choose(b).Optimize(OptimizationLevel.O2));
            IlgpuDevice[] found = [.. list(context).Select(d => new IlgpuDevice(context, d, kind))];
            if (found.Length > 0) return found;
            context.Dispose();
            _reasons.Add($"{driver} knows none");
        }
        catch (Exception e) when (e is DllNotFoundException or NotSupportedException or TypeInitializationException
            || DeviceErrors.IsOfDevice(e))
        {
            _reasons.Add($"{driver}: {e.Message}");
        }
        return [];
    }
}

/// <summary>The GPU kernels as .NET code, on two threads: for tests on machines without a GPU.</summary>
internal static class Emulator
{
    static readonly Lazy<IlgpuDevice> s_shared = new(() => Create());

    public static IlgpuDevice Shared => s_shared.Value;

    /// <summary>A separate device; with other grids, kernels run as they do on real GPUs.</summary>
    public static IlgpuDevice Create(CPUDevice? threads = null, Grids? grids = null, bool onlyRecords = false)
    {
        Context context = Context.Create(b => b.CPU(threads ?? new CPUDevice(2, 1, 1)).Optimize(OptimizationLevel.O2));
        return new IlgpuDevice(context, context.GetCPUDevice(0), DeviceKind.Cpu, grids, onlyRecords);
    }
}
