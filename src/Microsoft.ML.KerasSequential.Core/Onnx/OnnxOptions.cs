namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Options for <see cref="Sequential.ToOnnx(string, OnnxOptions?)"/>.</summary>
public sealed record OnnxOptions
{
    /// <summary>The oldest supported operator set.</summary>
    public const int MinOpset = 12;

    /// <summary>The newest supported operator set.</summary>
    public const int MaxOpset = 21;

    /// <summary>The operator set version, 12 to 21; 17 by default.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>How the weights are stored; float32 by default.</summary>
    public OnnxWeights Weights { get; init; }

    /// <summary>The shape of a sample, for a model with variable sizes that its layers need to know; by default the
    /// model's own, in which variable sizes stay variable.</summary>
    public Shape? InputShape { get; init; }

    /// <summary>
    /// Whether the input of a model that takes text is text. Null, the default: text if ONNX has operators for what the
    /// first layer does with it (<see cref="Layers.StringLookup"/> with one index for unknown texts;
    /// <see cref="Layers.TextVectorization"/> from operator set 20 on without punctuation to remove); otherwise the
    /// numbers that the layer's <c>Call</c> returns. True: text, or an exception that names the setting. False: the
    /// numbers.
    /// </summary>
    public bool? TextInput { get; init; }

    /// <summary>The input's name; that of the model's input by default.</summary>
    public string? InputName { get; init; }

    /// <summary>The output's name; that of the last layer by default.</summary>
    public string? OutputName { get; init; }

    /// <summary>
    /// The size of the weights, in bytes, from which they are written to a separate file next to the model, with its
    /// name plus <c>.data</c>; 1.5 GiB by default, because a protocol buffer is limited to 2.
    /// </summary>
    public long ExternalDataFrom { get; init; } = 3L << 29;

    /// <summary>Additional entries for the file's metadata.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
