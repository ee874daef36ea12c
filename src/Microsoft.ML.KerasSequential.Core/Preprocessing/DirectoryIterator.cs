namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>
/// Batches of the images in a folder, with their classes as targets (Keras <c>DirectoryIterator</c>, which
/// <c>flow_from_directory</c> returns). Files are read when their batch is made, so they need not all fit in memory.
/// </summary>
public sealed class DirectoryIterator : BatchSequence
{
    readonly ImageDataGenerator _generator;
    readonly PictureFormat _format;
    readonly string? _classMode;
    readonly EpochOrder _order;
    readonly SavedImages? _saved;
    readonly Func<string, NDArray>? _loader;

    internal DirectoryIterator(ImageDataGenerator generator, string directory, ImageFolder folder, PictureFormat format,
        Shape imageShape, string? classMode, EpochOrder order, SavedImages? saved, Func<string, NDArray>? loader)
    {
        (_generator, _format, _classMode, _order, _saved, _loader) =
        (generator, format, classMode, order, saved, loader);
        (ImageShape, Classes, Filenames) = (imageShape, folder.Labels, folder.Names);
        Filepaths = [.. folder.Names.Select(name => Path.Combine(directory, name))];
        ClassIndices = folder.Classes.Index().ToDictionary(c => c.Item, c => c.Index);
    }

    /// <summary>The number of images.</summary>
    public int Samples => Filenames.Count;

    /// <summary>The number of classes.</summary>
    public int NumClasses => ClassIndices.Count;

    /// <summary>The index of each class, from 0, by name.</summary>
    public IReadOnlyDictionary<string, int> ClassIndices { get; }

    /// <summary>The class of each image, in the order of <see cref="Filenames"/>; predictions for unshuffled batches
    /// have the same order.</summary>
    public IReadOnlyList<int> Classes { get; }

    /// <summary>The images, class by class, as paths relative to the folder.</summary>
    public IReadOnlyList<string> Filenames { get; }

    /// <summary>The images' paths.</summary>
    public IReadOnlyList<string> Filepaths { get; }

    /// <summary>The shape of an image, without the batch.</summary>
    public Shape ImageShape { get; }

    /// <inheritdoc/>
    public override int Count => _order.Batches;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such batch.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">A file does not contain an image.</exception>
    /// <exception cref="InvalidOperationException">The loader did not return an image.</exception>
    public override Batch this[int index]
    {
        get
        {
            int[] samples = _order.Samples(index);
            NDArray? x = null;
            for (int i = 0; i < samples.Length; i++)
            {
                NDArray image =
                    _generator.Changed(_format.Read(Filepaths[samples[i]], _loader), _order.RandomOf(samples[i]));
                x ??= new([samples.Length, .. image.Shape]);
                image.Span.CopyTo(x.Span[(i * image.Size)..]);
                _saved?.Save(image, samples[i]);
            }
            x = _generator.FromChannelsLast(x!);
            return _classMode switch
            {
                null => new Batch(x),
                "input" => new Batch(x, x),
                "categorical" => new Batch(x, OneHot(samples)),
                _ => new Batch(x, samples.Select(s => (float)Classes[s]).ToArray()),
            };
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd() => _order.NextEpoch();

    NDArray OneHot(int[] samples)
    {
        var result = new NDArray(samples.Length, NumClasses);
        for (int i = 0; i < samples.Length; i++) result.Span[i * NumClasses + Classes[samples[i]]] = 1;
        return result;
    }
}
