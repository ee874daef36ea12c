using Microsoft.ML.KerasSequential.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>Where a network runs: what the options say, else what the context says, else the best device there is.</summary>
internal static class DeviceChoice
{
    /// <param name="environment">The context, with its <c>GpuDeviceId</c> and <c>FallbackToCpu</c>.</param>
    /// <param name="wanted">The device of the options, or null.</param>
    /// <exception cref="ArgumentException">The context asks for a GPU that is not there, and the processor may not stand in.</exception>
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
            channel.Warning(MessageSensitivity.None, "{0}", $"The processor stands in for GPU {gpu}, as FallbackToCpu allows. {e.Message}");
            return Device.Cpu;
        }
    }
}
