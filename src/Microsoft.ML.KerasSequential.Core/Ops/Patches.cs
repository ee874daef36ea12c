using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Onnx;

namespace Microsoft.ML.KerasSequential.Ops;

/// <summary>
/// A window that slides along one dimension: its size, stride, dilation, and the padding before and after.
/// </summary>
internal readonly record struct Window(int Size, int Stride, int Dilation, int Before, int After)
{
    /// <summary>The number of positions from the first value in the window to the last.</summary>
    public int Span => (Size - 1L) * Dilation + 1 is <= Counts.Largest and var span ? (int)span
        : throw new ArgumentException($"A window of size {Size} with dilation {Dilation} spans " +
            $"{(Size - 1L) * Dilation + 1}; the limit is {Counts.Largest}.");

    /// <summary>The number of window positions along a dimension; 0 if the window does not fit.</summary>
    public int Positions(int size)
    {
        long free = (long)size + Before + After - Span, positions = free / Stride + (free < 0 ? 0 : 1);
        return positions <= Counts.Largest ? (int)Math.Max(positions, 0)
            : throw new ArgumentException($"A window of size {Span} has {positions} positions on a size of {size} " +
                $"with {Before} before and {After} after; the limit is {Counts.Largest}.");
    }

    /// <summary>A window with Keras' padding, by TensorFlow's rule: the smaller half comes before.</summary>
    public static Window Of(int size, int stride, int dilation, string padding, int length)
    {
        var window = new Window(size, stride, dilation, 0, 0);
        if (padding == "causal") return window with { Before = window.Span - 1 };
        if (padding == "valid") return window;
        int total = Counts.Fits(Math.Max((Counts.Batches(length, stride) - 1L) * stride + window.Span - length, 0),
            $"The padding of a size of {length} for a window of {window.Span} with stride {stride}");
        return window with { Before = total / 2, After = total - total / 2 };
    }
}

/// <summary>Windows along the spatial dimensions, with value equality.</summary>
internal sealed class Windows(params Window[] values) : IEquatable<Windows>
{
    public IReadOnlyList<Window> Values { get; } = values;

    /// <summary>One window for each of the given lengths.</summary>
    public static Windows Over(int[] lengths, int[] sizes, int[] strides, int[]? dilations, string padding) =>
        new([.. lengths.Select((length, i) => Window.Of(sizes[i], strides[i], dilations?[i] ?? 1, padding, length))]);

    /// <summary>The spatial sizes, which must be known.</summary>
    public static int[] Lengths(Tensor x) =>
        [.. x.Dims.Skip(1).SkipLast(1).Select(d => d.Constant
            ?? throw new ArgumentException($"Windows need an input with known spatial sizes; given {x.Shape}.",
            nameof(x)))];

    /// <summary>Whether there is padding.</summary>
    public bool ArePadded => Values.Any(w => w.Before + w.After > 0);

    /// <summary>The same windows over an input that is already padded.</summary>
    public Windows Unpadded() => new([.. Values.Select(w => w with { Before = 0, After = 0 })]);

    /// <summary>The sizes (batch, …spatial, channels) including these windows' padding.</summary>
    public int[] PaddedSizes(int[] sizes) =>
        [sizes[0], .. Values.Select((w, i) => Counts.Fits((long)w.Before + sizes[i + 1] + w.After, "The padded input")),
            sizes[^1]];

    /// <summary>The padding of these windows, and nothing else: windows of size 1.</summary>
    public Windows Padding() => new([.. Values.Select(w => new Window(1, 1, 1, w.Before, w.After))]);

    public bool Equals(Windows? other) => other is not null && Values.SequenceEqual(other.Values);

    public override bool Equals(object? obj) => Equals(obj as Windows);

    public override int GetHashCode() => Values.Aggregate(0, HashCode.Combine);

    public override string ToString() => string.Join(" × ", Values.Select(w => w.Size));
}

/// <summary>
/// What each window covers: (batch, …spatial, channels) to (batch, …positions, …window, channels). Positions beyond the
/// edge have the fill value. A convolution is a matrix product over patches; pooling is a reduction of them.
/// </summary>
internal sealed record Patches(Windows Windows, float Fill) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs)
    {
        Dims x = inputs[0].Dims;
        var positions = new Dim[Windows.Values.Count];
        for (int i = 0; i < positions.Length; i++)
        {
            int size = x[i + 1].Constant
                ?? throw new ArgumentException($"Windows need known sizes; given shape {inputs[0].Shape}.");
            int count = Windows.Values[i].Positions(size);
            if (count < 1)
                throw new ArgumentException($"A window that spans {Windows.Values[i].Span} does not fit a size of " +
                    $"{size + Windows.Values[i].Before + Windows.Values[i].After}: input shape {inputs[0].Shape}.");
            positions[i] = count;
        }
        return new([x[0], .. positions, .. Windows.Values.Select(w => (Dim)w.Size), x.Last]);
    }
}

/// <summary>The gradient of <see cref="Patches"/>: each position gets the sum over the windows that cover it.</summary>
[NoOnnx("the gradient of another operation")]
internal sealed record PatchesGradient(Windows Windows, Dims Places) : Op
{
    public override Dims Infer(IReadOnlyList<Tensor> inputs) => Places;
}
