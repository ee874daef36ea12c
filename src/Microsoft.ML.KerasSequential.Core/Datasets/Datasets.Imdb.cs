using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML.KerasSequential.Data;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

public static partial class Datasets
{
    /// <summary>
    /// Reads IMDB (Keras <c>imdb.load_data</c>): movie reviews as lists of word numbers, which rank words by frequency.
    /// The reviews are shuffled in the same order as in Keras.
    /// </summary>
    /// <param name="path">
    /// The path of Keras' file <c>imdb.npz</c>, or of its folder. Nothing in the file is executed.
    /// </param>
    /// <param name="numWords">
    /// Word numbers from this one on are replaced with <paramref name="oovChar"/>. null keeps all words.
    /// </param>
    /// <param name="skipTop">
    /// Word numbers below this one, which are the most frequent words, are also replaced with
    /// <paramref name="oovChar"/>.
    /// </param>
    /// <param name="maxlen">
    /// Reviews with this many words or more, including the start marker, are omitted, as in Keras.
    /// </param>
    /// <param name="seed">The seed for the order of the reviews.</param>
    /// <param name="startChar">The number that marks the start of each review, or null for none.</param>
    /// <param name="oovChar">The number that replaces words that are not kept, or null to omit them.</param>
    /// <param name="indexFrom">The offset that is added to the number of each word.</param>
    /// <returns>
    /// Lists for <c>Sequence.PadSequences</c>, and targets: 1 for a positive review, 0 for a negative one. For example:
    /// <c>var ((x, y), (testX, testY)) = …</c>.
    /// </returns>
    /// <remarks>
    /// Two errors of Keras are not reproduced: with <c>maxlen</c>, Keras moves reviews from the test part to the
    /// training part, and without <c>num_words</c>, it treats the rarest word as an unknown word.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// A number is negative, or <paramref name="maxlen"/> leaves no reviews.
    /// </exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or contains anything other than lists of numbers.
    /// </exception>
    public static ((int[][] X, NDArray Y) Train, (int[][] X, NDArray Y) Test) Imdb(string path, int? numWords = null,
        int skipTop = 0, int? maxlen = null, int seed = 113, int? startChar = 1, int? oovChar = 2, int indexFrom = 3)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (numWords is int words) ArgumentOutOfRangeException.ThrowIfNegative(words, nameof(numWords));
        ArgumentOutOfRangeException.ThrowIfNegative(skipTop);
        if (maxlen is int length) ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(maxlen));
        ArgumentOutOfRangeException.ThrowIfNegative(seed);
        string file = Directory.Exists(path) ? Path.Combine(path, "imdb.npz") : path;
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no file {Path.GetFullPath(file)}. Download it first.", file);

        var stored = ReadImdb(file);
        // As in Keras, both parts share one sequence of random numbers.
        var random = new MersenneTwister((uint)seed);
        var (mixed, mixedTest) = (Mixed(stored.Train, random), Mixed(stored.Test, random));
        // As in Keras, 0 means no limit.
        int most = numWords is null or 0 ? int.MaxValue : numWords.Value,
            longest = maxlen is null or 0 ? int.MaxValue : maxlen.Value;

        int[] Words(int[] review)
        {
            IEnumerable<int> all =
                review.Select(w => Graphs.Counts.Fits((long)w + indexFrom, "The number of a word", nameof(indexFrom)));
            return startChar is int start ? [start, .. all] : [.. all];
        }
        int[] Kept(int[] review) => oovChar is int other
            ? [.. review.Select(w => w >= skipTop && w < most ? w : other)]
            : [.. review.Where(w => w >= skipTop && w < most)];
        (int[][] X, NDArray Y) Part((int[][] X, NDArray Y) part)
        {
            int[][] whole = [.. part.X.Select(Words)];
            int[] kept = [.. Enumerable.Range(0, whole.Length).Where(i => whole[i].Length < longest)];
            return ([.. kept.Select(i => Kept(whole[i]))], kept.Select(i => part.Y.Span[i]).ToArray());
        }

        var (train, test) = (Part(mixed), Part(mixedTest));
        if (train.X.Length + test.X.Length == 0 && mixed.X.Length + mixedTest.X.Length > 0)
        {
            throw new ArgumentException(
                $"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. "
                + "Increase maxlen.", nameof(maxlen));
        }
        return (train, test);
    }

    /// <summary>
    /// Reads the number of each IMDB word, starting at 1 and not including <c>indexFrom</c> (Keras
    /// <c>imdb.get_word_index</c>).
    /// </summary>
    /// <param name="path">The path of Keras' file <c>imdb_word_index.json</c>, or of its folder.</param>
    /// <returns>A dictionary that maps words to numbers.</returns>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or contains anything other than words and their numbers.
    /// </exception>
    public static IReadOnlyDictionary<string, int> ImdbWordIndex(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string file = Directory.Exists(path) ? Path.Combine(path, "imdb_word_index.json") : path;
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no file {Path.GetFullPath(file)}. Download it first.", file);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var words = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (JsonProperty word in json.RootElement.EnumerateObject()) words[word.Name] = word.Value.GetInt32();
            return words;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{file}: an object that maps words to numbers is expected: {e.Message}", e);
        }
    }

    static (int[][] X, NDArray Y) Mixed((int[][] X, NDArray Y) part, MersenneTwister random)
    {
        int[] order = random.Permutation(part.X.Length);
        return ([.. order.Select(i => part.X[i])], order.Select(i => part.Y.Span[i]).ToArray());
    }

    static ((int[][] X, NDArray Y) Train, (int[][] X, NDArray Y) Test) ReadImdb(string file)
    {
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(file);
            return (Reviews(zip, file, "train"), Reviews(zip, file, "test"));
        }
        catch (Exception e)
            when (e is InvalidDataException or EndOfStreamException or ArgumentException or OverflowException
                && !e.Message.StartsWith(file, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{file}: a NumPy file is expected, but it is damaged: {e.Message}", e);
        }
    }

    static (int[][] X, NDArray Y) Reviews(ZipArchive zip, string file, string part)
    {
        string source = $"{file}, x_{part}";
        ZipArchiveEntry x = Entry(zip, file, $"x_{part}.npy"), y = Entry(zip, file, $"y_{part}.npy");
        using Stream packed = x.Open(), labels = y.Open();
        if (Npz.ReadHeader(packed, x.FullName).Type != "|O")
            throw new InvalidDataException($"{source}: an array of lists is expected; its values are of another type.");
        const int header = 128;
        if (x.Length > Array.MaxLength)
            throw new InvalidDataException($"{source}: {x.Length} bytes are more than can be read.");
        using var pickle = new MemoryStream((int)Math.Max(0, Math.Min(x.Length - header, 1 << 24)));
        packed.CopyTo(pickle);
        int[][] reviews = PickledArray.Read(pickle.ToArray(), source);
        NDArray values = Npz.ReadArray(labels, y.FullName);
        return values.Rank == 1 && values.Rows == reviews.Length ? (reviews, values)
            : throw new InvalidDataException(
                $"{file}, y_{part}: {reviews.Length} labels are expected; found an array of shape "
                + $"{Shape.Format(values.Shape)}.");
    }

    static ZipArchiveEntry Entry(ZipArchive zip, string file, string name)
    {
        ZipArchiveEntry entry = zip.GetEntry(name)
            ?? throw new InvalidDataException($"{file}: {name} is expected in it; found "
                + $"{string.Join(", ", zip.Entries.Select(e => e.FullName))}.");
        return ZipLimit.Exceeded(entry)
            ? throw new InvalidDataException(
                $"{file}: {name} would grow from {entry.CompressedLength} to {entry.Length} bytes.") : entry;
    }
}
