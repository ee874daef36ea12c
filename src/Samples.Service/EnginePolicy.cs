using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace Samples.Service;

/// <summary>Creates prediction engines for one model.</summary>
internal sealed class EnginePolicy(MLContext ml, ITransformer model) : PooledObjectPolicy<PredictionEngine<Flower, Answer>>
{
    public override PredictionEngine<Flower, Answer> Create() => ml.Model.CreatePredictionEngine<Flower, Answer>(model, new PredictionEngineOptions { OwnsTransformer = false });

    public override bool Return(PredictionEngine<Flower, Answer> obj) => true;
}
