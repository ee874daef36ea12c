using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The spectrogram of a signal on the mel scale: (batch, samples) to (batch, mel bins, frames) (Keras
/// <c>keras.layers.MelSpectrogram</c>). Frames are centered, and the signal is reflected at its ends. The layer has no
/// weights.
/// </summary>
public class MelSpectrogram : Layer
{
    readonly int _fftLength, _sequenceStride, _sequenceLength, _samplingRate, _numMelBins;
    readonly string? _window;
    readonly NDArray? _windowValues;
    readonly double _minFreq, _maxFreq, _topDb, _magExp, _minPower, _refPower;
    readonly bool _powerToDb;

    /// <summary>Creates the layer.</summary>
    /// <param name="fftLength">The length of the transform.</param>
    /// <param name="sequenceStride">The number of samples between frames.</param>
    /// <param name="sequenceLength">
    /// The number of samples of a frame, at most <paramref name="fftLength"/>, which is the default.
    /// </param>
    /// <param name="window"><c>hann</c>, <c>hamming</c>, or null for none.</param>
    /// <param name="samplingRate">The number of samples per second.</param>
    /// <param name="numMelBins">The number of mel bins.</param>
    /// <param name="minFreq">The lowest frequency of the bins, in hertz.</param>
    /// <param name="maxFreq">The highest frequency of the bins, in hertz; half the sampling rate by default.</param>
    /// <param name="powerToDb">Whether the output is in decibels.</param>
    /// <param name="topDb">How far, in decibels, values can lie below the largest value of the batch.</param>
    /// <param name="magExp">The exponent of the magnitude: 1 for the magnitude, 2 for the power.</param>
    /// <param name="minPower">The smallest power that is converted to decibels.</param>
    /// <param name="refPower">The power of 0 decibels.</param>
    /// <param name="name">The layer's name.</param>
    /// <param name="trainable">Whether training may change the weights.</param>
    /// <param name="inputShape">The shape of one sample, for a model's first layer.</param>
    /// <param name="batchInputShape">The shape of a batch, for a model's first layer.</param>
    /// <param name="batchSize">A fixed batch size, for a model's first layer.</param>
    /// <param name="windowValues">The values of the window, instead of a name.</param>
    /// <exception cref="ArgumentException">An argument is out of range or unknown.</exception>
    public MelSpectrogram(int fftLength = 2048, int sequenceStride = 512, int? sequenceLength = null,
        string? window = "hann", int samplingRate = 16000, int numMelBins = 128, double minFreq = 20,
        double? maxFreq = null, bool powerToDb = true, double topDb = 80, double magExp = 2, double minPower = 1e-10,
        double refPower = 1, string? name = null, bool trainable = true, Shape? inputShape = null,
        Shape? batchInputShape = null, int? batchSize = null, NDArray? windowValues = null)
        : this(fftLength, sequenceStride, sequenceLength, window, windowValues, samplingRate, numMelBins, minFreq,
            maxFreq, powerToDb, topDb, magExp, minPower, refPower,
            new LayerOptions(name, trainable, inputShape, batchInputShape, batchSize))
    {
    }

    internal MelSpectrogram(int fftLength, int sequenceStride, int? sequenceLength, string? window,
        NDArray? windowValues, int samplingRate, int numMelBins, double minFreq, double? maxFreq, bool powerToDb,
        double topDb, double magExp, double minPower, double refPower, LayerOptions options) : base(options)
    {
        if (fftLength is < 2 or > 1 << 24)
            throw new ArgumentOutOfRangeException(nameof(fftLength),
            $"`fftLength` must be from 2 to {1 << 24}; given " +
                $"{fftLength}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(sequenceStride, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samplingRate, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(numMelBins, 1);
        if (sequenceLength < 1 || sequenceLength > fftLength)
            throw new ArgumentOutOfRangeException(nameof(sequenceLength), "`sequenceLength` must be 1 or more and at " +
                $"most `fftLength`; given {sequenceLength} and {fftLength}.");
        if (window is not (null or "hann" or "hamming"))
            throw new ArgumentException($"`window` must be \"hann\", \"hamming\" or null; given \"{window}\".",
                nameof(window));
        (_fftLength, _sequenceStride, _sequenceLength) = (fftLength, sequenceStride, sequenceLength ?? fftLength);
        (_samplingRate, _numMelBins, _minFreq, _maxFreq) =
            (samplingRate, numMelBins, minFreq, maxFreq is null or 0 ? samplingRate / 2 : maxFreq.Value);
        if (windowValues is not null && (windowValues.Rank != 1 || windowValues.Size != _sequenceLength))
            throw new ArgumentException($"The window must have {_sequenceLength} values; given shape " +
                $"{Shape.Format(windowValues.Shape)}.", nameof(windowValues));
        (_window, _windowValues, _powerToDb, _topDb) = (window, windowValues, powerToDb, topDb);
        (_magExp, _minPower, _refPower) = (magExp, minPower, refPower);
    }

    /// <inheritdoc/>
    protected override int? InputRank => 2;

    /// <inheritdoc/>
    public override Tensor Call(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Dims[1].Constant is not int samples)
            return new(new Later(new(x.Dims[0], _numMelBins, Dim.Free(new Symbol("frames")))), x);
        int half = _fftLength / 2, frequencies = half + 1;
        if (samples <= half)
            throw new ArgumentException($"Layer {Name} needs more than {half} samples, to reflect half a frame at " +
                $"each end; given an input of shape {x.Shape}.", nameof(x));
        Tensor signal = K.Concatenate([K.Reverse(K.Slice(x, 1, 1, half), 1), x,
            K.Reverse(K.Slice(x, 1, samples - 1 - half, half), 1)], 1);
        Tensor parts = Convolution.Of(K.ExpandDims(signal, 2), K.Constant(Kernel(frequencies)), [_sequenceStride], [1],
            "valid");
        Tensor power = K.Square(K.Slice(parts, -1, 0, frequencies))
            + K.Square(K.Slice(parts, -1, frequencies, frequencies));
        Tensor mel = K.Dot(_magExp == 2 ? power : K.Pow(K.Sqrt(power), _magExp), K.Constant(Bins(frequencies)));
        return K.PermuteDimensions(_powerToDb ? Decibels(mel) : mel, 0, 2, 1);
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig()
    {
        JsonObject config = base.GetConfig();
        config["fft_length"] = _fftLength;
        config["sequence_stride"] = _sequenceStride;
        config["sequence_length"] = _sequenceLength;
        config["window"] = STFT.WindowConfig(_window, _windowValues);
        config["sampling_rate"] = _samplingRate;
        config["num_mel_bins"] = _numMelBins;
        config["min_freq"] = _minFreq;
        config["max_freq"] = _maxFreq;
        config["power_to_db"] = _powerToDb;
        config["top_db"] = _topDb;
        config["mag_exp"] = _magExp;
        config["min_power"] = _minPower;
        config["ref_power"] = _refPower;
        return config;
    }

    /// <summary>The values in decibels, at most a given distance below the largest one of the batch.</summary>
    Tensor Decibels(Tensor x)
    {
        Tensor decibels = 10 / Math.Log(10) * K.Log(K.Maximum(x, _minPower))
            - 10 * Math.Log10(Math.Max(Math.Abs(_refPower), _minPower));
        return K.Maximum(decibels, K.Max(decibels) - _topDb);
    }

    /// <summary>Cosines, then sines, of all frequencies, with the window in the middle of a frame.</summary>
    NDArray Kernel(int frequencies)
    {
        var kernel = new NDArray(_fftLength, 1, 2 * frequencies);
        double[] window = _windowValues is not null ? [.. _windowValues.ToArray().Select(v => (double)v)]
            : _window is not null ? SpectralWindow.Of(_window, _sequenceLength, periodic: true)
            : [.. Enumerable.Repeat(1.0, _sequenceLength)];
        int first = (_fftLength - _sequenceLength) / 2;
        for (int i = 0; i < _sequenceLength; i++)
        {
            int t = first + i;
            for (int f = 0; f < frequencies; f++)
            {
                (double sine, double cosine) = Math.SinCos(-2 * Math.PI * ((long)t * f % _fftLength) / _fftLength);
                kernel.Span[2 * frequencies * t + f] = (float)(cosine * window[i]);
                kernel.Span[2 * frequencies * t + frequencies + f] = (float)(sine * window[i]);
            }
        }
        return kernel;
    }

    /// <summary>
    /// The weight of each frequency in each bin: triangles on the mel scale; frequency 0 is left out.
    /// </summary>
    NDArray Bins(int frequencies)
    {
        static double Mel(double hertz) => 1127 * Math.Log(1 + hertz / 700);
        double low = Mel(_minFreq), width = (Mel(_maxFreq) - low) / (_numMelBins + 1);
        var bins = new NDArray(frequencies, _numMelBins);
        for (int f = 1; f < frequencies; f++)
        {
            double place = (Mel(_samplingRate / 2.0 * f / (frequencies - 1)) - low) / width;
            for (int bin = 0; bin < _numMelBins; bin++)
                bins.Span[f * _numMelBins + bin] = (float)Math.Max(0, Math.Min(place - bin, bin + 2 - place));
        }
        return bins;
    }
}
