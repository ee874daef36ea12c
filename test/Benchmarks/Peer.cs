using Microsoft.ML.KerasSequential;

namespace Benchmarks;

/// <summary>Another engine for the same model: ONNX Runtime, where its package is at hand.</summary>
internal sealed class Peer : IDisposable
{
#if ONNX_RUNTIME
    readonly OnnxScorer _scorer;

    Peer(OnnxScorer scorer) => _scorer = scorer;

    public static Peer? Open(Sequential model, int threads) => new(OnnxScorer.From(model, options: new() { Threads = threads, UseGpu = false }));

    public NDArray Predict(NDArray x) => _scorer.Predict(x);

    public void Dispose() => _scorer.Dispose();
#else
    public static Peer? Open(Sequential model, int threads) => null;

    public NDArray Predict(NDArray x) => throw new InvalidOperationException("There is no other engine.");

    public void Dispose()
    {
    }
#endif
}
