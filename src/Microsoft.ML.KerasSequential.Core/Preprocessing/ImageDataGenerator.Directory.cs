namespace Microsoft.ML.KerasSequential.Preprocessing;

public sealed partial class ImageDataGenerator
{
    /// <summary>
    /// Creates batches of transformed images from files, different in each epoch. Each subfolder is a class; its images
    /// are the files with Keras' extensions (.png, .jpg, .jpeg, .bmp, .ppm, .tif, .tiff) in it and in its subfolders.
    /// </summary>
    /// <param name="directory">The folder.</param>
    /// <param name="targetSize">The rows and columns to which all images are resized, in pixels; (256, 256) by
    /// default.</param>
    /// <param name="colorMode"><c>rgb</c>, <c>rgba</c> or <c>grayscale</c>: 3, 4 or 1 channels.</param>
    /// <param name="classes">The subfolders in the order of the classes; by default, all of them, sorted by
    /// name.</param>
    /// <param name="classMode"><c>categorical</c>: one-hot targets, (batch, classes); <c>binary</c> or
    /// <c>sparse</c>: class indices, (batch,); <c>input</c>: the images themselves; null: no targets.</param>
    /// <param name="batchSize">The batch size; the last batch may be smaller.</param>
    /// <param name="shuffle">Whether the images are reordered in each epoch.</param>
    /// <param name="seed">A seed, or null for the process-wide one.</param>
    /// <param name="saveToDir">A folder to which the transformed images are written for inspection; none by
    /// default.</param>
    /// <param name="savePrefix">The prefix of the names of these files.</param>
    /// <param name="saveFormat"><c>png</c>, <c>jpg</c>, <c>jpeg</c>, <c>bmp</c> or <c>tga</c>.</param>
    /// <param name="followLinks">Whether links to folders inside a class are followed.</param>
    /// <param name="subset"><c>training</c> or <c>validation</c>, by the validation split of each class; all by
    /// default.</param>
    /// <param name="interpolation">How images are resized: <c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>,
    /// <c>lanczos</c>, <c>box</c> or <c>hamming</c>, as in Pillow.</param>
    /// <param name="loader">Reads a file as an array (rows, columns, channels) of 1, 3 or 4 channels and values from 0
    /// to 255. By default PNG, JPEG and BMP files are decoded; other formats need a loader.</param>
    /// <returns>The batches, for <c>Fit</c>, <c>Evaluate</c> and <c>Predict</c>.</returns>
    /// <exception cref="ArgumentException">An option is unknown, a size is not positive, a class is named twice, or
    /// there are no images.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder, or the subfolder of a class, does not
    /// exist.</exception>
    /// <exception cref="NotSupportedException">There is a .ppm or .tif file but no loader.</exception>
    /// <exception cref="InvalidOperationException">Featurewise normalization is on, but <see cref="Fit"/> was not
    /// called.</exception>
    public DirectoryIterator FlowFromDirectory(string directory, (int Rows, int Columns)? targetSize = null,
        string colorMode = "rgb", IEnumerable<string>? classes = null, string? classMode = "categorical",
        int batchSize = 32, bool shuffle = true, int? seed = null, string? saveToDir = null, string savePrefix = "",
        string saveFormat = "png", bool followLinks = false, string? subset = null,
        string interpolation = "nearest", Func<string, NDArray>? loader = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        if (classMode is not (null or "categorical" or "binary" or "sparse" or "input"))
            throw new ArgumentException(
                $"Invalid class mode \"{classMode}\"; expected \"categorical\", \"binary\", \"sparse\", "
                + "\"input\" or null.", nameof(classMode));
        (int rows, int columns) = targetSize ?? (256, 256);
        var format = new PictureFormat(colorMode, (rows, columns), interpolation);
        (double From, double To) share = Share(subset);
        RequireStatistics();
        var folder = new ImageFolder(directory, classes, followLinks, share);
        if (folder.Names.Count == 0)
        {
            string of = subset is null ? "" : $"The subset \"{subset}\" is empty: ";
            throw new ArgumentException(
                $"{of}there are no images ({ImageFolder.Extensions}) in the {folder.Classes.Count} class folders "
                + $"of {Path.GetFullPath(directory)}.", nameof(directory));
        }
        if (loader is null && folder.Names.FirstOrDefault(ImageCodec.IsForeign) is string foreign)
            throw new NotSupportedException($"{Path.Combine(directory, foreign)}: {ImageCodec.OtherFormats}.");
        Shape imageShape = _channelsFirst ? [format.Channels, rows, columns] : [rows, columns, format.Channels];
        var order = new EpochOrder(folder.Names.Count, batchSize, shuffle, seed);
        return new(this, directory, folder, format, imageShape, classMode, order,
            SavedImages.To(saveToDir, savePrefix, saveFormat), loader);
    }
}
