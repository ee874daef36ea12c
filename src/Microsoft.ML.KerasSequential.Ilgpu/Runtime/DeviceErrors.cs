using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Microsoft.ML.KerasSequential.Ilgpu.Runtime;

/// <summary>What drivers and ILGPU throw, in the words of this library.</summary>
internal static class DeviceErrors
{
    /// <summary>What the driver says of errors that leave the context as it was, by its names and by its texts.</summary>
    static readonly string[] s_harmless = ["OUT_OF_MEMORY", "out of memory", "INVALID_VALUE", "invalid argument", "OUT_OF_RESOURCES", "too many resources"];

    /// <summary>Whether the device is gone, with all that was in its memory.</summary>
    public static bool IsLoss(Exception error) => error switch
    {
        // Memory that is used up, and arguments that are wrong, leave the context as it was.
        CudaException cuda => !s_harmless.Any(text => cuda.Error.Contains(text, StringComparison.OrdinalIgnoreCase) || cuda.Message.Contains(text, StringComparison.OrdinalIgnoreCase)),
        CLException cl => cl.Error is CLError.CL_DEVICE_NOT_AVAILABLE or CLError.CL_INVALID_CONTEXT or CLError.CL_INVALID_COMMAND_QUEUE,
        ObjectDisposedException => true,
        _ => false,
    };

    /// <summary>Whether the exception comes from the device at all.</summary>
    public static bool IsOfDevice(Exception error) => error is AcceleratorException or CuBlasException or InternalCompilerException or NotSupportedException or ObjectDisposedException;

    public static DeviceException Of(Exception error, string device, string what) => IsLoss(error)
        ? new($"{device} was lost {what}: {error.Message} The weights are those that were last read from it. The model can go on on another device: set its Device.", error)
        : new($"{device} failed {what}: {error.Message} The model's weights are in order; it can go on on another device: set its Device.", error);
}
