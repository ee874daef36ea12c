namespace Microsoft.ML.KerasSequential.Templates;

/// <summary>What each training starts from: it makes networks that share nothing with each other.</summary>
internal abstract class ModelTemplate
{
    /// <summary>A new network, perhaps not built yet.</summary>
    /// <param name="seed">What its random numbers start from.</param>
    /// <exception cref="ArgumentException">The network cannot be made.</exception>
    public abstract Sequential Create(long seed);

    /// <summary>The network whose compiled loss, metrics and optimizer are the defaults of the options, or null.</summary>
    public virtual Sequential? Compiled => null;
}
