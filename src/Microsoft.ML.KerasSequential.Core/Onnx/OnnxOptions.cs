namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>What <see cref="Sequential.ToOnnx(string, OnnxOptions?)"/> may be told.</summary>
public sealed record OnnxOptions
{
    /// <summary>The oldest operator set that can be asked for.</summary>
    public const int MinOpset = 12;

    /// <summary>The newest operator set that can be asked for.</summary>
    public const int MaxOpset = 21;

    /// <summary>The version of the standard's operators, 12 to 21; 17 by default.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>How the weights are stored; float32 by default.</summary>
    public OnnxWeights Weights { get; init; }

    /// <summary>The sizes of a sample, for a model that leaves some open which its layers must know; the model's own by default, open ones staying open.</summary>
    public Shape? InputShape { get; init; }

    /// <summary>The input's name; that of the model's input by default.</summary>
    public string? InputName { get; init; }

    /// <summary>The output's name; that of the last layer by default.</summary>
    public string? OutputName { get; init; }

    /// <summary>
    /// From how many bytes of weights on they go to a file of their own beside the model, named as it with <c>.data</c> behind; 1.5 GiB by
    /// default, since a protocol buffer cannot hold 2.
    /// </summary>
    public long ExternalDataFrom { get; init; } = 3L << 29;

    /// <summary>More entries for the file's metadata.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
