using System.IO.Compression;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Saving to and loading from streams: in memory, in a database, over a network.
public sealed partial class Sequential
{
    static readonly string[] s_modelExtensions = [".zip", ".keras", ".h5", ".hdf5"];

    /// <summary>The signature of an HDF5 file.</summary>
    static ReadOnlySpan<byte> Hdf5Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>
    /// Writes what <see cref="Save(string, bool, bool)"/> does to a stream (Keras <c>save</c> with a file object, and
    /// <c>pickle</c>). Everything is created in memory first, so nothing is written in case of an error; the stream
    /// stays open.
    /// </summary>
    /// <param name="stream">The stream, written from its current position. It does not have to be seekable.</param>
    /// <param name="extension">
    /// The format, given as a file extension: <c>.zip</c>, <c>.keras</c>, <c>.h5</c> or <c>.hdf5</c>.
    /// </param>
    /// <param name="includeOptimizer">Whether to include the optimizer's state, so that training can continue.</param>
    /// <exception cref="ArgumentException">
    /// The stream cannot be written, or the extension is not that of a model format.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The model has no weights yet, or contains a function without a name.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The format cannot represent the model, or its package is not available.
    /// </exception>
    public void Save(Stream stream, string extension = ".zip", bool includeOptimizer = true)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(extension);
        if (!stream.CanWrite) throw new ArgumentException("The stream cannot be written.", nameof(stream));
        if (!s_modelExtensions.Contains(extension, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"Unknown extension \"{extension}\"; expected one of {string.Join(", ", s_modelExtensions)}.",
                nameof(extension));
        }
        string path = $"model{extension}";
        KerasFormats? keras = KerasFormats.For(path);
        using var made = new MemoryStream();
        using (WeightGate.Enter())
        {
            RequireBuilt(_output);
            if (keras is null) Writer(includeOptimizer)(made);
            else keras.Save(this, path, made, includeOptimizer);
        }
        made.WriteTo(stream);
    }

    /// <summary>
    /// Loads a model from a stream that <see cref="Save(Stream, string, bool)"/> or Keras wrote (Keras
    /// <c>load_model</c> with a file object). The format is detected from the content.
    /// </summary>
    /// <param name="stream">The stream, read from its current position to its end. It stays open.</param>
    /// <param name="compile">Whether to compile the model as it was when it was saved.</param>
    /// <returns>The model. Custom objects are found by name in a <see cref="Utils.CustomObjectScope"/>.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read, or names unknown objects.</exception>
    /// <exception cref="InvalidDataException">The data is damaged or in another format.</exception>
    /// <exception cref="NotSupportedException">The package for its format is not available.</exception>
    public static Sequential Load(Stream stream, bool compile = true)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead) throw new ArgumentException("The stream cannot be read.", nameof(stream));
        const string source = "The stream";
        if (stream.CanSeek && stream.Position == 0) return LoadWhole(stream, source, compile);
        // The formats use offsets from their start.
        using var rest = new MemoryStream();
        stream.CopyTo(rest);
        rest.Position = 0;
        return LoadWhole(rest, source, compile);
    }

    static Sequential LoadWhole(Stream stream, string source, bool compile)
    {
        string? extension = ExtensionOf(stream);
        stream.Position = 0;
        return extension is null ? LoadFrom(stream, source, compile)
            : KerasFormats.For($"model{extension}")!.Load(stream, source, extension, compile);
    }

    /// <summary>The extension of the Keras format that a stream contains; null for anything else.</summary>
    static string? ExtensionOf(Stream stream)
    {
        Span<byte> first = stackalloc byte[Hdf5Signature.Length];
        int read = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        if (read == first.Length && first.SequenceEqual(Hdf5Signature)) return ".h5";
        stream.Position = 0;
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            return zip.GetEntry("model.weights.h5") is null ? null : ".keras";
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
