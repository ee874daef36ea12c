using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.KerasSequential;

/// <summary>ONNX Runtime's CUDA execution provider: checks whether it works, and places models on it.</summary>
internal static partial class Cuda
{
    const string Provider = "CUDAExecutionProvider";

    static readonly ConcurrentDictionary<int, bool> s_works = new();
    static readonly Lock s_quiet = new();

    /// <summary>
    /// Why models cannot run on a GPU, or null if they can. Success is cached; a failure is checked again.
    /// </summary>
    /// <param name="device">The index of the GPU, from 0.</param>
    public static string? WhyNot(int device)
    {
        if (s_works.ContainsKey(device)) return null;
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(Provider))
            return "this ONNX Runtime is built without CUDA; use the package Microsoft.ML.OnnxRuntime.Gpu";
        if (CudaDriver.WhyNot(device) is { } missing) return missing;
        try
        {
            Quietly(() =>
            {
                CudaProbe.Run(settings => Place(settings, device));
                return true;
            });
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidOperationException)
        {
            return Reason(e);
        }
        s_works[device] = true;
        return null;
    }

    /// <summary>Configures a model to run on a GPU.</summary>
    /// <exception cref="OnnxRuntimeException">A library is missing.</exception>
    public static void Place(SessionOptions settings, int device)
    {
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = device.ToString(CultureInfo.InvariantCulture),
            // ONNX Runtime's default, factors rounded to 10 bits, gives different results than Predict.
            ["use_tf32"] = "0",
        });
        settings.AppendExecutionProvider_CUDA(cuda);
    }

    /// <summary>
    /// Runs something without ONNX Runtime's console message on failure: the code that catches the exception reports
    /// it.
    /// </summary>
    public static T Quietly<T>(Func<T> work)
    {
        lock (s_quiet)
        {
            OrtEnv environment = OrtEnv.Instance();
            OrtLoggingLevel level = environment.EnvLogLevel;
            environment.EnvLogLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
            try
            {
                return work();
            }
            finally
            {
                environment.EnvLogLevel = level;
            }
        }
    }

    /// <summary>
    /// The error without the locations in ONNX Runtime's code: the end of a sentence, without a period.
    /// </summary>
    public static string Reason(Exception e)
    {
        Match failure = Failure().Match(e.Message);
        string reason = failure.Success ? failure.Value : Origin().Replace(e.Message, "").Trim().Split('\n')[0];
        return reason.TrimEnd(' ', '.');
    }

    // "…/cuda_call.cc:146 … CUDA failure 35: CUDA driver version is insufficient ; GPU=0 ; hostname=…"
    [GeneratedRegex(@"CU[A-Z]+ failure -?\d+: [^;\n]*")]
    private static partial Regex Failure();

    // "[ErrorCode:Fail] … [ONNXRuntimeError] : 1 : FAIL : Failed to load library …"
    // "/onnxruntime_src/…/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t) Failed to allocate
    // …"
    [GeneratedRegex(@"\A.*\[ONNXRuntimeError\] : \d+ : \w+ : |\A\[ErrorCode:\w+\] |Exception during initialization: "
        + @"|/onnxruntime_src/\S+:\d+ [^(]*\([^)]*\)(?: const)?(?: \[with [^\]]*\])? ", RegexOptions.Singleline)]
    private static partial Regex Origin();
}
