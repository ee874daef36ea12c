namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>Marks an operation that no exported file can hold, with the reason.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NoOnnxAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;
}
