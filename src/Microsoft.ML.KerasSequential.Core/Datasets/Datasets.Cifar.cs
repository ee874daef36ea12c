using System.Formats.Tar;
using Microsoft.ML.KerasSequential.Data;

namespace Microsoft.ML.KerasSequential;

public static partial class Datasets
{
    const int CifarSide = 32, CifarPlane = CifarSide * CifarSide, CifarImage = 3 * CifarPlane;

    /// <summary>Gets the class names of CIFAR-10 in the order of the class numbers.</summary>
    public static IReadOnlyList<string> Cifar10Names { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>
    /// Reads CIFAR-10 (Keras <c>cifar10.load_data</c>) in its binary version: from a folder that contains
    /// <c>data_batch_1.bin</c> to <c>data_batch_5.bin</c> and <c>test_batch.bin</c>, or <c>cifar-10-binary.tar.gz</c>,
    /// or from that archive.
    /// </summary>
    /// <param name="path">The path of the folder or the archive.</param>
    /// <returns>
    /// The training part and the test part: X with shape (samples, 32, 32, 3) and values from 0 to 255, and Y with
    /// shape (samples, 1). For example: <c>var ((x, y), (testX, testY)) = …</c>.
    /// </returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged. The message states what was expected and what was found.
    /// </exception>
    public static ((NDArray X, NDArray Y) Train, (NDArray X, NDArray Y) Test) Cifar10(string path)
    {
        string[] training = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")];
        Dictionary<string, byte[]> files =
            CifarFiles(path, [.. training, "test_batch.bin"], "cifar-10-batches-bin", "cifar-10-binary.tar.gz");
        return (CifarImages(files, training, 0, 1, 10), CifarImages(files, ["test_batch.bin"], 0, 1, 10));
    }

    /// <summary>
    /// Reads CIFAR-100 (Keras <c>cifar100.load_data</c>) in its binary version: from a folder that contains
    /// <c>train.bin</c> and <c>test.bin</c>, or <c>cifar-100-binary.tar.gz</c>, or from that archive.
    /// </summary>
    /// <param name="path">The path of the folder or the archive.</param>
    /// <param name="labelMode"><c>fine</c> for the 100 classes, or <c>coarse</c> for the 20 groups of classes.</param>
    /// <exception cref="ArgumentException">The mode is unknown.</exception>
    /// <inheritdoc cref="Cifar10"/>
    public static ((NDArray X, NDArray Y) Train, (NDArray X, NDArray Y) Test) Cifar100(
        string path, string labelMode = "fine")
    {
        if (labelMode is not ("fine" or "coarse"))
            throw new ArgumentException($"`label_mode` must be one of \"fine\", \"coarse\"; given \"{labelMode}\".",
                nameof(labelMode));
        Dictionary<string, byte[]> files =
            CifarFiles(path, ["train.bin", "test.bin"], "cifar-100-binary", "cifar-100-binary.tar.gz");
        (int label, int classes) = labelMode == "fine" ? (1, 100) : (0, 20);
        return (CifarImages(files, ["train.bin"], label, 2, classes),
            CifarImages(files, ["test.bin"], label, 2, classes));
    }

    /// <summary>Converts records, each of which contains labels and three color planes, stored row by row.</summary>
    static (NDArray X, NDArray Y) CifarImages(Dictionary<string, byte[]> files, string[] names, int label, int labels,
        int classes)
    {
        int record = labels + CifarImage;
        foreach (string name in names)
        {
            if (files[name].Length % record != 0 || files[name].Length == 0)
                throw new InvalidDataException(
                    $"{name}: whole records of {record} bytes are expected; found {files[name].Length} bytes.");
        }
        int count = names.Sum(n => files[n].Length / record), image = 0;
        NDArray x = new(count, CifarSide, CifarSide, 3), y = new(count, 1);
        foreach (string name in names)
        {
            byte[] file = files[name];
            for (int start = 0; start < file.Length; start += record, image++)
            {
                if (file[start + label] >= classes)
                    throw new InvalidDataException(
                        $"{name}: labels from 0 to {classes - 1} are expected; record {start / record} has "
                        + $"{file[start + label]}.");
                y.Span[image] = file[start + label];
                ReadOnlySpan<byte> planes = file.AsSpan(start + labels, CifarImage);
                Span<float> pixels = x.Span.Slice(image * CifarImage, CifarImage);
                for (int i = 0; i < CifarPlane; i++)
                    for (int c = 0; c < 3; c++) pixels[i * 3 + c] = planes[c * CifarPlane + i];
            }
        }
        return (x, y);
    }

    static Dictionary<string, byte[]> CifarFiles(string path, string[] names, string inner, string archive)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (File.Exists(path)) return FromArchive(path, names);
        foreach (string folder in (string[])[path, Path.Combine(path, inner)])
        {
            if (!File.Exists(Path.Combine(folder, names[0]))) continue;
            return names.ToDictionary(n => n, n => File.ReadAllBytes(Path.Combine(folder, n)));
        }
        string packed = Path.Combine(path, archive);
        return File.Exists(packed) ? FromArchive(packed, names)
            : throw new FileNotFoundException(
                $"{Path.GetFullPath(path)} has neither {names[0]} nor {archive}. Download the binary "
                + "version first.", packed);
    }

    /// <summary>Reads files from a tar archive. They are found by name in any folder.</summary>
    static Dictionary<string, byte[]> FromArchive(string path, string[] names)
    {
        var files = new Dictionary<string, byte[]>();
        try
        {
            using Stream stream = DataFile.Open(path, out long most);
            using var tar = new TarReader(stream);
            while (files.Count < names.Length && tar.GetNextEntry() is { } entry)
            {
                string name = entry.Name[(entry.Name.LastIndexOf('/') + 1)..];
                if (!names.Contains(name) || entry.DataStream is not { } data) continue;
                if (entry.Length > Math.Min(most, Array.MaxLength))
                    throw new InvalidDataException(
                        $"{path}: {name} of {entry.Length} bytes is more than the archive can hold.");
                files[name] = Bytes(data, (int)entry.Length, path, name);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException
            && !e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: a tar archive is expected, but it is damaged: {e.Message}", e);
        }
        string[] missing = [.. names.Where(n => !files.ContainsKey(n))];
        return missing.Length == 0 ? files
            : throw new InvalidDataException(
                $"{path}: {string.Join(", ", missing)} is expected in the archive, but not there.");
    }
}
