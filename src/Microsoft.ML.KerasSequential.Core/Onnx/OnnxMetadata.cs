namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>The keys under which an exported file tells of the model that it came from.</summary>
internal static class OnnxMetadata
{
    /// <summary>The architecture, as Keras writes it to JSON.</summary>
    public const string Configuration = "keras_config";

    /// <summary>How the weights are stored.</summary>
    public const string Weights = "weights";

    /// <summary>How long the model was trained in this process, in seconds.</summary>
    public const string TrainingSeconds = "training_seconds";
}
