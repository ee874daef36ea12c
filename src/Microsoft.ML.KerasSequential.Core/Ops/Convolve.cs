using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// The convolution, in the sense of neural networks: (batch, …spatial, channels) with a kernel (…window, channels,
/// filters) gives (batch, …positions, filters). Beyond the edge, windows see zeros.
/// </summary>
internal sealed record Convolve(Windows Windows) : Op, IProductOp
{
    public FloatPrecision? Precision { get; } = TraceScope.Current?.Precision;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) =>
        new([.. new Patches(Windows, 0).Infer(inputs).Take(Windows.Values.Count + 1), inputs[1].Dims.Last]);

    /// <summary>The gradients with respect to the input and the kernel.</summary>
    public static Tensor?[] Rule(Tensor y, Tensor g) =>
        [ByPlaces(y.Inputs[0], y.Inputs[1], g, ((Convolve)y.Op).Windows),
            new Tensor(new ConvolveKernelGradient(((Convolve)y.Op).Windows, y.Inputs[1].Dims), y.Inputs[0], g)];

    /// <summary>
    /// If the stride is 1, the gradient is the convolution with the flipped kernel; otherwise each patch gets its
    /// share.
    /// </summary>
    public static Tensor ByPlaces(Tensor x, Tensor kernel, Tensor g, Windows windows)
    {
        int rank = windows.Values.Count;
        Dim channels = kernel.Dims[rank], filters = kernel.Dims[rank + 1];
        if (windows.Values.All(w => w.Stride == 1 && w.Before < w.Span && w.After < w.Span))
        {
            Tensor turned = kernel;
            for (int i = 0; i < rank; i++)
                if (windows.Values[i].Size > 1) turned = new Tensor(new Reverse(i), turned);
            turned = K.PermuteDimensions(turned, [.. Enumerable.Range(0, rank), rank + 1, rank]);
            return new Tensor(new Convolve(new Windows([.. windows.Values.Select(w =>
                w with { Before = w.Span - 1 - w.Before, After = w.Span - 1 - w.After })])), g, turned);
        }
        Tensor matrix = new(new Reshape(new(kernel.Dims.Product(0, rank + 1), filters)), kernel);
        Tensor rows = new(new MatMul(false, true), g, matrix);
        Dim[] patch = [.. g.Dims.Take(rank + 1), .. windows.Values.Select(w => (Dim)w.Size), channels];
        return new(new PatchesGradient(windows, x.Dims), new Tensor(new Reshape(new(patch)), rows));
    }
}

/// <summary>
/// The gradient of <see cref="Convolve"/> with respect to the kernel. Inputs: the convolution's input, the gradient
/// with respect to the result.
/// </summary>
[NoOnnx("the gradient of another operation")]
internal sealed record ConvolveKernelGradient(Windows Windows, Dims Kernel) : Op, IProductOp
{
    public FloatPrecision? Precision { get; } = TraceScope.Current?.Precision;

    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Kernel;

    public static Tensor?[] Rule(Tensor y, Tensor g)
    {
        Windows windows = ((ConvolveKernelGradient)y.Op).Windows;
        return [Convolve.ByPlaces(y.Inputs[0], g, y.Inputs[1], windows),
            new Tensor(new Convolve(windows), y.Inputs[0], g)];
    }
}
