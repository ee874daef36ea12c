using Microsoft.ML.KerasSequential;

namespace Samples.Service;

/// <summary>
/// An ML.NET pipeline. A prediction engine serves one request at a time, so there is a pool of engines for the
/// pipeline.
/// </summary>
internal sealed class EngineModel(KerasSequentialEngine<Flower, Answer> engine) : IFlowerModel
{
    public Answer Predict(Flower flower) => engine.Predict(flower);

    /// <summary>The pool is the host's.</summary>
    public void Dispose()
    {
    }
}
