using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Resizes and crops images as tensors (batch, rows, columns, channels).</summary>
internal static class ImageResize
{
    // Each new position is a weighted sum of all old ones.
    const int LargestTable = 1 << 26;

    /// <summary>Resizes rows and columns, each as a product with a table of weights.</summary>
    public static Tensor Resized(Tensor x, int height, int width, string interpolation, bool antialias, string owner)
    {
        (int rows, int columns) = SizesOf(x);
        // (batch, rows, channels, columns), then (batch, columns, channels, rows).
        Tensor y = x;
        if (columns != width)
            y = K.PermuteDimensions(
                K.Dot(K.PermuteDimensions(y, 0, 1, 3, 2), Table(columns, width, interpolation, antialias, owner)),
                0, 1, 3, 2);
        if (rows != height)
            y = K.PermuteDimensions(
                K.Dot(K.PermuteDimensions(y, 0, 2, 3, 1), Table(rows, height, interpolation, antialias, owner)),
                0, 3, 1, 2);
        return y;
    }

    /// <summary>The largest part in the middle with the proportions of a size.</summary>
    public static Tensor CroppedTo(Tensor x, int height, int width)
    {
        (int rows, int columns) = SizesOf(x);
        int cropHeight = Math.Max(Math.Min(rows, (int)((double)columns * height / width)), 1);
        int cropWidth = Math.Max(Math.Min(columns, (int)((double)rows * width / height)), 1);
        return Cropped(x, (rows - cropHeight) / 2, (columns - cropWidth) / 2, cropHeight, cropWidth);
    }

    /// <summary>A part of an image.</summary>
    public static Tensor Cropped(Tensor x, int top, int left, int height, int width) =>
        K.Slice(K.Slice(x, 1, top, height), 2, left, width);

    /// <summary>Borders at both ends of the shorter side, to about the proportions of a size.</summary>
    public static Tensor PaddedTo(Tensor x, int height, int width, double value)
    {
        (int rows, int columns) = SizesOf(x);
        int top = (Math.Max(rows, (int)((double)columns * height / width)) - rows) / 2;
        int left = (Math.Max(columns, (int)((double)rows * width / height)) - columns) / 2;
        Tensor Border(int high, int wide) =>
            new(new Ops.BroadcastTo(new Dims(x.Dims[0], high, wide, x.Dims[3])), K.Scalar(value));
        if (top > 0) x = K.Concatenate([Border(top, columns), x, Border(top, columns)], 1);
        if (left > 0) x = K.Concatenate([Border(rows, left), x, Border(rows, left)], 2);
        return x;
    }

    /// <summary>A stand-in for the output, whose size is known, while the input's size is not; else null.</summary>
    public static Tensor? LaterFor(Tensor x, int height, int width) => x.Shape[1] is not null && x.Shape[2] is not null
        ? null : new(new Ops.Later(new Dims(x.Dims[0], height, width, x.Dims[3])), x);

    public static (int Rows, int Columns) SizesOf(Tensor x) => (x.Shape[1]!.Value, x.Shape[2]!.Value);

    static Tensor Table(int from, int to, string interpolation, bool antialias, string owner) =>
        (long)from * to <= LargestTable ? K.Constant(ResizeWeights.Of(from, to, interpolation, antialias))
        : throw new ArgumentException($"{owner} cannot resize from {from} to {to}: the table of weights would be too " +
            "large.");
}
