namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>Weighted sums over neighboring pixels, along one dimension after the other, with zeros beyond the
/// edges.</summary>
internal static class Blur
{
    // A convolution with zeros for the other channels needs no copies; with more channels, the zeros cost more.
    const int FewChannels = 4;

    /// <summary>The weights (size) of a normal distribution of a given deviation, which sum to 1.</summary>
    /// <param name="size">The number of weights, odd.</param>
    /// <param name="sigma">The deviation in pixels, a single number.</param>
    /// <param name="used">The number of weights around the middle that are not 0; null for all.</param>
    public static Tensor Weights(int size, Tensor sigma, Tensor? used = null)
    {
        Tensor distance = K.Arange(-(size - 1) / 2, (size - 1) / 2 + 1);
        Tensor weights = K.Exp(K.Square(distance / K.Reshape(sigma, 1)) * -0.5);
        if (used is not null) weights = K.Where(2 * K.Abs(distance) < K.Reshape(used, 1), weights, 0);
        return weights / K.Sum(weights);
    }

    /// <summary>Images (batch, rows, columns, channels), blurred along both dimensions.</summary>
    public static Tensor Of(Tensor images, Tensor alongRows, Tensor alongColumns) =>
        Along(Along(images, alongRows, 0), alongColumns, 1);

    /// <summary>Images, blurred along one dimension: 0 for the rows' index, 1 for the columns'.</summary>
    static Tensor Along(Tensor images, Tensor weights, int axis)
    {
        int size = weights.Dims[0].Constant!.Value, channels = images.Dims.Last.Constant
            ?? throw new ArgumentException($"The channels of images must be known; given {images.Shape}.",
                nameof(images));
        (int rows, int columns) = axis == 0 ? (size, 1) : (1, size);
        Tensor kernel = K.Reshape(weights, rows, columns, 1, 1);
        if (channels > FewChannels)
            return K.DepthwiseConv2D(images, kernel * K.Constant(1, [1, 1, channels, 1]), padding: "same");
        var same = new NDArray(1, 1, channels, channels);
        for (int i = 0; i < channels; i++) same[0, 0, i, i] = 1;
        return K.Conv2D(images, kernel * K.Constant(same), padding: "same");
    }
}
