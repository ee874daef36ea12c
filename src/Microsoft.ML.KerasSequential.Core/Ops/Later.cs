using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// A stand-in for a layer's output when spatial sizes are unknown until data arrive: only its shape is known. It occurs
/// in the graph that a model is built with; the graphs that run are traced for the sizes of the data.
/// </summary>
[NoOnnx("a shape without values")]
[NoGradient("a shape without values")]
internal sealed record Later(Dims Dims) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Dims;

    /// <summary>A stand-in for (batch, …spatial, channels) if a spatial size is free, else null.</summary>
    /// <param name="x">The input (batch, …spatial, channels).</param>
    /// <param name="length">Maps an input size along a dimension to the output size.</param>
    /// <param name="channels">The output's channels.</param>
    public static Tensor? For(Tensor x, Func<int, int, int> length, Dim channels)
    {
        Dim[] places = [.. x.Dims.Skip(1).SkipLast(1)];
        if (places.All(p => p.Constant is not null)) return null;
        return new(new Later(new Dims([x.Dims[0], .. places.Select((p, i) => p.Constant is int known ? length(known, i)
            : Dim.Free(new Symbol("places"))), channels])), x);
    }

    /// <summary>As above, for an output with one element per window position.</summary>
    public static Tensor? ForWindows(
        Tensor x, int[] size, int[] strides, int[]? dilations, string padding, Dim channels) =>
        For(x, (length, i) => Window.Of(size[i], strides[i], dilations?[i] ?? 1, padding, length).Positions(length),
            channels);

    /// <exception cref="ArgumentException">The graph contains a stand-in.</exception>
    public static void Refuse(IEnumerable<Tensor> nodes)
    {
        if (nodes.FirstOrDefault(n => n.Op is Later) is { } later)
            throw new ArgumentException($"{later.Name} depends on sizes that are unknown until data arrive: call the " +
                "layers on an input with known spatial sizes to compute it.");
    }
}
