using Microsoft.Extensions.ObjectPool;

namespace Microsoft.ML.KerasSequential.Hosting;

/// <summary>Makes prediction engines over one pipeline, which they do not own.</summary>
internal sealed class EnginePolicy<TSource, TDestination>(MLContext ml, ITransformer pipeline)
    : PooledObjectPolicy<PredictionEngine<TSource, TDestination>>
    where TSource : class
    where TDestination : class, new()
{
    public override PredictionEngine<TSource, TDestination> Create() =>
        ml.Model.CreatePredictionEngine<TSource, TDestination>(
            pipeline, new PredictionEngineOptions { OwnsTransformer = false });

    public override bool Return(PredictionEngine<TSource, TDestination> obj) => true;
}
