using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Augments images at random while a model is trained, and normalizes them (Keras
/// <c>keras.preprocessing.image.ImageDataGenerator</c>, for arrays or the files in a folder). ZCA whitening is not
/// supported.
/// </summary>
public sealed partial class ImageDataGenerator
{
    static readonly string[] s_fillModes = ["nearest", "constant", "reflect", "wrap"];

    readonly bool _featurewiseCenter, _samplewiseCenter, _featurewiseStd, _samplewiseStd, _horizontalFlip,
        _verticalFlip, _channelsFirst, _nearest;
    readonly double _rotationRange, _widthShiftRange, _heightShiftRange, _shearRange, _channelShiftRange,
        _validationSplit;
    readonly (double Low, double High) _zoomRange;
    readonly (double Low, double High)? _brightnessRange;
    readonly double? _rescale;
    readonly string _fillMode;
    readonly float _cval;
    readonly Func<NDArray, NDArray>? _preprocessing;
    float[]? _mean, _deviation;

    /// <summary>Creates a generator. By default, it changes nothing; each argument adds a transformation.</summary>
    /// <param name="featurewiseCenter">Whether to subtract each channel's mean over the data passed to
    /// <see cref="Fit"/>.</param>
    /// <param name="samplewiseCenter">Whether to subtract each image's mean.</param>
    /// <param name="featurewiseStdNormalization">Whether to subtract the mean and divide by each channel's standard
    /// deviation over the data passed to <see cref="Fit"/>.</param>
    /// <param name="samplewiseStdNormalization">Whether to subtract the mean and divide by each image's standard
    /// deviation.</param>
    /// <param name="rotationRange">The largest rotation in either direction, in degrees.</param>
    /// <param name="widthShiftRange">The largest shift along the columns: below 1 a fraction of the width, otherwise
    /// pixels.</param>
    /// <param name="heightShiftRange">The largest shift along the rows: below 1 a fraction of the height, otherwise
    /// pixels.</param>
    /// <param name="brightnessRange">The smallest and the largest factor for all values; Keras also scales images to
    /// 0–255, which is omitted here.</param>
    /// <param name="shearRange">The largest shear in either direction, in degrees.</param>
    /// <param name="zoomRange">The largest zoom in either direction: factors from 1 − z to 1 + z; for both ends, see
    /// <paramref name="zoomEnds"/>.</param>
    /// <param name="channelShiftRange">The largest value added to or subtracted from all channels.</param>
    /// <param name="fillMode">How pixels beyond the edge are filled: <c>nearest</c>, <c>constant</c>, <c>reflect</c> or
    /// <c>wrap</c>.</param>
    /// <param name="cval">The fill value for <c>constant</c>.</param>
    /// <param name="horizontalFlip">Whether half of the images are flipped left to right.</param>
    /// <param name="verticalFlip">Whether half of the images are flipped top to bottom.</param>
    /// <param name="rescale">A factor for all values, applied before anything except
    /// <paramref name="preprocessingFunction"/>.</param>
    /// <param name="preprocessingFunction">A function applied to each image (rows, columns, channels); it must keep the
    /// shape.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="validationSplit">The fraction of the data, from the beginning, that is the <c>validation</c>
    /// subset.</param>
    /// <param name="zoomEnds">The smallest and the largest zoom, instead of <paramref name="zoomRange"/>.</param>
    /// <param name="interpolationOrder">How pixels of transformed images are interpolated: 0 for the nearest pixel,
    /// which keeps label values; 1 for linear, from the four surrounding pixels.</param>
    /// <exception cref="ArgumentException">An option is unknown, or a number is out of range.</exception>
    public ImageDataGenerator(bool featurewiseCenter = false, bool samplewiseCenter = false,
        bool featurewiseStdNormalization = false, bool samplewiseStdNormalization = false, double rotationRange = 0,
        double widthShiftRange = 0, double heightShiftRange = 0, (double Low, double High)? brightnessRange = null,
        double shearRange = 0, double zoomRange = 0, double channelShiftRange = 0,
        string fillMode = "nearest", double cval = 0, bool horizontalFlip = false, bool verticalFlip = false,
        double? rescale = null, Func<NDArray, NDArray>? preprocessingFunction = null,
        string? dataFormat = null, double validationSplit = 0, (double Low, double High)? zoomEnds = null,
        int interpolationOrder = 1)
    {
        if (!s_fillModes.Contains(fillMode))
            throw new ArgumentException(
                $"Unknown fill mode \"{fillMode}\"; expected one of {string.Join(", ", s_fillModes)}.",
                nameof(fillMode));
        foreach ((double value, string name)
            in new[] { (rotationRange, nameof(rotationRange)), (widthShiftRange, nameof(widthShiftRange)),
                (heightShiftRange, nameof(heightShiftRange)), (shearRange, nameof(shearRange)),
                (channelShiftRange, nameof(channelShiftRange)) })
            if (!(value >= 0 && double.IsFinite(value)))
                throw new ArgumentOutOfRangeException(name, $"`{name}` must be 0 or more; given {value}.");
        if (!(validationSplit >= 0 && validationSplit < 1))
            throw new ArgumentOutOfRangeException(nameof(validationSplit),
                $"The validation split must be in [0, 1); given {validationSplit}.");
        _zoomRange = zoomEnds ?? (1 - zoomRange, 1 + zoomRange);
        if (!(_zoomRange.Low > 0 && _zoomRange.Low <= _zoomRange.High && double.IsFinite(_zoomRange.High)))
            throw new ArgumentOutOfRangeException(nameof(zoomRange),
                $"Zooms must be positive; given {_zoomRange.Low} to {_zoomRange.High}.");
        if (brightnessRange is { } b && !(b.Low <= b.High))
            throw new ArgumentOutOfRangeException(nameof(brightnessRange),
                $"The smallest brightness must not exceed the largest; given {b.Low} and {b.High}.");
        // As in Keras, dividing by the deviation implies subtracting the mean.
        (_featurewiseCenter, _samplewiseCenter) =
            (featurewiseCenter || featurewiseStdNormalization, samplewiseCenter || samplewiseStdNormalization);
        (_featurewiseStd, _samplewiseStd) = (featurewiseStdNormalization, samplewiseStdNormalization);
        (_rotationRange, _widthShiftRange, _heightShiftRange, _shearRange, _channelShiftRange, _brightnessRange) =
            (rotationRange, widthShiftRange, heightShiftRange, shearRange, channelShiftRange, brightnessRange);
        (_fillMode, _cval, _horizontalFlip, _verticalFlip, _rescale, _preprocessing, _validationSplit) =
            (fillMode, (float)cval, horizontalFlip, verticalFlip, rescale, preprocessingFunction, validationSplit);
        _channelsFirst = DataFormat.IsChannelsFirst(dataFormat);
        if (interpolationOrder is not (0 or 1))
            throw new ArgumentOutOfRangeException(nameof(interpolationOrder),
                $"The interpolation order must be 0 (nearest) or 1 (linear); given {interpolationOrder}.");
        _nearest = interpolationOrder == 0;
    }

    /// <summary>Computes the mean and the standard deviation of each channel.</summary>
    /// <param name="x">Images (images, rows, columns, channels).</param>
    /// <param name="augment">Whether the images are transformed at random first.</param>
    /// <param name="rounds">How many random variants of each image are used, with <paramref name="augment"/>.</param>
    /// <param name="seed">A seed for the transformations, or null for the process-wide one.</param>
    /// <exception cref="ArgumentException">The array contains no images, or there are no rounds.</exception>
    public void Fit(NDArray x, bool augment = false, int rounds = 1, int? seed = null)
    {
        NDArray images = ChannelsLast(x, nameof(x));
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        if (augment) images = Augmented(images, rounds, new RandomSource(Graphs.GlobalRandom.SeedOf(seed)));
        int channels = images.Shape[^1], count = images.Size / Math.Max(1, channels);
        if (images.Size == 0)
            throw new ArgumentException($"There are no images to fit; given an array of shape {Shape.Format(x.Shape)}.",
                nameof(x));
        double[] sum = new double[channels], square = new double[channels];
        for (int i = 0; i < images.Size; i++) sum[i % channels] += Prescaled(images.Span[i]);
        for (int i = 0; i < images.Size; i++)
            square[i % channels] += Math.Pow(Prescaled(images.Span[i]) - sum[i % channels] / count, 2);
        _mean = [.. sum.Select(s => (float)(s / count))];
        _deviation = [.. square.Select(s => (float)Math.Sqrt(s / count))];
    }

    /// <summary>Randomly transformed images, one variant per round.</summary>
    NDArray Augmented(NDArray images, int rounds, RandomSource random)
    {
        int[] image = images.Shape[1..].ToArray();
        var all = new NDArray(
            [Graphs.Counts.Fits((long)rounds * images.Rows, "The images of all rounds", nameof(rounds)), .. image]);
        int size = images.RowSize;
        for (int i = 0; i < all.Rows; i++)
        {
            ReadOnlySpan<float> one = images.Span.Slice(i % images.Rows * size, size);
            Draw(image[0], image[1], random).Apply(one, image[0], image[1], image[2], _fillMode, _cval, _nearest)
                .CopyTo(all.Span[(i * size)..]);
        }
        return all;
    }

    /// <summary>Creates batches of transformed images, different in each epoch.</summary>
    /// <param name="x">Images (images, rows, columns, channels).</param>
    /// <param name="y">A target for each image; none by default.</param>
    /// <param name="batchSize">The batch size; the last batch may be smaller.</param>
    /// <param name="shuffle">Whether the images are reordered in each epoch.</param>
    /// <param name="sampleWeight">A weight for each image.</param>
    /// <param name="seed">A seed, or null for the process-wide one.</param>
    /// <param name="subset"><c>training</c> or <c>validation</c>, by the validation split; all by default.</param>
    /// <param name="saveToDir">A folder to which the transformed images are written for inspection; none by
    /// default.</param>
    /// <param name="savePrefix">The prefix of the names of these files.</param>
    /// <param name="saveFormat"><c>png</c>, <c>jpg</c>, <c>jpeg</c>, <c>bmp</c> or <c>tga</c>.</param>
    /// <returns>The batches, for <c>Fit</c>, <c>Evaluate</c> and <c>Predict</c>.</returns>
    /// <exception cref="ArgumentException">The arrays do not match, an option is unknown, or one subset has classes
    /// that the other lacks.</exception>
    /// <exception cref="InvalidOperationException">Featurewise normalization is on, but <see cref="Fit"/> was not
    /// called.</exception>
    public BatchSequence Flow(NDArray x, NDArray? y = null, int batchSize = 32, bool shuffle = true,
        NDArray? sampleWeight = null, int? seed = null, string? subset = null, string? saveToDir = null,
        string savePrefix = "", string saveFormat = "png")
    {
        NDArray images = ChannelsLast(x, nameof(x));
        foreach ((NDArray? array, string name) in new[] { (y, nameof(y)), (sampleWeight, nameof(sampleWeight)) })
        {
            if (array is not null && (array.Rank == 0 || array.Rows != images.Rows))
                throw new ArgumentException(
                    $"There are {images.Rows} images, but `{name}` has shape {Shape.Format(array.Shape)}.", name);
        }
        (double from, double to) = Share(subset);
        RequireStatistics();
        int start = (int)(images.Rows * from), count = (int)(images.Rows * to) - start;
        if (subset is not null && y is not null) RequireSameClasses(y, (int)(images.Rows * _validationSplit));
        var order = new EpochOrder(count, batchSize, shuffle, seed);
        return new ImageBatches(this, images.Slice(start, count), y?.Slice(start, count),
            sampleWeight?.Slice(start, count), order, SavedImages.To(saveToDir, savePrefix, saveFormat));
    }

    /// <summary>Both subsets need all classes. Targets that are not repeated class indices are not checked.</summary>
    static void RequireSameClasses(NDArray y, int split)
    {
        float[] all = y.ToArray();
        if (y.RowSize != 1 || all.Any(v => v != MathF.Floor(v)) || all.Distinct().Count() == all.Length
            || all[..split].ToHashSet().SetEquals(all[split..])) return;
        throw new ArgumentException(
            "Training and validation subsets have different number of classes after the split: the "
            + "validation data is taken from the beginning. "
            + "If the data are sorted by class, shuffle them first.", nameof(y));
    }

    /// <summary>Draws a random transformation.</summary>
    /// <param name="imageShape">The shape of an image.</param>
    /// <param name="seed">A seed, or null for the process-wide one.</param>
    /// <returns>The transformation.</returns>
    /// <exception cref="ArgumentException">The shape is not that of an image.</exception>
    public ImageTransform GetRandomTransform(Shape imageShape, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(imageShape);
        if (imageShape.Rank != 3 || imageShape.Any(d => d is null))
            throw new ArgumentException($"An image must have rows, columns and channels; given {imageShape}.",
                nameof(imageShape));
        int first = _channelsFirst ? 1 : 0;
        return Draw(imageShape[first]!.Value, imageShape[first + 1]!.Value,
            new RandomSource(Graphs.GlobalRandom.SeedOf(seed)));
    }

    /// <summary>Transforms one image.</summary>
    /// <param name="x">An image (rows, columns, channels).</param>
    /// <param name="transform">The transformation.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentException">The array is not an image.</exception>
    public NDArray ApplyTransform(NDArray x, ImageTransform transform)
    {
        ArgumentNullException.ThrowIfNull(transform);
        return One(
            x, image =>
                new(transform.Apply(image.Span, image.Shape[0], image.Shape[1], image.Shape[2], _fillMode, _cval,
                    _nearest), image.Shape.ToArray()));
    }

    /// <summary>Transforms one image at random.</summary>
    /// <param name="x">An image (rows, columns, channels).</param>
    /// <param name="seed">A seed, or null for the process-wide one.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="ArgumentException">The array is not an image.</exception>
    public NDArray RandomTransform(NDArray x, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return ApplyTransform(x, GetRandomTransform(x.Shape.ToArray(), seed));
    }

    /// <summary>Normalizes one image, or each of several: preprocessing function, factor, means and
    /// deviations.</summary>
    /// <param name="x">An image (rows, columns, channels), or images.</param>
    /// <returns>A new array.</returns>
    /// <exception cref="ArgumentException">The array contains no images.</exception>
    /// <exception cref="InvalidOperationException">Featurewise normalization is on, but <see cref="Fit"/> was not
    /// called.</exception>
    public NDArray Standardize(NDArray x)
    {
        ArgumentNullException.ThrowIfNull(x);
        RequireStatistics();
        if (x.Rank != 4) return One(x, Standardized);
        var all = new NDArray(x.Shape.ToArray());
        for (int i = 0; i < x.Rows; i++)
            One(x.Slice(i, 1).Reshape(x.Shape[1..].ToArray()), Standardized).Span.CopyTo(all.Span[(i * x.RowSize)..]);
        return all;
    }

    internal ImageTransform Draw(int rows, int columns, RandomSource random)
    {
        double Within(double range) => range == 0 ? 0 : (2 * random.Uniform() - 1) * range;
        double Between((double Low, double High) range) =>
            range.Low == range.High ? range.Low : range.Low + random.Uniform() * (range.High - range.Low);
        double Pixels(double range, int size) => Within(range) * (range < 1 ? size : 1);
        return new(Within(_rotationRange), Pixels(_heightShiftRange, rows), Pixels(_widthShiftRange, columns),
            Within(_shearRange), Between(_zoomRange), Between(_zoomRange), _horizontalFlip && random.Uniform() < 0.5,
            _verticalFlip && random.Uniform() < 0.5, Within(_channelShiftRange),
            _brightnessRange is { } b ? Between(b) : 1);
    }

    /// <summary>A transformed, normalized image, channels last.</summary>
    internal NDArray Changed(NDArray image, RandomSource random)
    {
        int[] shape = image.Shape.ToArray();
        return Standardized(
            new(Draw(shape[0], shape[1], random)
                .Apply(image.Span, shape[0], shape[1], shape[2], _fillMode, _cval, _nearest), shape));
    }

    internal NDArray FromChannelsLast(NDArray images) => ChannelOrder.To(images, _channelsFirst);

    NDArray Standardized(NDArray image)
    {
        int[] shape = image.Shape.ToArray();
        if (_preprocessing is not null)
        {
            image = _preprocessing(image)
                ?? throw new InvalidOperationException("The preprocessing function returned null.");
            if (!image.Shape.SequenceEqual(shape))
                throw new InvalidOperationException(
                    $"The preprocessing function changed the shape of an image from {Shape.Format(shape)} to "
                    + $"{Shape.Format(image.Shape)}.");
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
                double now = _samplewiseCenter ? 0 : mean,
                    deviation = result.Size == 0 ? 0 : Math.Sqrt(result.ToArray().Average(v => Math.Pow(v - now, 2)));
                foreach (ref float v in result.Span) v /= (float)deviation + epsilon;
            }
        }
        for (int i = 0; i < result.Size && (_featurewiseCenter || _featurewiseStd); i++)
        {
            int channel = i % shape[^1];
            if (channel >= _mean!.Length)
                throw new ArgumentException(
                    $"The generator was fit on {_mean.Length} channels; given an image with {shape[^1]}.",
                    nameof(image));
            if (_featurewiseCenter) result.Span[i] -= _mean[channel];
            if (_featurewiseStd) result.Span[i] /= _deviation![channel] + epsilon;
        }
        return result;
    }

    float Prescaled(float value) => _rescale is double factor ? (float)(value * factor) : value;

    /// <summary>The fraction of the data that a subset has.</summary>
    (double From, double To) Share(string? subset)
    {
        if (subset is not (null or "training" or "validation"))
            throw new ArgumentException($"Invalid subset name \"{subset}\"; expected \"training\" or \"validation\".",
                nameof(subset));
        if (subset is not null && _validationSplit == 0)
            throw new ArgumentException("A subset requires a validation split above 0.", nameof(subset));
        return subset switch { null => (0, 1), "training" => (_validationSplit, 1), _ => (0, _validationSplit) };
    }

    void RequireStatistics()
    {
        if ((_featurewiseCenter || _featurewiseStd) && _mean is null)
            throw new InvalidOperationException(
                "This ImageDataGenerator specifies `featurewiseCenter` or `featurewiseStdNormalization`, but it "
                + "hasn't been fit on any training data. Fit it first by calling `Fit(images)`.");
    }

    NDArray One(NDArray x, Func<NDArray, NDArray> change)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank != 3)
            throw new ArgumentException(
                $"An image must have rows, columns and channels; given an array of shape {Shape.Format(x.Shape)}.",
                nameof(x));
        return FromChannelsLast(change(ChannelOrder.From(x, _channelsFirst)));
    }

    NDArray ChannelsLast(NDArray x, string parameter)
    {
        if (x is null) throw new ArgumentNullException(parameter);
        if (x.Rank != 4)
            throw new ArgumentException(
                "Images must have 4 dimensions: images, rows, columns and channels; given an array of shape "
                + $"{Shape.Format(x.Shape)}.", parameter);
        return ChannelOrder.From(x, _channelsFirst);
    }
}
