using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Queries NVIDIA's driver first: without a driver, ONNX Runtime would load 300 MB in vain, and report some other
/// missing library.
/// </summary>
internal static unsafe class CudaDriver
{
    /// <summary>Why the driver does not have the GPU, or null if it does.</summary>
    /// <param name="device">Which GPU, counted from 0.</param>
    public static string? WhyNot(int device)
    {
        string name = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(name, out nint driver))
            return $"no NVIDIA driver is installed ({name} cannot be loaded)";
        bool isDriver = NativeLibrary.TryGetExport(driver, "cuInit", out nint start)
            & NativeLibrary.TryGetExport(driver, "cuDeviceGetCount", out nint count);
        if (!isDriver) return $"{name} is not an NVIDIA driver";
        int gpus = 0, error = ((delegate* unmanaged<uint, int>)start)(0);
        if (error == 0) error = ((delegate* unmanaged<int*, int>)count)(&gpus);
        if (error != 0) return $"the NVIDIA driver reports no GPU: {Text(driver, error)}";
        return device < gpus ? null : $"there is no GPU {device}: the NVIDIA driver reports {gpus}, numbered from 0";
    }

    static string Text(nint driver, int error)
    {
        byte* text = null;
        if (NativeLibrary.TryGetExport(driver, "cuGetErrorString", out nint tell))
            _ = ((delegate* unmanaged<int, byte**, int>)tell)(error, &text);
        return text is null ? $"error {error}" : $"{Marshal.PtrToStringUTF8((nint)text)} (error {error})";
    }
}
