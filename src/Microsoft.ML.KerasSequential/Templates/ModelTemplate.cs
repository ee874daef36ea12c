using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>The starting point of training: creates networks that share nothing with each other.</summary>
internal abstract class ModelTemplate
{
    /// <summary>Creates a network, which may not be built yet; if it is compiled, its settings are the defaults for
    /// options that are null.</summary>
    /// <param name="seed">The seed of its random numbers.</param>
    /// <param name="prepare">Receives the first layer, before the network is built, if it may still adapt to
    /// data.</param>
    /// <exception cref="ArgumentException">The network cannot be created.</exception>
    public abstract Sequential Create(long seed, Action<Layer> prepare);

    /// <summary>Whether the network takes texts; null if it is known only once it is created.</summary>
    public abstract bool? TakesTexts { get; }
}
