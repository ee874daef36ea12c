using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// Random values from the counter-based generator Philox, a function of (key, step, index) alone: the same bits for any
/// number of threads. The key distinguishes nodes; the step is the plan's run counter. An optional input, a number,
/// selects another sequence of values: within a loop, each step of the loop passes its index.
/// </summary>
internal abstract record RandomOp(Dims Dims, ulong Key) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Dims;
}

/// <summary>Uniform in [0, 1).</summary>
[NoOnnx("random numbers differ from engine to engine")]
[NoGradient("a source of random numbers")]
internal sealed record RandomUniform(Dims Dims, ulong Key) : RandomOp(Dims, Key);

/// <summary>Normal with mean 0 and standard deviation 1.</summary>
[NoOnnx("random numbers differ from engine to engine")]
[NoGradient("a source of random numbers")]
internal sealed record RandomNormal(Dims Dims, ulong Key) : RandomOp(Dims, Key);

/// <summary>The factors of inverted dropout: 0 with probability Rate, else 1/(1 − Rate).</summary>
[NoOnnx("random numbers differ from engine to engine")]
[NoGradient("a source of random numbers")]
internal sealed record DropoutMask(Dims Dims, ulong Key, float Rate) : RandomOp(Dims, Key);
