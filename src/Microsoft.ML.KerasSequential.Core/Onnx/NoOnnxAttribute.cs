namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Marks an operation that cannot be exported, with the reason.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NoOnnxAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}
