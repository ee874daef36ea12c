using Microsoft.Extensions.ObjectPool;
using Microsoft.ML.KerasSequential.Hosting;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// Predictions by a pipeline for many threads at once. A <see cref="PredictionEngine{TSrc, TDst}"/> serves one at a
/// time, so
/// there is a pool of them over the one pipeline. <c>services.AddKerasSequentialEngine</c> adds one to a host.
/// </summary>
/// <typeparam name="TSource">What is asked: a class with the pipeline's input columns as properties.</typeparam>
/// <typeparam name="TDestination">What is answered: a class with output columns as properties.</typeparam>
public sealed class KerasSequentialEngine<TSource, TDestination> : IDisposable
    where TSource : class
    where TDestination : class, new()
{
    readonly ITransformer _pipeline;
    readonly ObjectPool<PredictionEngine<TSource, TDestination>> _engines;

    /// <summary>Makes a pool, and its first engine, so that columns which do not fit are found at once.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="pipeline">The pipeline; disposed with the pool.</param>
    /// <exception cref="ArgumentException">The classes do not fit the pipeline's columns.</exception>
    public KerasSequentialEngine(MLContext ml, ITransformer pipeline)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(pipeline);
        _pipeline = pipeline;
        _engines = new DefaultObjectPoolProvider().Create(new EnginePolicy<TSource, TDestination>(ml, pipeline));
        _engines.Return(_engines.Get());
    }

    /// <summary>The answer for one row; may be called by several threads at once.</summary>
    /// <param name="source">The row.</param>
    /// <returns>A new object.</returns>
    public TDestination Predict(TSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        PredictionEngine<TSource, TDestination> engine = _engines.Get();
        try
        {
            return engine.Predict(source);
        }
        finally
        {
            _engines.Return(engine);
        }
    }

    /// <summary>Disposes the engines and the pipeline.</summary>
    public void Dispose()
    {
        (_engines as IDisposable)?.Dispose();
        (_pipeline as IDisposable)?.Dispose();
    }
}
