namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Keras' own file formats, recognized by their extensions: <c>.h5</c>, <c>.hdf5</c> and <c>.keras</c>. They are based
/// on HDF5, so a separate package reads and writes them; it is used if it is available.
/// </summary>
internal abstract class KerasFormats
{
    const string Package = "Microsoft.ML.KerasSequential.Hdf5";

    static readonly Lazy<KerasFormats?> s_found = new(() =>
        Type.GetType($"{Package}.KerasFiles, {Package}") is { } type
        ? (KerasFormats)Activator.CreateInstance(type, nonPublic: true)! : null);

    /// <summary>The formats for a path's extension; null if it is not one of Keras'.</summary>
    /// <exception cref="NotSupportedException">The extension is one of Keras', but the package is not
    /// available.</exception>
    public static KerasFormats? For(string path) =>
        Path.GetExtension(path).ToUpperInvariant() is not (".H5" or ".HDF5" or ".KERAS") ? null
        : s_found.Value
        ?? throw new NotSupportedException($"The extension of the file {path} is that of a format based on HDF5, which "
            + $"requires the package {Package}; without it, use the extension .zip (a model) or .safetensors "
            + "(weights).");

    /// <summary>Writes a whole model.</summary>
    public abstract void Save(Sequential model, string path, Stream stream, bool includeOptimizer);

    /// <summary>Reads a whole model.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or of another format.</exception>
    public Sequential Load(Stream stream, string path, bool compile) =>
        Load(stream, path, Path.GetExtension(path), compile);

    /// <summary>Reads a whole model.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="source">The name to use in errors.</param>
    /// <param name="extension">The extension, which determines the format.</param>
    /// <param name="compile">Whether to compile the model as it was.</param>
    /// <exception cref="InvalidDataException">The file is damaged or of another format.</exception>
    public abstract Sequential Load(Stream stream, string source, string extension, bool compile);

    /// <summary>Writes the weights only.</summary>
    public abstract void SaveWeights(Sequential model, string path, Stream stream);

    /// <summary>The values of a model's weights, as far as the file has them.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or of another format.</exception>
    /// <exception cref="ArgumentException">The weights do not fit.</exception>
    public abstract IReadOnlyList<(Variable Weight, NDArray Value)> ReadWeights(Sequential model, Stream stream,
        string path, WeightMatch match);
}
