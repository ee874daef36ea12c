using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The capabilities of this machine, determined without the scorer and ONNX Runtime.</summary>
internal static unsafe class Machine
{
    // From CUDA 13 and cuDNN 9, for which the package is built.
    static readonly string[] s_libraries = OperatingSystem.IsWindows()
        ? ["cudart64_13.dll", "cublas64_13.dll", "cublasLt64_13.dll", "cudnn64_9.dll"]
        : ["libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libcurand.so.10", "libcudnn.so.9"];

    /// <summary>The number of GPUs that NVIDIA's tool lists; if it is not installed, the number that the driver
    /// reports.</summary>
    public static int Gpus { get; } = ByTool() ?? ByDriver();

    /// <summary>Whether the driver is new enough for CUDA 13.</summary>
    public static bool HasNewDriver { get; } = Ask("cuDriverGetVersion") >= 13000;

    /// <summary>The CUDA libraries that cannot be loaded.</summary>
    public static string[] Missing { get; } = [.. s_libraries.Where(name => !NativeLibrary.TryLoad(name, out _))];

    static int? ByTool()
    {
        try
        {
            var list = new ProcessStartInfo("nvidia-smi", ["-L"]) { RedirectStandardOutput = true };
            using Process tool = Process.Start(list)!;
            string[] lines = tool.StandardOutput.ReadToEnd().Split('\n');
            tool.WaitForExit();
            return lines.Count(line => line.StartsWith("GPU ", StringComparison.Ordinal));
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    static int ByDriver() => Ask("cuDeviceGetCount");

    /// <summary>A number from the driver; 0 if there is no driver, or no GPU.</summary>
    static int Ask(string function)
    {
        string name = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(name, out nint driver)) return 0;
        int number = 0;
        bool works = ((delegate* unmanaged<uint, int>)NativeLibrary.GetExport(driver, "cuInit"))(0) == 0
            && ((delegate* unmanaged<int*, int>)NativeLibrary.GetExport(driver, function))(&number) == 0;
        return works ? number : 0;
    }
}
