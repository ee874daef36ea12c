using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace Samples.Service;

/// <summary>
/// An ML.NET pipeline. A prediction engine serves one request at a time, so there is a pool of engines for the
/// pipeline.
/// </summary>
internal sealed class EngineModel(MLContext ml, ITransformer model) : IFlowerModel
{
    readonly ObjectPool<PredictionEngine<Flower, Answer>> _engines =
        new DefaultObjectPoolProvider().Create(new EnginePolicy(ml, model));

    public Answer Predict(Flower flower)
    {
        PredictionEngine<Flower, Answer> engine = _engines.Get();
        try
        {
            return engine.Predict(flower);
        }
        finally
        {
            _engines.Return(engine);
        }
    }

    public void Dispose()
    {
        (_engines as IDisposable)?.Dispose();
        (model as IDisposable)?.Dispose();
    }
}
