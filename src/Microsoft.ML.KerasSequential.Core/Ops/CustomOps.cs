using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>The user's own function.</summary>
internal sealed record CustomForward(CustomOp Custom) : Op
{
    public override string Name => Custom.Name;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Custom.Infer(inputs);
}

/// <summary>
/// The gradient of the user's own function with respect to one of its inputs. Inputs: the function's inputs, its
/// output, the gradient with respect to it.
/// </summary>
[NoOnnx("the gradient of another operation")]
[NoGradient("a second derivative would need another user-defined function")]
internal sealed record CustomBackward(CustomOp Custom, int Input) : Op
{
    public override string Name => $"{Custom.Name}Gradient";

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => inputs[Input].Dims;

    /// <summary>One node per input of the function.</summary>
    public static Tensor?[] Rule(Tensor y, Tensor g)
    {
        CustomOp custom = ((CustomForward)y.Op).Custom;
        if (!custom.HasBackward)
            throw new ArgumentException($"The custom operation {custom.Name} has no backward function, so layers " +
                "before it cannot be trained.");
        return [.. y.Inputs.Select((_, i) => new Tensor(new CustomBackward(custom, i), [.. y.Inputs, y, g]))];
    }
}
