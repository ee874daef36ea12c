using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>
/// The kernel of a convolution that computes a short-time Fourier transform, (frame length, 1, frequencies) (Keras
/// <c>keras.initializers.STFT</c>).
/// </summary>
public class STFT : Initializer
{
    readonly string _side;
    readonly string? _window, _scaling;
    readonly bool _periodic;
    readonly NDArray? _windowValues;

    /// <summary>Creates the initializer.</summary>
    /// <param name="side"><c>real</c> for the cosines, <c>imag</c> for the sines.</param>
    /// <param name="window">
    /// The window, by its name in SciPy, such as <c>hann</c>, <c>hamming</c> or <c>blackman</c>; null for none.
    /// </param>
    /// <param name="scaling">
    /// <c>density</c> to divide by the norm of the window, <c>spectrum</c> to divide by its sum, or null.
    /// </param>
    /// <param name="periodic">Whether the window is one period of a longer one rather than symmetric.</param>
    /// <param name="windowValues">The values of the window, instead of a name.</param>
    /// <exception cref="ArgumentException">An argument is unknown.</exception>
    public STFT(string side = "real", string? window = "hann", string? scaling = "density", bool periodic = false,
        NDArray? windowValues = null)
    {
        if (side is not ("real" or "imag"))
            throw new ArgumentException($"`side` must be \"real\" or \"imag\"; given \"{side}\".", nameof(side));
        CheckScaling(scaling);
        if (window is not null) SpectralWindow.Check(window);
        if (windowValues is { Rank: not 1 })
            throw new ArgumentException("The values of a window must have one dimension; given shape " +
                $"{Shape.Format(windowValues.Shape)}.", nameof(windowValues));
        (_side, _window, _scaling, _periodic, _windowValues) = (side, window, scaling, periodic, windowValues);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new()
    {
        ["side"] = _side,
        ["window"] = WindowConfig(_window, _windowValues),
        ["periodic"] = _periodic,
        ["scaling"] = _scaling,
    };

    /// <exception cref="ArgumentException">The scaling is unknown.</exception>
    internal static void CheckScaling(string? scaling)
    {
        if (scaling is not (null or "density" or "spectrum"))
            throw new ArgumentException("`scaling` must be \"density\", \"spectrum\" or null; given " +
                $"\"{scaling}\".", nameof(scaling));
    }

    /// <summary>The name of a window, or its values.</summary>
    internal static JsonNode? WindowConfig(string? window, NDArray? values) =>
        values is null ? window : NestedLists.Write(values, nameof(STFT));

    internal override void Fill(Span<float> values, ReadOnlySpan<int> shape, RandomSource random)
    {
        if (shape.Length != 3 || shape[1] != 1)
            throw new ArgumentException("The STFT initializer creates kernels of shape (frame length, 1, " +
                $"frequencies); the weight has shape {Shape.Format(shape)}.");
        (int length, int frequencies) = (shape[0], shape[2]);
        double[] window = Window(length);
        double scale = _window is null && _windowValues is null ? 1 : _scaling switch
        {
            "density" => Math.Sqrt(window.Sum(w => w * w)),
            "spectrum" => window.Sum(Math.Abs),
            _ => 1,
        };
        double period = Math.Max(2 * (frequencies - 1), 1);
        for (int t = 0; t < length; t++)
        {
            for (int f = 0; f < frequencies; f++)
            {
                double angle = -2 * Math.PI * (t * (double)f % period) / period;
                values[t * frequencies + f] =
                    (float)((_side == "real" ? Math.Cos(angle) : Math.Sin(angle)) * window[t] / scale);
            }
        }
    }

    double[] Window(int length)
    {
        if (_windowValues is null)
            return _window is null ? [.. Enumerable.Repeat(1.0, length)]
                : SpectralWindow.Of(_window, length, _periodic);
        return _windowValues.Size == length ? [.. _windowValues.ToArray().Select(v => (double)v)]
            : throw new ArgumentException($"The window has {_windowValues.Size} values, but a frame has {length}.");
    }
}
