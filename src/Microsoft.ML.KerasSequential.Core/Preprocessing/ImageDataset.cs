using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Reads the images of a folder whose subfolders are the classes, without transforming them (Keras
/// <c>image_dataset_from_directory</c>, which was added after Keras 2.3): all at once with <see cref="Load"/>, or in
/// batches that are read when they are needed. To transform images at random, use
/// <see cref="ImageDataGenerator.FlowFromDirectory"/>.
/// </summary>
public sealed class ImageDataset : BatchSequence
{
    readonly PictureFormat _format;
    readonly string? _labelMode;
    readonly EpochOrder _order;
    readonly bool _channelsFirst;
    readonly Func<string, NDArray>? _loader;

    ImageDataset(IReadOnlyList<string> classes, string[] paths, int[] labels, PictureFormat format, string? labelMode,
        EpochOrder order, bool channelsFirst, Func<string, NDArray>? loader)
    {
        (ClassNames, Filepaths, Labels) = (classes, paths, labels);
        (_format, _labelMode, _order, _channelsFirst, _loader) = (format, labelMode, order, channelsFirst, loader);
    }

    /// <summary>Gets the class names in the order of the class numbers.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Gets the paths of the images. Batches that are not shuffled use this order.</summary>
    public IReadOnlyList<string> Filepaths { get; }

    /// <summary>Gets the class number of each image.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <inheritdoc/>
    public override int Count => _order.Batches;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The batch does not exist.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file does not contain an image.</exception>
    /// <exception cref="InvalidOperationException">The loader did not return an image.</exception>
    public override Batch this[int index]
    {
        get
        {
            int[] samples = _order.Samples(index);
            return new(Images(samples), Targets(samples));
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd() => _order.NextEpoch();

    /// <summary>Creates batches of the images of a folder, for datasets that do not fit in memory.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="labelMode">
    /// The kind of targets. <c>int</c>: class numbers with shape (batch,). <c>categorical</c>: one-hot with shape
    /// (batch, classes). <c>binary</c>: 0 or 1 for two classes, with shape (batch, 1). null: no targets.
    /// </param>
    /// <param name="classNames">
    /// The subfolders in the order of the class numbers. The default is all of them, sorted by name.
    /// </param>
    /// <param name="colorMode"><c>rgb</c>, <c>rgba</c>, or <c>grayscale</c>: 3, 4, or 1 channels.</param>
    /// <param name="batchSize">The number of images in a batch. The last batch can be smaller.</param>
    /// <param name="imageSize">
    /// The number of rows and columns to which all images are resized. The default is (256, 256).
    /// </param>
    /// <param name="shuffle">
    /// true to shuffle the images before they are split, and again in each epoch; otherwise, false. The default is
    /// true.
    /// </param>
    /// <param name="seed">
    /// The seed, or null to use the process-wide one. To split shuffled images, a seed is required, and must be the
    /// same for both subsets.
    /// </param>
    /// <param name="validationSplit">
    /// The fraction of the images to use for validation. The last images are used.
    /// </param>
    /// <param name="subset"><c>training</c> or <c>validation</c>, if the images are split.</param>
    /// <param name="interpolation">
    /// The method used to resize images: <c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>, <c>lanczos</c>, <c>box</c>,
    /// or <c>hamming</c>, as in Pillow.
    /// </param>
    /// <param name="followLinks">true to follow links to folders inside a class; otherwise, false.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="loader">
    /// A function that reads a file as an array with shape (rows, columns, channels) and values from 0 to 255. By
    /// default, PNG, JPEG, and BMP files are decoded.
    /// </param>
    /// <returns>The batches, with values from 0 to 255.</returns>
    /// <exception cref="ArgumentException">
    /// An option is unknown, a size is not positive, the arguments of the split are inconsistent, a class is listed
    /// twice, the label mode is <c>binary</c> but there are not exactly two classes, or there are no images.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">
    /// The folder, or the subfolder of a class, does not exist.
    /// </exception>
    /// <exception cref="NotSupportedException">There is a .ppm or .tif file, but no loader.</exception>
    public static ImageDataset FromDirectory(string directory, string? labelMode = "int",
        IEnumerable<string>? classNames = null, string colorMode = "rgb", int batchSize = 32,
        (int Rows, int Columns)? imageSize = null, bool shuffle = true, int? seed = null,
        double? validationSplit = null, string? subset = null, string interpolation = "bilinear",
        bool followLinks = false,
        string? dataFormat = null, Func<string, NDArray>? loader = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        if (labelMode is not (null or "int" or "categorical" or "binary"))
            throw new ArgumentException(
                $"Invalid label mode \"{labelMode}\"; expected \"int\", \"categorical\", \"binary\" or null.",
                nameof(labelMode));
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        CheckSplit(validationSplit, subset, shuffle, seed);
        var format = new PictureFormat(colorMode, imageSize ?? (256, 256), interpolation);
        bool channelsFirst = Saving.DataFormat.IsChannelsFirst(dataFormat);

        var folder = new ImageFolder(directory, classNames, followLinks, (0, 1));
        if (labelMode == "binary" && folder.Classes.Count != 2)
            throw new ArgumentException(
                $"The label mode \"binary\" requires two classes; {Path.GetFullPath(directory)} has "
                + $"{folder.Classes.Count}: {string.Join(", ", folder.Classes)}.", nameof(labelMode));
        int[] order = [.. Enumerable.Range(0, folder.Names.Count)];
        if (shuffle) new RandomSource(SplitMix.Mix(Graphs.GlobalRandom.SeedOf(seed))).Shuffle(order);
        int held = (int)((validationSplit ?? 0) * order.Length);
        order = subset == "validation" ? order[^held..] : order[..^held];
        if (order.Length == 0)
        {
            string of = subset is null ? "" : $"The subset \"{subset}\" is empty: ";
            throw new ArgumentException(
                $"{of}there are {folder.Names.Count} images ({ImageFolder.Extensions}) in the "
                + $"{folder.Classes.Count} class folders of {Path.GetFullPath(directory)}.", nameof(directory));
        }
        string[] paths = [.. order.Select(i => Path.Combine(directory, folder.Names[i]))];
        if (loader is null && paths.FirstOrDefault(ImageCodec.IsForeign) is string foreign)
            throw new NotSupportedException($"{foreign}: {ImageCodec.OtherFormats}.");
        return new(folder.Classes, paths, [.. order.Select(i => folder.Labels[i])], format, labelMode,
            new EpochOrder(paths.Length, batchSize, shuffle, seed), channelsFirst, loader);
    }

    /// <summary>
    /// Loads all images of a folder at once: <c>var (x, y, classNames) = ImageDataset.Load("flowers");</c>.
    /// </summary>
    /// <param name="labelMode">
    /// The kind of targets. <c>int</c>: class numbers with shape (images,). <c>categorical</c>: one-hot with shape
    /// (images, classes). <c>binary</c>: 0 or 1 for two classes, with shape (images, 1).
    /// </param>
    /// <returns>
    /// The images with shape (images, rows, columns, channels) and values from 0 to 255, their targets, and the class
    /// names in the order of the class numbers.
    /// </returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file does not contain an image.</exception>
    /// <inheritdoc cref="FromDirectory"/>
#pragma warning disable CS1573 // The parameters without a line of their own inherit it.
    public static (NDArray X, NDArray Y, IReadOnlyList<string> ClassNames) Load(string directory,
        string labelMode = "int", IEnumerable<string>? classNames = null, string colorMode = "rgb",
        (int Rows, int Columns)? imageSize = null,
        bool shuffle = true, int? seed = null, double? validationSplit = null, string? subset = null,
        string interpolation = "bilinear", bool followLinks = false, string? dataFormat = null,
        Func<string, NDArray>? loader = null)
#pragma warning restore CS1573
    {
        ArgumentNullException.ThrowIfNull(labelMode);
        ImageDataset all = FromDirectory(directory, labelMode, classNames, colorMode, int.MaxValue, imageSize,
            shuffle, seed, validationSplit, subset, interpolation, followLinks, dataFormat, loader);
        int[] samples = [.. Enumerable.Range(0, all.Filepaths.Count)];
        return (all.Images(samples), all.Targets(samples)!, all.ClassNames);
    }

    static void CheckSplit(double? validationSplit, string? subset, bool shuffle, int? seed)
    {
        if (subset is not (null or "training" or "validation"))
            throw new ArgumentException($"Invalid subset \"{subset}\"; expected \"training\" or \"validation\".",
                nameof(subset));
        if (validationSplit is double split && !(split > 0 && split < 1))
            throw new ArgumentOutOfRangeException(nameof(validationSplit),
                $"`validation_split` must be between 0 and 1, but is {split}.");
        if (validationSplit is null != subset is null)
            throw new ArgumentException("`subset` and `validation_split` must be used together: pass both or neither.",
                validationSplit is null ? nameof(validationSplit) : nameof(subset));
        if (validationSplit is not null && shuffle && seed is null)
            throw new ArgumentException(
                "To split shuffled images, pass a `seed`, the same for both subsets; or pass `shuffle: false`.",
                nameof(seed));
    }

    NDArray Images(int[] samples)
    {
        NDArray? x = null;
        for (int i = 0; i < samples.Length; i++)
        {
            NDArray image = ChannelOrder.To(_format.Read(Filepaths[samples[i]], _loader), _channelsFirst);
            x ??= new([samples.Length, .. image.Shape]);
            image.Span.CopyTo(x.Span[(i * image.Size)..]);
        }
        return x!;
    }

    NDArray? Targets(int[] samples)
    {
        if (_labelMode is null) return null;
        float[] labels = [.. samples.Select(s => (float)Labels[s])];
        if (_labelMode == "int") return labels;
        if (_labelMode == "binary") return new(labels, labels.Length, 1);
        var oneHot = new NDArray(labels.Length, ClassNames.Count);
        for (int i = 0; i < labels.Length; i++) oneHot.Span[i * ClassNames.Count + (int)labels[i]] = 1;
        return oneHot;
    }
}
