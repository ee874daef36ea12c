using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Plots.Numbers;

/// <summary>A layer's filters as images.</summary>
/// <param name="Rows">The height of an image.</param>
/// <param name="Columns">The width of an image.</param>
/// <param name="Channels">1 for gray, 3 for red, green and blue.</param>
/// <param name="Images">The values (rows, columns, channels) of each filter: the smallest is 0, the largest
/// 255.</param>
internal sealed record FilterImages(int Rows, int Columns, int Channels, IReadOnlyList<byte[]> Images)
{
    /// <exception cref="ArgumentException">The layer has no filters, or the image shape is not given or does not
    /// match.</exception>
    public static FilterImages Of(Layer layer, Shape? imageShape) => layer switch
    {
        Conv2D => FromKernel(Kernel(layer), k => k),
        // (steps, channels, filters): time from left to right, one row per channel.
        Conv1D => FromKernel(Kernel(layer), k => Turned(k).Reshape(k.Shape[1], k.Shape[0], 1, k.Shape[2])),
        Dense => FromKernel(Kernel(layer), k => Image(layer, k, imageShape)),
        _ => throw new ArgumentException(
            $"Layer {layer.Name} is a {layer.ClassName}; filters can be drawn for Conv2D and Conv1D, and for Dense on "
            + "images.", nameof(layer)),
    };

    /// <summary>The kernel as (rows, columns, channels, filters).</summary>
    static FilterImages FromKernel(NDArray kernel, Func<NDArray, NDArray> images)
    {
        NDArray k = images(kernel);
        (int rows, int columns, int inputs, int filters) = (k.Shape[0], k.Shape[1], k.Shape[2], k.Shape[3]);
        int channels = inputs == 3 ? 3 : 1, places = rows * columns;
        double mean = inputs / channels;
        var all = new List<byte[]>();
        for (int f = 0; f < filters; f++)
        {
            double[] values = new double[places * channels];
            for (int place = 0; place < places; place++)
                for (int c = 0; c < inputs; c++)
                    values[place * channels + c % channels] += k.Span[(place * inputs + c) * filters + f] / mean;
            all.Add(Scaled(values));
        }
        return new(rows, columns, channels, all);
    }

    static byte[] Scaled(double[] values)
    {
        (double low, double high) = (values.Min(), values.Max());
        return [.. values.Select(v => high > low ? (byte)Math.Round((v - low) / (high - low) * 255) : (byte)128)];
    }

    static NDArray Kernel(Layer layer)
    {
        int at = layer.Weights.ToList().FindIndex(w => w.Name.EndsWith("/kernel", StringComparison.Ordinal));
        NDArray kernel = at >= 0 ? layer.GetWeights()[at]
            : throw new InvalidOperationException(
                $"Layer {layer.Name} has no weights yet: build its model, or fit it to data.");
        return kernel.Span.ToArray().All(float.IsFinite) ? kernel
            : throw new InvalidOperationException($"The weights of layer {layer.Name} contain NaN or infinity.");
    }

    static NDArray Turned(NDArray kernel)
    {
        (int steps, int channels, int filters) = (kernel.Shape[0], kernel.Shape[1], kernel.Shape[2]);
        var turned = new NDArray(channels, steps, filters);
        for (int s = 0; s < steps; s++)
            for (int c = 0; c < channels; c++)
                for (int f = 0; f < filters; f++) turned[c, s, f] = kernel[s, c, f];
        return turned;
    }

    /// <summary>The weights of each unit, in the shape of the image that they are multiplied by.</summary>
    static NDArray Image(Layer layer, NDArray kernel, Shape? imageShape)
    {
        if (imageShape is null)
        {
            throw new ArgumentException(
                $"Layer {layer.Name} has {kernel.Shape[0]} inputs; pass imageShape, such as [28, 28], to specify which "
                + "image they are.",
                nameof(imageShape));
        }
        int[] shape = [.. imageShape.Select(d => d ?? 0)];
        bool fits = shape.Length is 2 or 3 && shape.All(d => d > 0)
            && shape.Aggregate(1L, (n, d) => n * d) == kernel.Shape[0];
        if (!fits)
            throw new ArgumentException(
                $"Layer {layer.Name} has {kernel.Shape[0]} inputs, which do not match the image shape {imageShape}.",
                nameof(imageShape));
        return kernel.Reshape(shape[0], shape[1], shape.Length == 3 ? shape[2] : 1, kernel.Shape[1]);
    }
}
