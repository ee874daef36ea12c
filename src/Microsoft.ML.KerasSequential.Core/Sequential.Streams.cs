using System.IO.Compression;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// The model in streams: in memory, in a database, over a network.
public sealed partial class Sequential
{
    static readonly string[] s_modelExtensions = [".zip", ".keras", ".h5", ".hdf5"];

    /// <summary>How an HDF5 file begins.</summary>
    static ReadOnlySpan<byte> Hdf5Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>
    /// Writes what <see cref="Save(string, bool, bool)"/> does into a stream (Keras <c>save</c> with a file object, and
    /// <c>pickle</c>). All is made in memory first, so that an error writes nothing; the stream stays open.
    /// </summary>
    /// <param name="stream">Where to, from where it stands. It need not be able to seek.</param>
    /// <param name="extension">
    /// The format, as the extension of a file says it: <c>.zip</c>, <c>.keras</c>, <c>.h5</c> or <c>.hdf5</c>.
    /// </param>
    /// <param name="includeOptimizer">Whether training can go on from it.</param>
    /// <exception cref="ArgumentException">
    /// The stream cannot be written, or the extension is none of a model's.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The model has no weights yet, or holds a function without a name.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The format cannot hold the model, or its package is not at hand.
    /// </exception>
    public void Save(Stream stream, string extension = ".zip", bool includeOptimizer = true)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(extension);
        if (!stream.CanWrite) throw new ArgumentException("The stream cannot be written.", nameof(stream));
        if (!s_modelExtensions.Contains(extension, StringComparer.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"Unknown extension \"{extension}\"; known are {string.Join(", ", s_modelExtensions)}.", nameof(extension));
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
    /// A model from a stream that <see cref="Save(Stream, string, bool)"/> or Keras wrote (Keras <c>load_model</c> with a file
    /// object). What it holds says the format.
    /// </summary>
    /// <param name="stream">What was written, from where the stream stands to its end. It stays open.</param>
    /// <param name="compile">Whether the model is compiled as it was when it was saved.</param>
    /// <returns>The model. Objects of your own are found by name in a <see cref="Utils.CustomObjectScope"/>.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read, or names objects that are not known.</exception>
    /// <exception cref="InvalidDataException">It is damaged or of another format.</exception>
    /// <exception cref="NotSupportedException">The package of its format is not at hand.</exception>
    public static Sequential Load(Stream stream, bool compile = true)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead) throw new ArgumentException("The stream cannot be read.", nameof(stream));
        const string source = "The stream";
        if (stream.CanSeek && stream.Position == 0) return LoadWhole(stream, source, compile);
        // The formats count from their beginning.
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

    /// <summary>The extension of Keras' format that a stream holds; null for all else.</summary>
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
