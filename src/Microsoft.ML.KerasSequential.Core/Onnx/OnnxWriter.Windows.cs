using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Onnx;

// Convolutions, pooling, and other sliding windows.
internal sealed partial class OnnxWriter
{
    void WriteConvolution(Tensor y, object what, IReadOnlyList<Tensor> x, Tensor? bias)
    {
        (Windows windows, string operation) = what switch
        {
            DepthwiseConvolution depthwise => (depthwise.Windows, "Conv"),
            GroupedConvolution grouped => (grouped.Windows, "Conv"),
            TransposedConvolution transposed => (transposed.Windows, "ConvTranspose"),
            _ => (((Convolve)what).Windows, "Conv"),
        };
        int rank = windows.Values.Count;
        // Sizes come before the channels here, after them in ONNX.
        int[] places = [.. Enumerable.Range(0, rank)];
        Func<Tensor, Tensor> arrange = what switch
        {
            DepthwiseConvolution => k =>
                K.Reshape(K.PermuteDimensions(k, [rank, rank + 1, .. places]),
                    [-1, 1, .. windows.Values.Select(w => w.Size)]),
            _ => k => K.PermuteDimensions(k, [rank + 1, rank, .. places]),
        };
        string kernel = _constants.Contains(x[1]) ? Weight(x[1], arrange, what is TransposedConvolution ? 1 : 0)
            : Node("Transpose", [In(x[1])], ("perm", (int[])[rank + 1, rank, .. places]));
        var attributes = new List<(string, object)>
        {
            ("kernel_shape", Each(windows, w => w.Size)), ("strides", Each(windows, w => w.Stride)),
                ("dilations", Each(windows, w => w.Dilation)),
        };
        if (what is DepthwiseConvolution) attributes.Add(("group", x[0].Dims[^1].Constant!.Value));
        if (what is GroupedConvolution { Groups: var groups }) attributes.Add(("group", groups));
        if (what is TransposedConvolution)
        {
            // What the windows do not cover at the end is removed; what is missing is added.
            int[] rest = [
                .. windows.Values.Select((w, i) =>
                    (x[0].Dims[i + 1].Constant!.Value - 1) * w.Stride + w.Span - w.Before
                    - y.Dims[i + 1].Constant!.Value)];
            attributes.Add(("pads", (int[])[.. Each(windows, w => w.Before), .. rest.Select(r => Math.Max(r, 0))]));
            if (rest.Any(r => r < 0)) attributes.Add(("output_padding", rest.Select(r => Math.Max(-r, 0)).ToArray()));
        }
        else
        {
            attributes.Add(("pads", Pads(windows)));
        }
        OutFirst(y,
            Node(operation, bias is null ? [InFirst(x[0]), kernel] : [InFirst(x[0]), kernel, In(bias)],
                [.. attributes]));
    }

    void WritePool(Tensor y, string operation, Windows windows, Tensor x) => OutFirst(y, Node(operation, [InFirst(x)],
        ("kernel_shape", Each(windows, w => w.Size)), ("strides", Each(windows, w => w.Stride)),
        ("pads", Pads(windows))));

    /// <summary>The positions of each window, gathered dimension by dimension.</summary>
    void WritePatches(Tensor y, Patches patches, Tensor x)
    {
        Windows windows = patches.Windows;
        int rank = windows.Values.Count;
        string value = In(x);
        var pads = new long[2 * x.Rank];
        for (int i = 0; i < rank; i++)
            (pads[i + 1], pads[x.Rank + i + 1]) = (windows.Values[i].Before, windows.Values[i].After);
        if (pads.Any(p => p > 0))
            value = Node("Pad",
                patches.Fill == 0 ? [value, Integers(pads)] : [value, Integers(pads), Number(patches.Fill)]);
        for (int i = 0; i < rank; i++)
        {
            Window w = windows.Values[i];
            int positions = y.Dims[i + 1].Constant!.Value;
            long[] at = [.. Enumerable.Range(0, positions)
                .SelectMany(p => Enumerable.Range(0, w.Size).Select(k => (long)p * w.Stride + k * w.Dilation))];
            value = Node("Gather", [value, Integers([positions, w.Size], at)], ("axis", 2 * i + 1));
        }
        // Window positions and positions within windows alternate.
        Out(y,
            Node("Transpose", [value],
                ("perm",
                    (int[])[0, .. Enumerable.Range(0, rank).Select(i => 2 * i + 1),
                        .. Enumerable.Range(0, rank).Select(i => 2 * i + 2), 2 * rank + 1])));
    }

    void WriteUpsampled(Tensor y, Upsampled upsampled, Tensor x)
    {
        bool last = upsampled.FirstAxis == 1 && (upsampled.Bilinear || IsFirst(x));
        float[] scales = [1, .. upsampled.FirstAxis == 2 || last ? [1f] : Array.Empty<float>(),
            .. upsampled.Times.Select(t => (float)t),
            .. upsampled.FirstAxis == 1 && !last ? [1f] : Array.Empty<float>()];
        // The region of interest is not used, but was required before opset 13.
        string region = options.Opset < 13 ? Number(new NDArray(0), "roi") : "";
        string result = Node("Resize",
            [last ? InFirst(x) : In(x), region, Number(new NDArray(scales, scales.Length), "scales")],
            upsampled.Bilinear
            ? [("mode", "linear"), ("coordinate_transformation_mode", "half_pixel")]
            : [("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]);
        if (last) OutFirst(y, result);
        else Out(y, result);
    }

    static int[] Each(Windows windows, Func<Window, int> value) => [.. windows.Values.Select(value)];

    static int[] Pads(Windows windows) => [.. Each(windows, w => w.Before), .. Each(windows, w => w.After)];
}
