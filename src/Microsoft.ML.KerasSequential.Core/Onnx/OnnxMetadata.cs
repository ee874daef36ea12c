namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>The metadata keys with which an exported file describes its model.</summary>
internal static class OnnxMetadata
{
    /// <summary>The architecture, as Keras' JSON.</summary>
    public const string Configuration = "keras_config";

    /// <summary>How the weights are stored.</summary>
    public const string Weights = "weights";

    /// <summary>How long the model was trained in this process, in seconds.</summary>
    public const string TrainingSeconds = "training_seconds";
}
