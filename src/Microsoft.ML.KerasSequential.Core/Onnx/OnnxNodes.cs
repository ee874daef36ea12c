namespace Microsoft.ML.KerasSequential.Onnx;

/// <summary>
/// Writes ONNX operators for a <see cref="CustomOp"/>, in order. Values are referred to by name.
/// </summary>
public sealed class OnnxNodes
{
    internal delegate string Writer(string operation, IEnumerable<string> inputs,
        params ReadOnlySpan<(string Name, object Value)> attributes);

    readonly Writer _node;
    readonly Func<NDArray, string> _constant;

    internal OnnxNodes(int opset, Writer node, Func<NDArray, string> constant) =>
        (Opset, _node, _constant) = (opset, node, constant);

    /// <summary>The operator set version of the file.</summary>
    public int Opset { get; }

    /// <summary>Writes an operator with one output.</summary>
    /// <param name="operation">The operator's name in ONNX, such as <c>"Pow"</c>.</param>
    /// <param name="inputs">The names of its inputs; empty for an omitted input.</param>
    /// <param name="attributes">Its attributes: floats, integers, strings, or lists of them.</param>
    /// <returns>The name of its output.</returns>
    /// <exception cref="ArgumentException">The name is empty, an input is null, or an attribute has another
    /// type.</exception>
    public string Node(string operation, IReadOnlyList<string> inputs, params (string Name, object Value)[] attributes)
    {
        ArgumentException.ThrowIfNullOrEmpty(operation);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(attributes);
        if (inputs.Contains(null!)) throw new ArgumentException("The name of an input cannot be null.", nameof(inputs));
        return _node(operation, inputs, attributes);
    }

    /// <summary>Stores an array in the file.</summary>
    /// <param name="value">The values.</param>
    /// <returns>The name of the constant.</returns>
    public string Constant(NDArray value) => _constant(value ?? throw new ArgumentNullException(nameof(value)));
}
