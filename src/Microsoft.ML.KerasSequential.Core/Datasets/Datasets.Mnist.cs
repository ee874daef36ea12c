using System.Buffers.Binary;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

public static partial class Datasets
{
    /// <summary>Gets the class names of Fashion-MNIST in the order of the class numbers.</summary>
    public static IReadOnlyList<string> FashionMnistNames { get; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    /// <summary>
    /// Reads MNIST (Keras <c>mnist.load_data</c>): images of handwritten digits. The folder contains the four files
    /// offered for download, such as <c>train-images-idx3-ubyte.gz</c>, compressed or not. Alternatively, pass the path
    /// of Keras' <c>mnist.npz</c>.
    /// </summary>
    /// <param name="path">The path of the folder, or of the <c>.npz</c> file.</param>
    /// <returns>
    /// The training part and the test part: X with shape (samples, 28, 28) and values from 0 to 255, and Y with shape
    /// (samples,). For example: <c>var ((x, y), (testX, testY)) = …</c>.
    /// </returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is damaged. The message states what was expected and what was found.
    /// </exception>
    public static ((NDArray X, NDArray Y) Train, (NDArray X, NDArray Y) Test) Mnist(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)) return FromNpz(path);
        return (Idx(path, "train"), Idx(path, "t10k"));
    }

    /// <summary>
    /// Reads Fashion-MNIST (Keras <c>fashion_mnist.load_data</c>): images of clothes in the format of
    /// <see cref="Mnist"/>. The classes are <see cref="FashionMnistNames"/>.
    /// </summary>
    /// <inheritdoc cref="Mnist"/>
    public static ((NDArray X, NDArray Y) Train, (NDArray X, NDArray Y) Test) FashionMnist(string path) => Mnist(path);

    static (NDArray X, NDArray Y) Idx(string folder, string part)
    {
        string images = Find(folder, $"{part}-images", "idx3"), labels = Find(folder, $"{part}-labels", "idx1");
        return Paired(ReadIdx(images, 3), ReadIdx(labels, 1), images, labels, 10);
    }

    /// <summary>Returns images and labels after checking that they match.</summary>
    static (NDArray X, NDArray Y) Paired(NDArray x, NDArray y, string images, string labels, int classes)
    {
        if (x.Rows != y.Rows)
            throw new InvalidDataException(
                $"{labels}: {x.Rows} labels are expected, one for each image of {images}; found {y.Rows}.");
        foreach (float label in y.Span)
            if (!(label >= 0 && label < classes))
                throw new InvalidDataException(
                    $"{labels}: labels from 0 to {classes - 1} are expected; found {label}.");
        return (x, y);
    }

    static string Find(string folder, string begin, string kind)
    {
        string[] names = [$"{begin}-{kind}-ubyte", $"{begin}.{kind}-ubyte"];
        string[] paths = [.. names.SelectMany(n => new[] { n, $"{n}.gz" }).Select(n => Path.Combine(folder, n))];
        return paths.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                $"{Path.GetFullPath(folder)} has no file {names[0]}, nor {names[0]}.gz. Download it first.", paths[0]);
    }

    /// <summary>
    /// Reads an array of bytes in the IDX format: two zeros, the type, the number of dimensions, the dimensions, and
    /// the values.
    /// </summary>
    static NDArray ReadIdx(string path, int rank)
    {
        const int typeOfBytes = 8;
        using Stream stream = DataFile.Open(path, out long most);
        byte[] head = Bytes(stream, 4 + 4 * rank, path, "a header");
        if (head[0] != 0 || head[1] != 0 || head[2] != typeOfBytes || head[3] != rank)
        {
            throw new InvalidDataException(
                $"{path}: an IDX file of bytes in {rank} dimensions begins with 00 00 08 0{rank}; found "
                + $"{Convert.ToHexString(head, 0, 4)}.");
        }
        int[] shape = new int[rank];
        long size = 1;
        for (int i = 0; i < rank; i++)
        {
            shape[i] = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4 + 4 * i));
            if (shape[i] < 0 || (size *= shape[i]) > most)
                throw new InvalidDataException(
                    $"{path}: the header says {Shape.Format(shape.AsSpan(0, i + 1))}, which is more than the "
                    + "file can hold.");
        }
        byte[] values = Bytes(stream, (int)Math.Min(size, Array.MaxLength), path, $"{Shape.Format(shape)} values");
        if (stream.ReadByte() >= 0)
            throw new InvalidDataException(
                $"{path}: {Shape.Format(shape)} values are expected; the file goes on behind them.");
        var result = new NDArray(shape);
        for (int i = 0; i < values.Length; i++) result.Span[i] = values[i];
        return result;
    }

    /// <summary>
    /// Reads a number of bytes. Memory is allocated only as data arrives, regardless of what a file says about its
    /// size.
    /// </summary>
    static byte[] Bytes(Stream stream, int count, string path, string what)
    {
        const int block = 1 << 20;
        byte[] bytes = new byte[Math.Min(count, block)];
        int read = 0;
        try
        {
            while (true)
            {
                int more = stream.ReadAtLeast(bytes.AsSpan(read), bytes.Length - read, throwOnEndOfStream: false);
                read += more;
                if (read == count) return bytes;
                if (read < bytes.Length)
                    throw new InvalidDataException(
                        $"{path}: {what}, {count} bytes, are expected; the file ends after {read}.");
                Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
            }
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"{path}: {what}, {count} bytes, are expected, but the file is damaged: {e.Message}", e);
        }
    }

    static ((NDArray X, NDArray Y) Train, (NDArray X, NDArray Y) Test) FromNpz(string path)
    {
        using FileStream file = File.OpenRead(path);
        Dictionary<string, NDArray> arrays = Npz.Read(file, path);
        NDArray Named(string name, int rank)
        {
            if (!arrays.TryGetValue(name, out NDArray? array))
                throw new InvalidDataException(
                    $"{path}: an array \"{name}\" is expected; found {string.Join(", ", arrays.Keys)}.");
            return array.Rank == rank ? array
                : throw new InvalidDataException(
                    $"{path}: \"{name}\" of {rank} dimensions is expected; found {Shape.Format(array.Shape)}.");
        }
        return (Paired(Named("x_train", 3), Named("y_train", 1), path, path, 10),
            Paired(Named("x_test", 3), Named("y_test", 1), path, path, 10));
    }
}
