using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// The images of a folder whose sub-folders are the classes, as they are (Keras <c>image_dataset_from_directory</c>,
/// which came after 2.3): all at once by <see cref="Load"/>, or as batches that are read when they are needed. For
/// images that are changed at random, see <see cref="ImageDataGenerator.FlowFromDirectory"/>.
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

    /// <summary>The classes by their number.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The images' paths; batches that are not shuffled come in this order.</summary>
    public IReadOnlyList<string> Filepaths { get; }

    /// <summary>The number of each image's class.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <inheritdoc/>
    public override int Count => _order.Batches;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such batch.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file holds no image.</exception>
    /// <exception cref="InvalidOperationException">The loader gave no image.</exception>
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

    /// <summary>Batches of the images of a folder, for sets that need not fit into memory.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="labelMode">
    /// <c>int</c>: targets are the numbers of the classes, (batch,); <c>categorical</c>: one-hot, (batch, classes);
    /// <c>binary</c>: 0 or 1, (batch, 1), of two classes; null: there are none.
    /// </param>
    /// <param name="classNames">The sub-folders in the order of the classes; all of them, by name, by default.</param>
    /// <param name="colorMode"><c>rgb</c>, <c>rgba</c> or <c>grayscale</c>: 3, 4 channels or 1.</param>
    /// <param name="batchSize">The images of a batch; the last batch may have fewer.</param>
    /// <param name="imageSize">The rows and columns that all images are brought to; (256, 256) by default.</param>
    /// <param name="shuffle">Whether images are mixed before they are split, and come in another order in each
    /// epoch.</param>
    /// <param name="seed">A seed, or null for the process's. A split of mixed images needs one, the same for both
    /// parts.</param>
    /// <param name="validationSplit">Which share of the images is for validation: the last ones.</param>
    /// <param name="subset"><c>training</c> or <c>validation</c>; with a split.</param>
    /// <param name="interpolation">
    /// How images come to their size: <c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>, <c>lanczos</c>, <c>box</c> or
    /// <c>hamming</c>, as Pillow's.
    /// </param>
    /// <param name="followLinks">Whether links to folders inside a class are followed.</param>
    /// <param name="dataFormat"><c>channels_last</c> (the default) or <c>channels_first</c>.</param>
    /// <param name="loader">Reads a file as an array (rows, columns, channels) of values from 0 to 255; by default PNG,
    /// JPEG and BMP files are decoded.</param>
    /// <returns>The batches; values go from 0 to 255.</returns>
    /// <exception cref="ArgumentException">
    /// A word is unknown, a size is not positive, arguments of the split do not go together, a class is named twice, a
    /// binary set has not two classes, or there are no images.
    /// </exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or none of a class.</exception>
    /// <exception cref="NotSupportedException">There is a .ppm or .tif file, and no loader.</exception>
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
                $"A binary set has two classes; {Path.GetFullPath(directory)} has {folder.Classes.Count}: "
                + $"{string.Join(", ", folder.Classes)}.", nameof(labelMode));
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

    /// <summary>All images of a folder at once: <c>var (x, y, classNames) =
    /// ImageDataset.Load("flowers");</c>.</summary>
    /// <param name="labelMode">
    /// <c>int</c>: targets are the numbers of the classes, (images,); <c>categorical</c>: one-hot, (images, classes);
    /// <c>binary</c>: 0 or 1, (images, 1), of two classes.
    /// </param>
    /// <returns>
    /// The images (images, rows, columns, channels) from 0 to 255, their targets, and the classes by their number.
    /// </returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file holds no image.</exception>
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
            throw new ArgumentException("`subset` and `validation_split` go together: give both or none.",
                validationSplit is null ? nameof(validationSplit) : nameof(subset));
        if (validationSplit is not null && shuffle && seed is null)
            throw new ArgumentException(
                "A split of mixed images needs a `seed`, the same for both subsets; or give `shuffle: false`.",
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
