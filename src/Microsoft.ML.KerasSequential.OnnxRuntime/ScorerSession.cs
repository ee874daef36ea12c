using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.KerasSequential;

/// <summary>A model that ONNX Runtime has opened.</summary>
/// <param name="Session">The session; the caller disposes it.</param>
/// <param name="Device">The device that runs it.</param>
/// <param name="Reason">Why that device runs it: the end of a sentence, without a period.</param>
internal sealed record ScorerSession(InferenceSession Session, string Device, string Reason)
{
    /// <summary>Opens a model on the GPU given by the options; if that fails, on the CPU.</summary>
    /// <param name="open">Opens the model with the options of ONNX Runtime.</param>
    /// <param name="source">The model's name in errors.</param>
    /// <param name="options">The device and threads.</param>
    /// <param name="whyNot">Why a GPU cannot be used, or null if it can.</param>
    /// <param name="place">Places a model on a GPU.</param>
    /// <exception cref="InvalidDataException">The data is not a model that ONNX Runtime can read.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime is not found.</exception>
    public static ScorerSession Open(
        Func<SessionOptions, InferenceSession> open,
        string source,
        OnnxScorerOptions options,
        Func<int, string?> whyNot,
        Action<SessionOptions, int> place)
    {
        RequireRuntime();
        if (!options.UseGpu) return OnCpu("the options ask for it");
        int gpu = options.DeviceId;
        if (whyNot(gpu) is not { } why)
        {
            try
            {
                return new(Cuda.Quietly(() => Opened(settings => place(settings, gpu))), "CUDA", $"GPU {gpu}");
            }
            catch (OnnxRuntimeException e)
            {
                why = Cuda.Reason(e);
            }
        }
        return OnCpu($"it fell back from GPU {gpu}, because {why}");

        ScorerSession OnCpu(string reason)
        {
            try
            {
                return new(Opened(_ => { }), "CPU", reason);
            }
            catch (OnnxRuntimeException e)
            {
                throw new InvalidDataException($"{source} is not a model that ONNX Runtime can read: {e.Message}", e);
            }
        }

        InferenceSession Opened(Action<SessionOptions> on)
        {
            // Errors are thrown as exceptions, so they do not have to be printed to the console as well.
            using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            if (options.Threads > 0) settings.IntraOpNumThreads = options.Threads;
            on(settings);
            return open(settings);
        }
    }

    static void RequireRuntime()
    {
        try
        {
            _ = OrtEnv.Instance();
        }
        catch (TypeInitializationException e) when (e.InnerException is DllNotFoundException missing)
        {
            throw new DllNotFoundException(
                "ONNX Runtime is not found: the program requires the package Microsoft.ML.OnnxRuntime, or "
                + "Microsoft.ML.OnnxRuntime.Gpu for CUDA.", missing);
        }
    }
}
