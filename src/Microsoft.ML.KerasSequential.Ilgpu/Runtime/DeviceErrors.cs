using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>Translates exceptions of drivers and ILGPU to those of this library.</summary>
internal static class DeviceErrors
{
    /// <summary>The driver's errors that leave the context intact, by their names and messages.</summary>
    static readonly string[] s_harmless = ["OUT_OF_MEMORY", "out of memory", "INVALID_VALUE", "invalid argument",
        "OUT_OF_RESOURCES", "too many resources"];

    /// <summary>Whether the device is lost, with all its memory.</summary>
    public static bool IsLoss(Exception error) => error switch
    {
        // Exhausted memory and invalid arguments leave the context intact.
        CudaException cuda => !s_harmless.Any(text => cuda.Error.Contains(text, StringComparison.OrdinalIgnoreCase)
            || cuda.Message.Contains(text, StringComparison.OrdinalIgnoreCase)),
        CLException cl => cl.Error is CLError.CL_DEVICE_NOT_AVAILABLE or CLError.CL_INVALID_CONTEXT
            or CLError.CL_INVALID_COMMAND_QUEUE,
        ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>Whether the exception comes from the device at all.</summary>
    public static bool IsOfDevice(Exception error) => error is AcceleratorException or CuBlasException
        or InternalCompilerException or NotSupportedException or ObjectDisposedException;

    public static DeviceException Of(Exception error, string device, string what) => IsLoss(error)
        ? new($"{device} was lost {what}: {error.Message} The weights are those that were last read from it. To " +
            "continue on another device, set the model's Device.", error)
        : new($"{device} failed {what}: {error.Message} The model's weights are intact. To continue on another " +
            "device, set the model's Device.", error);
}
