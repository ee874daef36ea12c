using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>Chooses the device for a network: from the options, otherwise from the context, otherwise the best
/// device.</summary>
internal static class DeviceChoice
{
    /// <param name="environment">The context, with its <c>GpuDeviceId</c> and <c>FallbackToCpu</c>.</param>
    /// <param name="wanted">The device of the options, or null.</param>
    /// <exception cref="ArgumentException">The context requests a GPU that does not exist, and falling back to the CPU
    /// is not allowed.</exception>
    public static Device Of(IHostEnvironment environment, Device? wanted)
    {
        if (wanted is not null) return wanted;
        (int? index, bool fallback) = MLNet.Gpu(environment);
        if (index is not int gpu) return Device.Default;
        try
        {
            return Device.Gpu(gpu);
        }
        catch (ArgumentException e) when (fallback)
        {
            using IChannel channel = environment.Start("Choosing a device");
            channel.Warning(MessageSensitivity.None, "{0}",
                $"The CPU is used instead of GPU {gpu}, as FallbackToCpu allows. {e.Message}");
            return Device.Cpu;
        }
    }
}
