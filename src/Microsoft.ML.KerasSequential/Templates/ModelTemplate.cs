namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>What each training starts from: it makes networks that share nothing with each other.</summary>
internal abstract class ModelTemplate
{
    /// <summary>A new network, perhaps not built yet; if it is compiled, that is what the options say where they say nothing.</summary>
    /// <param name="seed">What its random numbers start from.</param>
    /// <exception cref="ArgumentException">The network cannot be made.</exception>
    public abstract Sequential Create(long seed);
}
