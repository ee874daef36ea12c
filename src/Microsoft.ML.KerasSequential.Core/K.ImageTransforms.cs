using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Images whose pixels are moved or blurred.
public static partial class K
{
    /// <summary>
    /// Rotates, scales, shears, and moves images (Keras <c>ops.image.affine_transform</c>). The pixel (x, y) of the
    /// output is that of the input at ((a0·x + a1·y + a2) / k, (b0·x + b1·y + b2) / k), where k = c0·x + c1·y + 1.
    /// </summary>
    /// <param name="images">Images (batch, rows, columns, channels) with known sizes.</param>
    /// <param name="transform">The numbers a0, a1, a2, b0, b1, b2, c0, c1 of each image, (batch, 8).</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="fillMode">What is beyond the edges: <c>constant</c> (the fill value), <c>nearest</c> (the pixel at
    /// the edge), <c>wrap</c> (the opposite edge), <c>reflect</c> (a mirror image), or <c>mirror</c> (a mirror image
    /// without the pixel at the edge).</param>
    /// <param name="fillValue">The value beyond the edges for <c>constant</c>.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>Images of the same shape.</returns>
    /// <exception cref="ArgumentException">A name is unknown, or a shape doesn't match.</exception>
    public static Tensor AffineTransform(Tensor images, Tensor transform, string interpolation = "bilinear",
        string fillMode = "constant", double fillValue = 0, string? dataFormat = null)
    {
        var sampling = Sampling.Of(interpolation, fillMode, fillValue, withMirror: true);
        if (WithRank(transform, 2, nameof(AffineTransform)).Dims.Last.Constant != 8)
            throw new ArgumentException($"AffineTransform requires 8 numbers for each image; given {transform.Shape}.",
                nameof(transform));
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        Tensor last = ChannelOrder.ToLast(WithRank(images, 4, nameof(AffineTransform)), first);
        Tensor[] numbers = [.. Enumerable.Range(0, 8).Select(i => ExpandDims(Slice(transform, 1, i, 1)))];
        return ChannelOrder.FromLast(Projected(last, numbers, sampling), first);
    }

    /// <summary>
    /// Draws images in perspective: four points of each image move to four others (Keras
    /// <c>ops.image.perspective_transform</c>).
    /// </summary>
    /// <param name="images">Images (batch, rows, columns, channels) with known sizes.</param>
    /// <param name="startPoints">The points before, (batch, 4, 2): the x and y of the top left, top right, bottom left,
    /// and bottom right one.</param>
    /// <param name="endPoints">The points after, in the same order.</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="fillValue">The value beyond the edges.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>Images of the same shape.</returns>
    /// <exception cref="ArgumentException">A name is unknown, or a shape doesn't match.</exception>
    public static Tensor PerspectiveTransform(Tensor images, Tensor startPoints, Tensor endPoints,
        string interpolation = "bilinear", double fillValue = 0, string? dataFormat = null)
    {
        var sampling = Sampling.Of(interpolation, "constant", fillValue);
        foreach (Tensor points in new[] { startPoints, endPoints })
            if (WithRank(points, 3, nameof(PerspectiveTransform)).Dims is not [_, { Constant: 4 }, { Constant: 2 }])
                throw new ArgumentException("PerspectiveTransform requires points of shape (batch, 4, 2); given " +
                    $"{points.Shape}.", nameof(startPoints));
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        Tensor last = ChannelOrder.ToLast(WithRank(images, 4, nameof(PerspectiveTransform)), first);
        // From the end points to the unit square, and from there to the start points.
        Tensor[] numbers = Product(FromUnitSquare(startPoints), Adjugate(FromUnitSquare(endPoints)));
        numbers = [.. numbers.Take(8).Select(n => n / numbers[8])];
        return ChannelOrder.FromLast(Projected(last, numbers, sampling), first);
    }

    /// <summary>Blurs images with the weights of a normal distribution and zeros beyond the edges (Keras
    /// <c>ops.image.gaussian_blur</c>).</summary>
    /// <param name="images">Images (batch, rows, columns, channels).</param>
    /// <param name="kernelSize">The width and the height of the window in pixels, both odd; 3 by default.</param>
    /// <param name="sigma">The standard deviations along the width and the height in pixels, two numbers; 1 by
    /// default.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>Images of the same shape.</returns>
    /// <exception cref="ArgumentException">A size is even, a name is unknown, or a shape doesn't match.</exception>
    public static Tensor GaussianBlur(Tensor images, Sizes? kernelSize = null, Tensor? sigma = null,
        string? dataFormat = null)
    {
        int[] size = (kernelSize ?? 3).For(2, nameof(kernelSize));
        if (size.Any(s => s % 2 == 0))
            throw new ArgumentException($"`kernelSize` must be odd; given {string.Join(", ", size)}.",
                nameof(kernelSize));
        Tensor deviations = sigma ?? Constant(1, [2]);
        if (deviations.Dims is not [{ Constant: 2 }])
            throw new ArgumentException($"`sigma` must be two numbers; given {deviations.Shape}.", nameof(sigma));
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        Tensor last = ChannelOrder.ToLast(WithRank(images, 4, nameof(GaussianBlur)), first);
        return ChannelOrder.FromLast(Blur.Of(last, Blur.Weights(size[1], Slice(deviations, 0, 1, 1)),
            Blur.Weights(size[0], Slice(deviations, 0, 0, 1))), first);
    }

    /// <summary>
    /// Moves each pixel of images by a random distance, similar to that of its neighbors (Keras
    /// <c>ops.image.elastic_transform</c>).
    /// </summary>
    /// <param name="images">Images (batch, rows, columns, channels) with known sizes.</param>
    /// <param name="alpha">The factor of the distances.</param>
    /// <param name="sigma">The standard deviation of the random numbers, and of the window in pixels by which they are
    /// blurred; more than 0.</param>
    /// <param name="interpolation"><c>bilinear</c> or <c>nearest</c>.</param>
    /// <param name="fillMode">What is beyond the edges: <c>reflect</c>, <c>constant</c>, <c>nearest</c>, <c>wrap</c>,
    /// or <c>mirror</c>.</param>
    /// <param name="fillValue">The value beyond the edges for <c>constant</c>.</param>
    /// <param name="seed">A seed, or null for the model's.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <returns>Images of the same shape.</returns>
    /// <exception cref="ArgumentException">A name is unknown, a number is out of range, or the tensor doesn't have four
    /// dimensions.</exception>
    public static Tensor ElasticTransform(Tensor images, double alpha = 20, double sigma = 5,
        string interpolation = "bilinear", string fillMode = "reflect", double fillValue = 0, int? seed = null,
        string? dataFormat = null)
    {
        var sampling = Sampling.Of(interpolation, fillMode, fillValue, withMirror: true);
        if (!(sigma > 0 && double.IsFinite(sigma)))
            throw new ArgumentException($"`sigma` must be more than 0; given {sigma}.", nameof(sigma));
        bool first = DataFormat.IsChannelsFirst(dataFormat);
        Tensor last = ChannelOrder.ToLast(WithRank(images, 4, nameof(ElasticTransform)), first);
        return ChannelOrder.FromLast(Bent(last, Scalar(alpha), Scalar(sigma), sigma, sampling, seed), first);
    }

    /// <summary>Images whose pixels move by blurred random distances; the window has the size for the largest
    /// deviation.</summary>
    internal static Tensor Bent(Tensor images, Tensor alpha, Tensor sigma, double largest, Sampling sampling, int? seed)
    {
        (int height, int width) = Sampling.SizeOf(images);
        Tensor noise = new Tensor(new Ops.RandomNormal(new(images.Dims[0], height, width, 2),
            TraceScope.NextRandomKey(seed))) * sigma;
        // The window has int(6σ) pixels, or one more to make the number odd.
        Tensor weights = Blur.Weights((int)(6 * largest) | 1, sigma, 2 * Floor(Floor(6 * sigma) * 0.5) + 1);
        Tensor moved = alpha * Blur.Of(noise, weights, weights);
        (Tensor y, Tensor x) = Sampling.Pixels(images);
        return sampling.At(images, y + Squeeze(Slice(moved, 3, 1, 1), 3), x + Squeeze(Slice(moved, 3, 0, 1), 3));
    }

    /// <summary>The image at (n0·x + n1·y + n2, n3·x + n4·y + n5) / (n6·x + n7·y + 1); the numbers are
    /// (batch, 1, 1).</summary>
    static Tensor Projected(Tensor images, Tensor[] n, Sampling sampling)
    {
        (Tensor y, Tensor x) = Sampling.Pixels(images);
        Tensor depth = n[6] * x + n[7] * y + 1;
        return sampling.At(images, (n[3] * x + n[4] * y + n[5]) / depth, (n[0] * x + n[1] * y + n[2]) / depth);
    }

    /// <summary>The projection that maps the corners of the unit square to four points, as nine numbers, each
    /// (batch, 1, 1).</summary>
    static Tensor[] FromUnitSquare(Tensor points)
    {
        Tensor At(int point, int axis) => Slice(Slice(points, 1, point, 1), 2, axis, 1);
        Tensor x0 = At(0, 0), x1 = At(1, 0), x2 = At(3, 0), x3 = At(2, 0);
        Tensor y0 = At(0, 1), y1 = At(1, 1), y2 = At(3, 1), y3 = At(2, 1);
        Tensor dx1 = x1 - x2, dx2 = x3 - x2, sx = x0 - x1 + x2 - x3;
        Tensor dy1 = y1 - y2, dy2 = y3 - y2, sy = y0 - y1 + y2 - y3;
        Tensor area = dx1 * dy2 - dx2 * dy1, g = (sx * dy2 - dx2 * sy) / area, h = (dx1 * sy - sx * dy1) / area;
        return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, OnesLike(g)];
    }

    /// <summary>The inverse of a matrix of 3 × 3 numbers, times its determinant.</summary>
    static Tensor[] Adjugate(Tensor[] m) =>
    [
        m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
        m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
        m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
    ];

    static Tensor[] Product(Tensor[] a, Tensor[] b) =>
    [
        .. Enumerable.Range(0, 9).Select(i => a[i / 3 * 3] * b[i % 3] + a[i / 3 * 3 + 1] * b[3 + i % 3]
            + a[i / 3 * 3 + 2] * b[6 + i % 3]),
    ];
}
