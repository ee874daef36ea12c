using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.KerasSequential;

/// <summary>A model that ONNX Runtime has opened.</summary>
/// <param name="Session">It; who asked for it disposes it.</param>
/// <param name="Device">What runs it.</param>
/// <param name="Reason">Why that does: a sentence's end, without a full stop.</param>
internal sealed record ScorerSession(InferenceSession Session, string Device, string Reason)
{
    /// <summary>Opens a model on the GPU that the options name; where that fails, on the CPU.</summary>
    /// <param name="open">Opens it, placed as the options of ONNX Runtime say.</param>
    /// <param name="source">The model's name in errors.</param>
    /// <param name="options">Device and threads.</param>
    /// <param name="whyNot">Why a GPU cannot be used, or null if it can.</param>
    /// <param name="place">Places a model on a GPU.</param>
    /// <exception cref="InvalidDataException">It is no model that ONNX Runtime reads.</exception>
    /// <exception cref="DllNotFoundException">ONNX Runtime itself is not there.</exception>
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
                throw new InvalidDataException($"{source} is no model that ONNX Runtime reads: {e.Message}", e);
            }
        }

        InferenceSession Opened(Action<SessionOptions> on)
        {
            // What goes wrong comes as an exception, and need not stand on the console as well.
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
                "ONNX Runtime is not there: the program needs the package Microsoft.ML.OnnxRuntime, or "
                + "Microsoft.ML.OnnxRuntime.Gpu for CUDA.", missing);
        }
    }
}
