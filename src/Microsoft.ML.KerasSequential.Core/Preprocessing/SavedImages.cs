using System.Globalization;

namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>A folder to which a generator's images are written for inspection (Keras <c>save_to_dir</c>).</summary>
internal sealed class SavedImages
{
    readonly string _folder, _prefix, _format;
    long _number;

    SavedImages(string folder, string prefix, string format) => (_folder, _prefix, _format) = (folder, prefix, format);

    /// <summary>Creates the folder if it does not exist; null if none is given.</summary>
    /// <exception cref="ArgumentException">The format cannot be written.</exception>
    public static SavedImages? To(string? folder, string prefix, string format)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ImageCodec.CheckWritten(format, "saveFormat");
        if (folder is null) return null;
        Directory.CreateDirectory(folder);
        return new(folder, prefix, format);
    }

    /// <summary>Writes an image, channels last: the name is the prefix, the sample's index, and a number unique within
    /// this generator.</summary>
    public void Save(NDArray image, int sample)
    {
        string name = string.Create(CultureInfo.InvariantCulture,
            $"{_prefix}_{sample}_{Interlocked.Increment(ref _number)}.{_format}");
        Image.SaveImg(Path.Combine(_folder, name), image, dataFormat: "channels_last", fileFormat: _format);
    }
}
