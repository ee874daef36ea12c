namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>A lookup whose tokens have weights, which Keras stores beside those of the model.</summary>
internal interface IWeighsTokens
{
    /// <summary>The weights, or null if there are none.</summary>
    NDArray? IdfWeights { get; }
}
