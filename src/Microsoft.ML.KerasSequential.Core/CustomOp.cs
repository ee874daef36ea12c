using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A custom operation on raw values, for computations that the functions of <see cref="K"/> cannot express. It runs on
/// the CPU, on one thread, and is not fused; a model that contains one can be exported if the operation defines its
/// ONNX operators.
/// </summary>
/// <example><code>
/// var cube = new CustomOp("Cube",
///     forward: a => { for (int i = 0; i &lt; a.Output.Length; i++) a.Output[i] = MathF.Pow(a.Input(0)[i], 3); },
///     backward: a =>
///     {
///         for (int i = 0; i &lt; a.Gradient.Length; i++)
///             a.Gradient[i] = 3 * MathF.Pow(a.Input(0)[i], 2) * a.OutputGradient[i];
///     });
/// var layer = new Lambda(x => cube.Call(x));
/// </code></example>
public sealed class CustomOp
{
    /// <summary>Computes the output.</summary>
    /// <param name="arguments">The inputs, and the output to fill.</param>
    public delegate void ForwardFunction(ForwardArguments arguments);

    /// <summary>Computes the gradient with respect to one input, <see cref="BackwardArguments.Index"/>; called for each
    /// input.</summary>
    /// <param name="arguments">The inputs, the output, its gradient, and the gradient to fill.</param>
    public delegate void BackwardFunction(BackwardArguments arguments);

    readonly Func<IReadOnlyList<Shape>, Shape>? _outputShape;

    /// <summary>Creates the operation.</summary>
    /// <param name="name">The name in plans and errors.</param>
    /// <param name="forward">Computes the output.</param>
    /// <param name="backward">Computes the gradients; without it, nothing before the operation can be trained.</param>
    /// <param name="outputShape">Computes the output's shape from the inputs' shapes, batch first (null for a variable
    /// size); the first input's shape by default.</param>
    /// <param name="onnx">Writes the operation as ONNX operators: takes the names of its inputs and returns that of its
    /// output; required to export a model that contains it.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public CustomOp(string name, ForwardFunction forward, BackwardFunction? backward = null,
        Func<IReadOnlyList<Shape>, Shape>? outputShape = null,
        Func<OnnxNodes, IReadOnlyList<string>, string>? onnx = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (Name, Forward, Backward, _outputShape, Onnx) = (name,
            forward ?? throw new ArgumentNullException(nameof(forward)), backward, outputShape, onnx);
    }

    /// <summary>The operation's name.</summary>
    public string Name { get; }

    internal ForwardFunction Forward { get; }

    internal BackwardFunction? Backward { get; }

    internal Func<OnnxNodes, IReadOnlyList<string>, string>? Onnx { get; }

    internal bool HasBackward => Backward is not null;

    /// <summary>Applies the operation to tensors.</summary>
    /// <param name="inputs">One or more tensors.</param>
    /// <returns>The output.</returns>
    /// <exception cref="ArgumentException">There are no inputs, or one is null.</exception>
    public Tensor Call(params Tensor[] inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Length == 0 || inputs.Contains(null!))
            throw new ArgumentException($"The custom operation {Name} needs one or more tensors, none of them null.",
                nameof(inputs));
        return new(new CustomForward(this), [.. inputs]);
    }

    internal Dims Infer(IReadOnlyList<Tensor> inputs) => _outputShape is null ? inputs[0].Dims
        : Dims.Of(_outputShape([.. inputs.Select(i => i.Shape)])
            ?? throw new ArgumentException($"The custom operation {Name} returned null as its output's shape."));

    /// <summary>A tensor's values and sizes.</summary>
    internal readonly unsafe record struct Memory(nint Pointer, int[] Sizes)
    {
        public int Length => Sizes.Aggregate(1, (size, d) => size * d);

        public Span<float> Span => new((float*)Pointer, Length);
    }

    /// <summary>The arguments of a forward function.</summary>
    public readonly ref struct ForwardArguments
    {
        readonly Memory[] _inputs;
        readonly Memory _output;

        internal ForwardArguments(Memory[] inputs, Memory output) => (_inputs, _output) = (inputs, output);

        /// <summary>The values of an input, in row-major order.</summary>
        /// <param name="index">The index of the input.</param>
        /// <returns>The values.</returns>
        public ReadOnlySpan<float> Input(int index) => _inputs[index].Span;

        /// <summary>The shape of an input.</summary>
        /// <param name="index">The index of the input.</param>
        /// <returns>The sizes, batch first.</returns>
        public ReadOnlySpan<int> InputShape(int index) => _inputs[index].Sizes;

        /// <summary>The output to fill.</summary>
        public Span<float> Output => _output.Span;

        /// <summary>The output's shape, batch first.</summary>
        public ReadOnlySpan<int> OutputShape => _output.Sizes;
    }

    /// <summary>The arguments of a backward function.</summary>
    public readonly ref struct BackwardArguments
    {
        readonly Memory[] _inputs;
        readonly Memory _output, _outputGradient, _gradient;

        internal BackwardArguments(Memory[] inputs, Memory output, Memory outputGradient, Memory gradient, int index) =>
            (_inputs, _output, _outputGradient, _gradient, Index) = (inputs, output, outputGradient, gradient, index);

        /// <summary>The index of the input whose gradient is requested.</summary>
        public int Index { get; }

        /// <summary>The values of an input, in row-major order.</summary>
        /// <param name="index">The index of the input.</param>
        /// <returns>The values.</returns>
        public ReadOnlySpan<float> Input(int index) => _inputs[index].Span;

        /// <summary>The shape of an input.</summary>
        /// <param name="index">The index of the input.</param>
        /// <returns>The sizes, batch first.</returns>
        public ReadOnlySpan<int> InputShape(int index) => _inputs[index].Sizes;

        /// <summary>The result of the forward function.</summary>
        public ReadOnlySpan<float> Output => _output.Span;

        /// <summary>The gradient with respect to the output.</summary>
        public ReadOnlySpan<float> OutputGradient => _outputGradient.Span;

        /// <summary>The gradient with respect to input <see cref="Index"/>, to fill.</summary>
        public Span<float> Gradient => _gradient.Span;
    }
}
