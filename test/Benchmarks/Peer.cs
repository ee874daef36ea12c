using Microsoft.ML.KerasSequential;

namespace Benchmarks;

/// <summary>
/// Another engine for the same model: ONNX Runtime, if its package is available. If it fails, it is skipped, and a line
/// says why.
/// </summary>
internal sealed class Peer : IDisposable
{
#if ONNX_RUNTIME
    static bool s_isLeftOut;

    readonly OnnxScorer _scorer;

    Peer(OnnxScorer scorer) => _scorer = scorer;

    public static Peer? Open(Sequential model, int threads) =>
        s_isLeftOut ? null
        : Try(() => new Peer(OnnxScorer.From(model, options: new() { Threads = threads, UseGpu = false })));

    /// <summary>Microseconds per call; null once it has failed.</summary>
    public double? Microseconds(NDArray x) =>
        s_isLeftOut ? null : Try<double?>(() => Timing.Microseconds(() => _scorer.Predict(x)));

    public void Dispose() => _scorer.Dispose();

    static T? Try<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (LeaveOut(e))
        {
            return default;
        }
    }

    static bool LeaveOut(Exception e)
    {
        Console.WriteLine($"ONNX Runtime is left out: {e.GetBaseException().Message}");
        return s_isLeftOut = true;
    }
#else
    public static Peer? Open(Sequential model, int threads) => null;

    public double? Microseconds(NDArray x) => null;

    public void Dispose()
    {
    }
#endif
}
