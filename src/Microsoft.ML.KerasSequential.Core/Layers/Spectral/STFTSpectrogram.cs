using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The short-time Fourier transform of each channel of a signal, (batch, samples, channels) (Keras
/// <c>keras.layers.STFTSpectrogram</c>), as a convolution with the frequencies. Weights: real kernel and imaginary
/// kernel (frame length, 1, frequencies), as far as the mode needs them; set <c>trainable: false</c> to keep them.
/// There are fft length / 2 + 1 frequencies.
/// </summary>
public class STFTSpectrogram : Layer
{
    static readonly string[] s_modes = ["log", "magnitude", "psd", "real", "imag", "angle", "stft"];

    readonly string _mode, _padding;
    readonly int _frameLength;
    readonly int? _frameStep, _fftLength;
    readonly string? _window, _scaling;
    readonly NDArray? _windowValues;
    readonly bool _periodic, _expandDims, _channelsFirst;
    Variable? _real, _imaginary;

    /// <summary>Creates the layer.</summary>
    /// <param name="mode">
    /// The output: <c>log</c> of the magnitude, <c>magnitude</c>, <c>psd</c> (power spectral density), <c>real</c> or
    /// <c>imag</c> part, <c>angle</c>, or <c>stft</c>, the real parts followed by the imaginary parts.
    /// </param>
    /// <param name="frameLength">The number of samples of a frame.</param>
    /// <param name="frameStep">The number of samples between frames; half a frame by default.</param>
    /// <param name="fftLength">
    /// The length of the transform, not less than a frame; the next power of two by default.
    /// </param>
    /// <param name="window">
    /// The window, by its name in SciPy, such as <c>hann</c>, <c>hamming</c> or <c>blackman</c>; null for none.
    /// </param>
    /// <param name="periodic">Whether the window is one period of a longer one rather than symmetric.</param>
    /// <param name="scaling">
    /// <c>density</c> to divide by the norm of the window, <c>spectrum</c> to divide by its sum, or null.
    /// </param>
    /// <param name="padding"><c>valid</c> or <c>same</c>.</param>
    /// <param name="expandDims">
    /// Whether frequencies and channels are separate dimensions, as in an image; otherwise they are one.
    /// </param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="windowValues">The values of the window, instead of a name.</param>
    /// <exception cref="ArgumentException">An argument is out of range or unknown.</exception>
    public STFTSpectrogram(string mode = "log", int frameLength = 256, int? frameStep = null, int? fftLength = null,
        string? window = "hann", bool periodic = false, string? scaling = "density", string padding = "valid",
        bool expandDims = false, string? dataFormat = null, string? name = null, bool trainable = true,
        Shape? inputShape = null, Shape? batchInputShape = null, int? batchSize = null, NDArray? windowValues = null)
        : this(mode, frameLength, frameStep, fftLength, window, windowValues, periodic, scaling, padding, expandDims,
            dataFormat, new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal STFTSpectrogram(string mode, int frameLength, int? frameStep, int? fftLength, string? window,
        NDArray? windowValues, bool periodic, string? scaling, string padding, bool expandDims, string? dataFormat,
        LayerOptions options) : base(options)
    {
        if (!s_modes.Contains(mode))
            throw new ArgumentException($"`mode` must be one of {string.Join(", ", s_modes)}; given \"{mode}\".",
                nameof(mode));
        if (frameLength < 2)
            throw new ArgumentOutOfRangeException(nameof(frameLength),
            "The length of a frame must be 2 or more; given " +
                $"{frameLength}.");
        if (frameStep < 1 || frameStep > frameLength)
            throw new ArgumentOutOfRangeException(nameof(frameStep), "`frameStep` must be 1 or more and at most " +
                $"`frameLength`; given {frameStep} and {frameLength}.");
        if (fftLength < frameLength || fftLength > 1 << 24 || frameLength > 1 << 24)
            throw new ArgumentOutOfRangeException(nameof(fftLength),
            "`fftLength` must not be less than `frameLength` " +
                $"nor more than {1 << 24}; given {fftLength} and {frameLength}.");
        // The initializer checks the rest.
        _ = new STFT("real", window, scaling, periodic, windowValues);
        (_mode, _frameLength, _frameStep, _fftLength) = (mode, frameLength, frameStep, fftLength);
        (_window, _windowValues, _periodic, _scaling) = (window, windowValues, periodic, scaling);
        (_padding, _expandDims) = (Saving.Padding.Check(padding), expandDims);
        _channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);
    }

    /// <inheritdoc/>
    protected override int? InputRank => 3;

    int Step => _frameStep ?? _frameLength / 2;

    int Frequencies => (_fftLength ?? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_frameLength)) / 2 + 1;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Dim channels = x.Dims[_channelsFirst ? 1 : 2], samples = x.Dims[_channelsFirst ? 2 : 1];
        Tensor signals = new(new Ops.Reshape(new Dims(x.Dims[0] * channels, samples, 1)),
            _channelsFirst || channels.IsOne ? x : K.PermuteDimensions(x, 0, 2, 1));
        Tensor y = Spectrum(signals);
        y = new(new Ops.Reshape(new Dims(x.Dims[0], channels, y.Dims[1], y.Dims[2])), y);
        if (_expandDims) return _channelsFirst ? y : K.PermuteDimensions(y, 0, 2, 3, 1);
        Dim all = channels * y.Dims[3];
        return _channelsFirst
            ? new(new Ops.Reshape(new Dims(x.Dims[0], all, y.Dims[2])), K.PermuteDimensions(y, 0, 1, 3, 2))
            : new(new Ops.Reshape(new Dims(x.Dims[0], y.Dims[2], all)), K.PermuteDimensions(y, 0, 2, 1, 3));
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["mode"] = _mode;
        config["frame_length"] = _frameLength;
        config["frame_step"] = _frameStep;
        config["fft_length"] = _fftLength;
        config["window"] = STFT.WindowConfig(_window, _windowValues);
        config["periodic"] = _periodic;
        config["scaling"] = _scaling;
        config["padding"] = _padding;
        config["data_format"] = Saving.DataFormat.Name(_channelsFirst);
        config["expand_dims"] = _expandDims;
        return config;
    }

    /// <inheritdoc/>
    protected override void Build(Shape inputShape)
    {
        Variable Kernel(string side) => AddWeight($"{side}_kernel", [_frameLength, 1, Frequencies],
            new STFT(side, _window, _scaling, _periodic, _windowValues));
        _real = _mode == "imag" ? null : Kernel("real");
        _imaginary = _mode == "real" ? null : Kernel("imag");
    }

    /// <summary>From signals (…, samples, 1) to (…, frames, values).</summary>
    Tensor Spectrum(Tensor signals)
    {
        if (Later.ForWindows(signals, [_frameLength], [Step], null, _padding,
            _mode == "stft" ? 2 * Frequencies : Frequencies) is { } later)
            return later;
        Tensor Part(Variable kernel) => Convolution.Of(signals, kernel, [Step], [1], _padding);
        switch (_mode)
        {
            case "real": return Part(Made(_real));
            case "imag": return Part(Made(_imaginary));
            case "stft": return K.Concatenate([Part(Made(_real)), Part(Made(_imaginary))]);
            case "angle": return K.Arctan2(Part(Made(_imaginary)), Part(Made(_real)));
        }
        Tensor power = K.Square(Part(Made(_real))) + K.Square(Part(Made(_imaginary)));
        if (_mode == "psd") return power * K.Constant(Sides());
        Tensor magnitude = K.Sqrt(K.Maximum(power, K.Epsilon));
        return _mode == "magnitude" ? magnitude : K.Log(K.Maximum(magnitude, K.Epsilon));
    }

    /// <summary>Each frequency but the first and the last stands for its negative too.</summary>
    NDArray Sides()
    {
        var sides = new NDArray(Frequencies);
        for (int f = 0; f < Frequencies; f++) sides[f] = f == 0 || f == Frequencies - 1 ? 1 : 2;
        return sides;
    }
}
