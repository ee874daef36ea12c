using Microsoft.ML;
using Microsoft.ML.KerasSequential;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Pipelines of ML.NET as services.</summary>
public static class KerasSequentialEngineServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="KerasSequentialEngine{TSource, TDestination}"/> over a model file as a singleton: it is loaded
    /// when it
    /// is first asked for, once, and serves all threads.
    /// </summary>
    /// <typeparam name="TSource">What is asked.</typeparam>
    /// <typeparam name="TDestination">What is answered.</typeparam>
    /// <param name="services">
    /// The services. An <see cref="MLContext"/> among them is used; else there is one of the engine's own.
    /// </param>
    /// <param name="modelPath">
    /// What <c>ml.Model.Save</c> wrote; relative to the current directory when it is loaded.
    /// </param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentNullException">The services or the path are null.</exception>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static IServiceCollection AddKerasSequentialEngine<TSource, TDestination>(
        this IServiceCollection services, string modelPath)
        where TSource : class
        where TDestination : class, new()
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        return services.AddEngine<TSource, TDestination>((_, ml) => ml.Model.Load(modelPath, out DataViewSchema _));
    }

    /// <summary>Adds an engine over a pipeline that a function makes; otherwise as the form with a file.</summary>
    /// <typeparam name="TSource">What is asked.</typeparam>
    /// <typeparam name="TDestination">What is answered.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="factory">Makes the pipeline, or trains it; called once.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentNullException">The services or the function are null.</exception>
    public static IServiceCollection AddKerasSequentialEngine<TSource, TDestination>(
        this IServiceCollection services, Func<IServiceProvider, ITransformer> factory)
        where TSource : class
        where TDestination : class, new()
    {
        ArgumentNullException.ThrowIfNull(factory);
        return services.AddEngine<TSource, TDestination>((provider, _) => factory(provider));
    }

    static IServiceCollection AddEngine<TSource, TDestination>(
        this IServiceCollection services, Func<IServiceProvider, MLContext, ITransformer> open)
        where TSource : class
        where TDestination : class, new()
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.AddSingleton(provider =>
        {
            MLContext ml = provider.GetService<MLContext>() ?? new MLContext();
            return new KerasSequentialEngine<TSource, TDestination>(ml, open(provider, ml));
        });
    }
}
