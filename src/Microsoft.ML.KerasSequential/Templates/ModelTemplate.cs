namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>The starting point of training: creates networks that share nothing with each other.</summary>
internal abstract class ModelTemplate
{
    /// <summary>Creates a network, which may not be built yet; if it is compiled, its settings are the defaults for
    /// options that are null.</summary>
    /// <param name="seed">The seed of its random numbers.</param>
    /// <exception cref="ArgumentException">The network cannot be created.</exception>
    public abstract Sequential Create(long seed);
}
