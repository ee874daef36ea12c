using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;

namespace TemplateNamespace;

/// <summary>
/// Prediction engines over one model. An engine serves one call at a time, so each call borrows one.
/// </summary>
public sealed class EnginePool<TSource, TDestination>(MLContext ml, Func<ITransformer> model) : IDisposable
    where TSource : class
    where TDestination : class, new()
{
    readonly ObjectPool<PredictionEngine<TSource, TDestination>> _engines =
        new DefaultObjectPoolProvider().Create(new Policy(ml, model));

    /// <summary>Predicts one row. Any number of threads may call it.</summary>
    public TDestination Predict(TSource row)
    {
        PredictionEngine<TSource, TDestination> engine = _engines.Get();
        try
        {
            return engine.Predict(row);
        }
        finally
        {
            _engines.Return(engine);
        }
    }

    public void Dispose() => (_engines as IDisposable)?.Dispose();

    sealed class Policy(MLContext ml, Func<ITransformer> model)
        : PooledObjectPolicy<PredictionEngine<TSource, TDestination>>
    {
        // The model is shared: it stays when an engine goes.
        public override PredictionEngine<TSource, TDestination> Create() =>
            ml.Model.CreatePredictionEngine<TSource, TDestination>(
                model(), new PredictionEngineOptions { OwnsTransformer = false });

        public override bool Return(PredictionEngine<TSource, TDestination> engine) => true;
    }
}
