namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Utilities for convolution kernels (Keras <c>keras.utils.conv_utils</c>).</summary>
public static class ConvUtils
{
    /// <summary>
    /// Flips a kernel in all dimensions except the channels, to convert from Theano's convolutions, which read kernels
    /// backward, to this library's, and back (Keras <c>convert_kernel</c>).
    /// </summary>
    /// <param name="kernel">A kernel with 1 to 3 spatial dimensions, followed by the input and output channels.</param>
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
