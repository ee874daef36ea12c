namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Kernels of convolutions (Keras <c>keras.utils.conv_utils</c>).</summary>
public static class ConvUtils
{
    /// <summary>
    /// A kernel turned round in all dimensions but those of the channels: from Theano's convolutions, which read it from its
    /// end, to those here, and back (Keras <c>convert_kernel</c>).
    /// </summary>
    /// <param name="kernel">A kernel of 1 to 3 dimensions, with the input's and the output's channels last.</param>
    /// <returns>A new array of the same shape.</returns>
    /// <exception cref="ArgumentException">The array does not have 3 to 5 dimensions.</exception>
    public static NDArray ConvertKernel(NDArray kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        if (kernel.Rank is < 3 or > 5)
        {
            throw new ArgumentException(
                $"Invalid kernel shape: {Shape.Format(kernel.Shape)}; a kernel has 3 to 5 dimensions.", nameof(kernel));
        }
        var result = new NDArray(kernel.Shape.ToArray());
        int channels = kernel.Shape[^2] * kernel.Shape[^1], places = channels == 0 ? 0 : kernel.Size / channels;
        for (int i = 0; i < places; i++)
            kernel.Span.Slice(i * channels, channels).CopyTo(result.Span[((places - 1 - i) * channels)..]);
        return result;
    }
}
