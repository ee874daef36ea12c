namespace Microsoft.ML.KerasSequential.Layers;

// What a layer knows before it is built.
public abstract partial class Layer
{
    /// <summary>Whether the layer gets given weights when it is built.</summary>
    private protected bool HasInitialWeights => _initialWeights is not null;

    /// <summary>Gives a copy, which a model has not built yet, what neither the configuration nor the weights
    /// contain.</summary>
    internal virtual void CopyStateTo(Layer copy)
    {
    }
}
