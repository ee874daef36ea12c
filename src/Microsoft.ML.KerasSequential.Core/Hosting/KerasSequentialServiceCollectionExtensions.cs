using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.KerasSequential;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Models as services.</summary>
public static class KerasSequentialServiceCollectionExtensions
{
    /// <summary>
    /// Adds a model from a file as a singleton: it is loaded when it is first asked for, once, serves all threads, logs
    /// where
    /// the host does, and is disposed with the container.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">
    /// What <see cref="Sequential.Save(string, bool, bool)"/> or Keras wrote; relative to the current directory when it
    /// is loaded.
    /// </param>
    /// <param name="name">
    /// A key, where there are several models: <c>[FromKeyedServices("name")] Sequential model</c>.
    /// </param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentNullException">The services or the path are null.</exception>
    /// <exception cref="ArgumentException">The path or the name is empty.</exception>
    public static IServiceCollection AddKerasSequential(
        this IServiceCollection services, string path, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddKerasSequential(_ => Sequential.Load(path), name);
    }

    /// <summary>Adds a model that a function makes as a singleton; otherwise as the form with a file.</summary>
    /// <param name="services">The services.</param>
    /// <param name="factory">Makes the model; called once.</param>
    /// <param name="name">A key, where there are several models.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentNullException">The services or the function are null.</exception>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IServiceCollection AddKerasSequential(
        this IServiceCollection services, Func<IServiceProvider, Sequential> factory, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(factory);
        if (name is { Length: 0 })
            throw new ArgumentException("The name of a model cannot be empty; null is none.", nameof(name));
        return name is null ? services.AddSingleton(provider => Make(provider, factory))
            : services.AddKeyedSingleton(name, (provider, _) => Make(provider, factory));
    }

    static Sequential Make(IServiceProvider services, Func<IServiceProvider, Sequential> factory)
    {
        Sequential model = factory(services)
            ?? throw new InvalidOperationException("The function that makes the model gave null.");
        // A logger that the function gave it stays.
        if (ReferenceEquals(model.Logger, NullLogger.Instance) && services.GetService<ILoggerFactory>() is { } loggers)
            model.Logger = loggers.CreateLogger<Sequential>();
        return model;
    }
}
