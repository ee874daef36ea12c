using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Images moved, mirrored and coloured at random while a model is trained, and brought to common numbers (Keras <c>keras.preprocessing.image.ImageDataGenerator</c>,
/// on arrays or on the files of a folder). ZCA whitening is not here.
/// </summary>
public sealed partial class ImageDataGenerator
{
    static readonly string[] s_fillModes = ["nearest", "constant", "reflect", "wrap"];

    readonly bool _featurewiseCenter, _samplewiseCenter, _featurewiseStd, _samplewiseStd, _horizontalFlip, _verticalFlip, _channelsFirst, _nearest;
    readonly double _rotationRange, _widthShiftRange, _heightShiftRange, _shearRange, _channelShiftRange, _validationSplit;
    readonly (double Low, double High) _zoomRange;
    readonly (double Low, double High)? _brightnessRange;
    readonly double? _rescale;
    readonly string _fillMode;
    readonly float _cval;
    readonly Func<NDArray, NDArray>? _preprocessing;
    float[]? _mean, _deviation;

    /// <summary>Makes a generator that changes nothing; each argument adds something.</summary>
    /// <param name="featurewiseCenter">Whether each channel's mean over the data given to <see cref="Fit"/> is subtracted.</param>
    /// <param name="samplewiseCenter">Whether each image's mean is subtracted.</param>
    /// <param name="featurewiseStdNormalization">Whether the mean is subtracted and what is left is divided by each channel's standard deviation over the data given to <see cref="Fit"/>.</param>
    /// <param name="samplewiseStdNormalization">Whether the mean is subtracted and what is left is divided by each image's standard deviation.</param>
    /// <param name="rotationRange">The largest rotation either way, in degrees.</param>
    /// <param name="widthShiftRange">The largest shift along the columns: below 1 a share of the width, else pixels.</param>
    /// <param name="heightShiftRange">The largest shift along the rows: below 1 a share of the height, else pixels.</param>
    /// <param name="brightnessRange">The least and the largest factor of all values; Keras scales images to 0–255 besides, which is left out here.</param>
    /// <param name="shearRange">The largest shear either way, in degrees.</param>
    /// <param name="zoomRange">The largest zoom either way: factors from 1 − z to 1 + z; or both ends by <paramref name="zoomEnds"/>.</param>
    /// <param name="channelShiftRange">The largest value that is added to all channels, either way.</param>
    /// <param name="fillMode">What stands beyond the edge: <c>nearest</c>, <c>constant</c>, <c>reflect</c> or <c>wrap</c>.</param>
    /// <param name="cval">The value beyond the edge for <c>constant</c>.</param>
    /// <param name="horizontalFlip">Whether half of the images are mirrored left to right.</param>
    /// <param name="verticalFlip">Whether half of the images are mirrored top to bottom.</param>
    /// <param name="rescale">A factor of all values, before anything else but <paramref name="preprocessingFunction"/>.</param>
    /// <param name="preprocessingFunction">A function of each image (rows, columns, channels), which keeps its shape.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="validationSplit">The share of the data, taken from the beginning, that is the subset <c>validation</c>.</param>
    /// <param name="zoomEnds">The least and the largest zoom, instead of <paramref name="zoomRange"/>.</param>
    /// <param name="interpolationOrder">How moved images get their pixels: 0 from the nearest pixel, which keeps the numbers of labels; 1 from the four around.</param>
    /// <exception cref="ArgumentException">A word is unknown, or a number is out of range.</exception>
    public ImageDataGenerator(bool featurewiseCenter = false, bool samplewiseCenter = false, bool featurewiseStdNormalization = false, bool samplewiseStdNormalization = false, double rotationRange = 0,
        double widthShiftRange = 0, double heightShiftRange = 0, (double Low, double High)? brightnessRange = null, double shearRange = 0, double zoomRange = 0, double channelShiftRange = 0,
        string fillMode = "nearest", double cval = 0, bool horizontalFlip = false, bool verticalFlip = false, double? rescale = null, Func<NDArray, NDArray>? preprocessingFunction = null,
        string? dataFormat = null, double validationSplit = 0, (double Low, double High)? zoomEnds = null, int interpolationOrder = 1)
    {
        if (!s_fillModes.Contains(fillMode)) throw new ArgumentException($"Unknown fill mode \"{fillMode}\"; known are {string.Join(", ", s_fillModes)}.", nameof(fillMode));
        foreach ((double value, string name) in new[] { (rotationRange, nameof(rotationRange)), (widthShiftRange, nameof(widthShiftRange)), (heightShiftRange, nameof(heightShiftRange)), (shearRange, nameof(shearRange)), (channelShiftRange, nameof(channelShiftRange)) })
            if (!(value >= 0 && double.IsFinite(value))) throw new ArgumentOutOfRangeException(name, $"`{name}` must be 0 or more; given {value}.");
        if (!(validationSplit >= 0 && validationSplit < 1)) throw new ArgumentOutOfRangeException(nameof(validationSplit), $"The validation split must be in [0, 1); given {validationSplit}.");
        _zoomRange = zoomEnds ?? (1 - zoomRange, 1 + zoomRange);
        if (!(_zoomRange.Low > 0 && _zoomRange.Low <= _zoomRange.High && double.IsFinite(_zoomRange.High))) throw new ArgumentOutOfRangeException(nameof(zoomRange), $"Zooms must be positive; given {_zoomRange.Low} to {_zoomRange.High}.");
        if (brightnessRange is { } b && !(b.Low <= b.High)) throw new ArgumentOutOfRangeException(nameof(brightnessRange), $"The least brightness must not be above the largest; given {b.Low} and {b.High}.");
        // As Keras: who divides by a deviation subtracts the mean, too.
        (_featurewiseCenter, _samplewiseCenter) = (featurewiseCenter || featurewiseStdNormalization, samplewiseCenter || samplewiseStdNormalization);
        (_featurewiseStd, _samplewiseStd) = (featurewiseStdNormalization, samplewiseStdNormalization);
        (_rotationRange, _widthShiftRange, _heightShiftRange, _shearRange, _channelShiftRange, _brightnessRange) = (rotationRange, widthShiftRange, heightShiftRange, shearRange, channelShiftRange, brightnessRange);
        (_fillMode, _cval, _horizontalFlip, _verticalFlip, _rescale, _preprocessing, _validationSplit) = (fillMode, (float)cval, horizontalFlip, verticalFlip, rescale, preprocessingFunction, validationSplit);
        _channelsFirst = DataFormat.IsChannelsFirst(dataFormat);
        if (interpolationOrder is not (0 or 1))
            throw new ArgumentOutOfRangeException(nameof(interpolationOrder), $"The order of interpolation is 0 (nearest) or 1 (linear); given {interpolationOrder}.");
        _nearest = interpolationOrder == 0;
    }

    /// <summary>Learns the mean and the standard deviation of each channel.</summary>
    /// <param name="x">Images (images, rows, columns, channels).</param>
    /// <param name="augment">Whether the images are changed at random first.</param>
    /// <param name="rounds">How often each image is taken, changed otherwise; with <paramref name="augment"/>.</param>
    /// <param name="seed">A seed of the changes, or null for the process's.</param>
    /// <exception cref="ArgumentException">The array holds no images, or there are no rounds.</exception>
    public void Fit(NDArray x, bool augment = false, int rounds = 1, int? seed = null)
    {
        NDArray images = ChannelsLast(x, nameof(x));
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        if (augment) images = Augmented(images, rounds, new RandomSource(Graphs.GlobalRandom.SeedOf(seed)));
        int channels = images.Shape[^1], count = images.Size / Math.Max(1, channels);
        if (images.Size == 0) throw new ArgumentException($"There are no images to learn from: shape {Shape.Format(x.Shape)}.", nameof(x));
        double[] sum = new double[channels], square = new double[channels];
        for (int i = 0; i < images.Size; i++) sum[i % channels] += Prescaled(images.Span[i]);
        for (int i = 0; i < images.Size; i++) square[i % channels] += Math.Pow(Prescaled(images.Span[i]) - sum[i % channels] / count, 2);
        _mean = [.. sum.Select(s => (float)(s / count))];
        _deviation = [.. square.Select(s => (float)Math.Sqrt(s / count))];
    }

    /// <summary>Images changed at random, each as often as there are rounds.</summary>
    NDArray Augmented(NDArray images, int rounds, RandomSource random)
    {
        int[] image = images.Shape[1..].ToArray();
        var all = new NDArray([Graphs.Counts.Fits((long)rounds * images.Rows, "The images of all rounds", nameof(rounds)), .. image]);
        int size = images.RowSize;
        for (int i = 0; i < all.Rows; i++)
        {
            ReadOnlySpan<float> one = images.Span.Slice(i % images.Rows * size, size);
            Draw(image[0], image[1], random).Apply(one, image[0], image[1], image[2], _fillMode, _cval, _nearest).CopyTo(all.Span[(i * size)..]);
        }
        return all;
    }

    /// <summary>Batches of changed images, others in each epoch.</summary>
    /// <param name="x">Images (images, rows, columns, channels).</param>
    /// <param name="y">A target for each image; images alone by default.</param>
    /// <param name="batchSize">The images of a batch; the last batch may have fewer.</param>
    /// <param name="shuffle">Whether the images come in another order in each epoch.</param>
    /// <param name="sampleWeight">A factor for each image.</param>
    /// <param name="seed">A seed, or null for the process's.</param>
    /// <param name="subset"><c>training</c> or <c>validation</c>, by the validation split; all by default.</param>
    /// <param name="saveToDir">A folder that the changed images are written to, to be looked at; none by default.</param>
    /// <param name="savePrefix">What the names of these files begin with.</param>
    /// <param name="saveFormat"><c>png</c>, <c>jpg</c>, <c>jpeg</c>, <c>bmp</c> or <c>tga</c>.</param>
    /// <returns>The batches, for <c>Fit</c>, <c>Evaluate</c> and <c>Predict</c>.</returns>
    /// <exception cref="ArgumentException">The arrays do not fit together, a word is unknown, or one subset has classes that the other lacks.</exception>
    /// <exception cref="InvalidOperationException">Means are subtracted or deviations divided by, but <see cref="Fit"/> was not called.</exception>
    public BatchSequence Flow(NDArray x, NDArray? y = null, int batchSize = 32, bool shuffle = true, NDArray? sampleWeight = null, int? seed = null, string? subset = null,
        string? saveToDir = null, string savePrefix = "", string saveFormat = "png")
    {
        NDArray images = ChannelsLast(x, nameof(x));
        foreach ((NDArray? array, string name) in new[] { (y, nameof(y)), (sampleWeight, nameof(sampleWeight)) })
        {
            if (array is not null && (array.Rank == 0 || array.Rows != images.Rows))
                throw new ArgumentException($"There are {images.Rows} images, but `{name}` has shape {Shape.Format(array.Shape)}.", name);
        }
        (double from, double to) = Share(subset);
        RequireStatistics();
        int start = (int)(images.Rows * from), count = (int)(images.Rows * to) - start;
        if (subset is not null && y is not null) RequireSameClasses(y, (int)(images.Rows * _validationSplit));
        var order = new EpochOrder(count, batchSize, shuffle, seed);
        return new ImageBatches(this, images.Slice(start, count), y?.Slice(start, count), sampleWeight?.Slice(start, count), order, SavedImages.To(saveToDir, savePrefix, saveFormat));
    }

    /// <summary>Both subsets need all classes. Targets that are no class numbers, of which some come again, are left alone.</summary>
    static void RequireSameClasses(NDArray y, int split)
    {
        float[] all = y.ToArray();
        if (y.RowSize != 1 || all.Any(v => v != MathF.Floor(v)) || all.Distinct().Count() == all.Length || all[..split].ToHashSet().SetEquals(all[split..])) return;
        throw new ArgumentException("Training and validation subsets have different number of classes after the split: the validation data are cut from the beginning. "
            + "If the data are sorted by class, shuffle them first.", nameof(y));
    }

    /// <summary>A change drawn at random.</summary>
    /// <param name="imageShape">The shape of an image.</param>
    /// <param name="seed">A seed, or null for the process's.</param>
    /// <returns>The change.</returns>
    /// <exception cref="ArgumentException">The shape is not that of an image.</exception>
    public ImageTransform GetRandomTransform(Shape imageShape, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(imageShape);
        if (imageShape.Rank != 3 || imageShape.Any(d => d is null)) throw new ArgumentException($"An image has rows, columns and channels; given {imageShape}.", nameof(imageShape));
        int first = _channelsFirst ? 1 : 0;
        return Draw(imageShape[first]!.Value, imageShape[first + 1]!.Value, new RandomSource(Graphs.GlobalRandom.SeedOf(seed)));
    }

    /// <summary>Changes one image.</summary>
    /// <param name="x">An image (rows, columns, channels).</param>
    /// <param name="transform">The change.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentException">The array is no image.</exception>
    public NDArray ApplyTransform(NDArray x, ImageTransform transform)
    {
        ArgumentNullException.ThrowIfNull(transform);
        return One(x, image => new(transform.Apply(image.Span, image.Shape[0], image.Shape[1], image.Shape[2], _fillMode, _cval, _nearest), image.Shape.ToArray()));
    }

    /// <summary>Changes one image at random.</summary>
    /// <param name="x">An image (rows, columns, channels).</param>
    /// <param name="seed">A seed, or null for the process's.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentException">The array is no image.</exception>
    public NDArray RandomTransform(NDArray x, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return ApplyTransform(x, GetRandomTransform(x.Shape.ToArray(), seed));
    }

    /// <summary>Brings one image, or each of several, to common numbers: preprocessing function, factor, means and deviations.</summary>
    /// <param name="x">An image (rows, columns, channels), or images.</param>
    /// <returns>A new array.</returns>
    /// <exception cref="ArgumentException">The array holds no images.</exception>
    /// <exception cref="InvalidOperationException">Means are subtracted or deviations divided by, but <see cref="Fit"/> was not called.</exception>
    public NDArray Standardize(NDArray x)
    {
        ArgumentNullException.ThrowIfNull(x);
        RequireStatistics();
        if (x.Rank != 4) return One(x, Standardized);
        var all = new NDArray(x.Shape.ToArray());
        for (int i = 0; i < x.Rows; i++) One(x.Slice(i, 1).Reshape(x.Shape[1..].ToArray()), Standardized).Span.CopyTo(all.Span[(i * x.RowSize)..]);
        return all;
    }

    internal ImageTransform Draw(int rows, int columns, RandomSource random)
    {
        double Within(double range) => range == 0 ? 0 : (2 * random.Uniform() - 1) * range;
        double Between((double Low, double High) range) => range.Low == range.High ? range.Low : range.Low + random.Uniform() * (range.High - range.Low);
        double Pixels(double range, int size) => Within(range) * (range < 1 ? size : 1);
        return new(Within(_rotationRange), Pixels(_heightShiftRange, rows), Pixels(_widthShiftRange, columns), Within(_shearRange), Between(_zoomRange), Between(_zoomRange),
            _horizontalFlip && random.Uniform() < 0.5, _verticalFlip && random.Uniform() < 0.5, Within(_channelShiftRange), _brightnessRange is { } b ? Between(b) : 1);
    }

    /// <summary>A changed image at common numbers, channels last.</summary>
    internal NDArray Changed(NDArray image, RandomSource random)
    {
        int[] shape = image.Shape.ToArray();
        return Standardized(new(Draw(shape[0], shape[1], random).Apply(image.Span, shape[0], shape[1], shape[2], _fillMode, _cval, _nearest), shape));
    }

    internal NDArray FromChannelsLast(NDArray images) => ChannelOrder.To(images, _channelsFirst);

    NDArray Standardized(NDArray image)
    {
        int[] shape = image.Shape.ToArray();
        if (_preprocessing is not null)
        {
            image = _preprocessing(image) ?? throw new InvalidOperationException("The preprocessing function returned null.");
            if (!image.Shape.SequenceEqual(shape)) throw new InvalidOperationException($"The preprocessing function changed the shape of an image from {Shape.Format(shape)} to {Shape.Format(image.Shape)}.");
        }
        var result = new NDArray(image.ToArray(), shape);
        foreach (ref float v in result.Span) v = Prescaled(v);
        const float epsilon = 1e-6f;
        if (_samplewiseCenter || _samplewiseStd)
        {
            double mean = result.Size == 0 ? 0 : result.ToArray().Average(v => (double)v);
            if (_samplewiseCenter)
                foreach (ref float v in result.Span) v -= (float)mean;
            if (_samplewiseStd)
            {
                double now = _samplewiseCenter ? 0 : mean, deviation = result.Size == 0 ? 0 : Math.Sqrt(result.ToArray().Average(v => Math.Pow(v - now, 2)));
                foreach (ref float v in result.Span) v /= (float)deviation + epsilon;
            }
        }
        for (int i = 0; i < result.Size && (_featurewiseCenter || _featurewiseStd); i++)
        {
            int channel = i % shape[^1];
            if (channel >= _mean!.Length) throw new ArgumentException($"The generator has learnt {_mean.Length} channels; given an image with {shape[^1]}.", nameof(image));
            if (_featurewiseCenter) result.Span[i] -= _mean[channel];
            if (_featurewiseStd) result.Span[i] /= _deviation![channel] + epsilon;
        }
        return result;
    }

    float Prescaled(float value) => _rescale is double factor ? (float)(value * factor) : value;

    /// <summary>Which share of the data a subset has.</summary>
    (double From, double To) Share(string? subset)
    {
        if (subset is not (null or "training" or "validation")) throw new ArgumentException($"Invalid subset name \"{subset}\"; expected \"training\" or \"validation\".", nameof(subset));
        if (subset is not null && _validationSplit == 0) throw new ArgumentException("A subset needs a validation split above 0.", nameof(subset));
        return subset switch { null => (0, 1), "training" => (_validationSplit, 1), _ => (0, _validationSplit) };
    }

    void RequireStatistics()
    {
        if ((_featurewiseCenter || _featurewiseStd) && _mean is null)
            throw new InvalidOperationException("This ImageDataGenerator specifies `featurewiseCenter` or `featurewiseStdNormalization`, but it hasn't been fit on any training data. Fit it first by calling `Fit(images)`.");
    }

    NDArray One(NDArray x, Func<NDArray, NDArray> change)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank != 3) throw new ArgumentException($"An image has rows, columns and channels; given an array of shape {Shape.Format(x.Shape)}.", nameof(x));
        return FromChannelsLast(change(ChannelOrder.From(x, _channelsFirst)));
    }

    NDArray ChannelsLast(NDArray x, string parameter)
    {
        if (x is null) throw new ArgumentNullException(parameter);
        if (x.Rank != 4) throw new ArgumentException($"Images have 4 dimensions: images, rows, columns and channels; given an array of shape {Shape.Format(x.Shape)}.", parameter);
        return ChannelOrder.From(x, _channelsFirst);
    }
}
