using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What this machine has, found out without the scorer and without ONNX Runtime.</summary>
internal static unsafe class Machine
{
    // Of CUDA 13 and cuDNN 9, for which the package is made.
    static readonly string[] s_linux = ["libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcurand.so.10", "libcudnn.so.9"];
    static readonly string[] s_windows = ["cudart64_13.dll", "cublas64_13.dll", "cublasLt64_13.dll", "cudnn64_9.dll"];

    /// <summary>How many GPUs NVIDIA's own tool lists; where it is not installed, how many the driver counts.</summary>
    public static int Gpus { get; } = ByTool() ?? ByDriver();

    /// <summary>Which libraries of CUDA cannot be loaded.</summary>
    public static string[] Missing { get; } = [.. (OperatingSystem.IsWindows() ? s_windows : s_linux).Where(name => !NativeLibrary.TryLoad(name, out _))];

    static int? ByTool()
    {
        try
        {
            using Process tool = Process.Start(new ProcessStartInfo("nvidia-smi", ["-L"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string list = tool.StandardOutput.ReadToEnd();
            tool.WaitForExit();
            return list.Split('\n').Count(line => line.StartsWith("GPU ", StringComparison.Ordinal));
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    static int ByDriver()
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out nint driver)) return 0;
        int gpus = 0;
        bool works = ((delegate* unmanaged<uint, int>)NativeLibrary.GetExport(driver, "cuInit"))(0) == 0
            && ((delegate* unmanaged<int*, int>)NativeLibrary.GetExport(driver, "cuDeviceGetCount"))(&gpus) == 0;
        return works ? gpus : 0;
    }
}
