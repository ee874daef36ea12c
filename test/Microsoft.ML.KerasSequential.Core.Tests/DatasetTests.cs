using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Microsoft.ML.KerasSequential.Data;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The tables that are shipped, and files of well-known sets, generated in their formats, whole and
/// damaged.</summary>
[TestClass]
public sealed class DatasetTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("datasets").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    string In(string name) => Path.Combine(_folder, name);

    static string Golden(int protocol) =>
        Path.Combine(AppContext.BaseDirectory, "Golden", "datasets", $"imdb-{protocol}.npz");

    static void AssertShape(NDArray array, params int[] shape) =>
        CollectionAssert.AreEqual(shape, array.Shape.ToArray());

    [TestMethod]
    public void Shipped_tables_have_the_numbers_that_their_publishers_give()
    {
        (string Name, Dataset Table, int Rows, int Features, int[] Classes)[] tables =
        [
            ("iris", Datasets.Iris(), 150, 4, [50, 50, 50]),
                ("breast cancer", Datasets.BreastCancer(), 569, 30, [212, 357]),
            ("digits", Datasets.Digits(), 1797, 64, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]),
                ("diabetes", Datasets.Diabetes(), 442, 10, []),
        ];
        foreach ((string name, Dataset table, int rows, int features, int[] classes) in tables)
        {
            AssertShape(table.X, rows, features);
            AssertShape(table.Y, rows);
            Assert.AreEqual((features, classes.Length), (table.FeatureNames.Count, table.ClassNames.Count), name);
            Assert.AreEqual(features, table.FeatureNames.Distinct().Count(), name);
            CollectionAssert.AreEqual(
                classes, Enumerable.Range(0, classes.Length).Select(c => table.Y.ToArray().Count(v => v == c))
                .ToArray(), name);
        }
        CollectionAssert.AreEqual(new[] { 5.1f, 3.5f, 1.4f, 0.2f }, tables[0].Table.X.Slice(0, 1).ToArray());
        CollectionAssert.AreEqual(new[] { 17.99f, 10.38f, 122.8f, 1001 }, tables[1].Table.X.ToArray()[..4]);
        CollectionAssert.AreEqual(new[] { 59, 2, 32.1f, 101 }, tables[3].Table.X.ToArray()[..4]);
        Assert.AreEqual(151, tables[3].Table.Y.Span[0]);
        // Of iris the means are well known.
        Assert.AreEqual(5.8433, Enumerable.Range(0, 150).Average(i => tables[0].Table.X[i, 0]), 1e-4);
    }

    [TestMethod]
    public void A_table_is_split_into_parts_that_together_are_the_whole()
    {
        Dataset iris = Datasets.Iris();
        (NDArray allX, NDArray allY) = iris;
        Assert.AreSame(iris.X, allX);
        Assert.AreSame(iris.Y, allY);
        var ((x, y), (testX, testY)) = iris.Split(0.3, seed: 4);
        AssertShape(x, 105, 4);
        AssertShape(testX, 45, 4);
        AssertShape(y, 105);
        string[] Rows(NDArray values, NDArray labels) =>
            [.. Enumerable.Range(0, labels.Size)
                .Select(i => $"{string.Join(' ', values.Slice(i, 1).ToArray())} {labels.Span[i]}")];
        CollectionAssert.AreEqual(Rows(allX, allY).Order().ToArray(),
            Rows(x, y).Concat(Rows(testX, testY)).Order().ToArray());
        CollectionAssert.AreEqual(y.ToArray(), iris.Split(0.3, seed: 4).Train.Y.ToArray());
        CollectionAssert.AreNotEqual(y.ToArray(), iris.Split(0.3, seed: 5).Train.Y.ToArray());
        Assert.AreEqual(0, iris.Split(0).Test.Y.Size);
        foreach (double share in new[] { -0.1, 1.1, double.NaN })
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => iris.Split(share));
    }

    static byte[] Idx(int[] shape, Func<int, byte> value)
    {
        byte[] file = new byte[4 + 4 * shape.Length + shape.Aggregate(1, (a, b) => a * b)];
        (file[2], file[3]) = (8, (byte)shape.Length);
        for (int i = 0; i < shape.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), shape[i]);
        int start = 4 + 4 * shape.Length;
        for (int i = start; i < file.Length; i++) file[i] = value(i - start);
        return file;
    }

    void WriteMnist(string separator = "-", bool packed = false)
    {
        foreach ((string part, int count) in new[] { ("train", 6), ("t10k", 3) })
        {
            Write($"{part}-images{separator}idx3-ubyte", Idx([count, 28, 28], i => (byte)(i / 784 * 10 + i % 7)),
                packed);
            Write($"{part}-labels{separator}idx1-ubyte", Idx([count], i => (byte)(i * 3 % 10)), packed);
        }
    }

    void Write(string name, byte[] data, bool packed)
    {
        using Stream stream = packed ? new GZipStream(File.Create(In($"{name}.gz")), CompressionLevel.Fastest)
            : File.Create(In(name));
        stream.Write(data);
    }

    [TestMethod]
    [DataRow("-", false)]
    [DataRow("-", true)]
    [DataRow(".", false)]
    public void Mnist_is_read_packed_or_not(string separator, bool packed)
    {
        WriteMnist(separator, packed);
        foreach (bool fashion in new[] { false, true })
        {
            var ((x, y), (testX, testY)) = fashion ? Datasets.FashionMnist(_folder) : Datasets.Mnist(_folder);
            AssertShape(x, 6, 28, 28);
            AssertShape(testX, 3, 28, 28);
            CollectionAssert.AreEqual(new float[] { 0, 3, 6, 9, 2, 5 }, y.ToArray());
            CollectionAssert.AreEqual(new float[] { 0, 3, 6 }, testY.ToArray());
            Assert.AreEqual(52, x[5, 0, 9]);
        }
        Assert.AreEqual("Ankle boot", Datasets.FashionMnistNames[9]);
    }

    [TestMethod]
    public void Mnist_is_read_of_Keras_own_file()
    {
        using (var stream = File.Create(In("mnist.npz")))
        {
            Saving.Npz.Write(
                stream, [new("x_train", new NDArray(2, 28, 28)), new("y_train", new float[] { 7, 1 }),
                    new("x_test", new NDArray(1, 28, 28)), new("y_test", new float[] { 9 })]);
        }
        var ((x, y), (_, testY)) = Datasets.Mnist(In("mnist.npz"));
        AssertShape(x, 2, 28, 28);
        Assert.AreEqual((7f, 9f), (y.Span[0], testY.Span[0]));
    }

    [TestMethod]
    public void Damaged_files_of_Mnist_say_what_was_expected_and_what_came()
    {
        void Refused(string file, byte[] data, string message, bool packed = false)
        {
            WriteMnist();
            if (packed) File.Delete(In(file));
            Write(file, data, packed);
            string said = Assert.ThrowsExactly<InvalidDataException>(() => Datasets.Mnist(_folder)).Message;
            StringAssert.Contains(said, file);
            StringAssert.Contains(said, message);
            if (packed) File.Delete(In($"{file}.gz"));
        }
        byte[] images = Idx([6, 28, 28], _ => 1), labels = Idx([60], i => (byte)(i % 10));
        Refused("train-images-idx3-ubyte", images[..^1], "expected");
        Refused("train-images-idx3-ubyte", images[..10], "a header, 16 bytes, are expected; the file ends after 10");
        Refused("train-images-idx3-ubyte", [.. images, 0], "goes on behind");
        Refused("train-images-idx3-ubyte", labels, "begins with 00 00 08 03; found 00000801");
        // What a header says is not believed before the file is as large.
        Refused("train-images-idx3-ubyte", [0, 0, 8, 3, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 28, 0, 0, 0, 28],
            "more than the file can hold");
        Refused("train-images-idx3-ubyte", [0, 0, 8, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 28, 0, 0, 0, 28],
            "more than the file can hold");
        Refused("train-labels-idx1-ubyte", Idx([5], _ => 1), "6 labels are expected");
        Refused("train-labels-idx1-ubyte", Idx([6], _ => 10), "labels from 0 to 9 are expected; found 10");
        Refused("t10k-images-idx3-ubyte", Idx([3, 28, 28], _ => 1)[..^5], "the file ends after", packed: true);
        WriteMnist(packed: true);
        File.Delete(In("t10k-images-idx3-ubyte"));
        byte[] gz = File.ReadAllBytes(In("t10k-images-idx3-ubyte.gz"));
        File.WriteAllBytes(In("t10k-images-idx3-ubyte.gz"), gz[..(gz.Length / 2)]);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Datasets.Mnist(_folder)).Message,
            "t10k-images-idx3-ubyte.gz");
        File.Delete(In("t10k-images-idx3-ubyte.gz"));
        StringAssert.Contains(Assert.ThrowsExactly<FileNotFoundException>(() => Datasets.Mnist(_folder)).Message,
            "t10k-images-idx3-ubyte");
    }

    /// <summary>A record's labels, then its red, green and blue plane: every value says where it is.</summary>
    static byte[] Cifar(int count, Func<int, byte[]> labels) => [.. Enumerable.Range(0, count).SelectMany(r =>
        labels(r).Concat(Enumerable.Range(0, 3 * 1024).Select(i => (byte)(r + i / 1024 * 100 + i % 1024 % 50))))];

    static byte[] Tar(params (string Name, byte[] Data)[] files)
    {
        var made = new MemoryStream();
        using (var packing = new GZipStream(made, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(packing))
        {
            foreach ((string name, byte[] data) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"cifar/{name}")
                { DataStream = new MemoryStream(data) });
        }
        return made.ToArray();
    }

    static (string, byte[])[] Cifar10Files() =>
        [.. Enumerable.Range(1, 5).Select(b => ($"data_batch_{b}.bin", Cifar(2, r => [(byte)((b * 2 + r) % 10)]))),
            ("test_batch.bin", Cifar(1, _ => [9]))];

    [TestMethod]
    [DataRow("folder")]
    [DataRow("inner")]
    [DataRow("archive")]
    [DataRow("path")]
    public void Cifar10_is_read_of_files_and_archives(string kind)
    {
        if (kind is "archive" or "path")
            File.WriteAllBytes(In("cifar-10-binary.tar.gz"), Tar([("readme.html", [1, 2]), .. Cifar10Files()]));
        string inner = kind == "inner" ? Directory.CreateDirectory(In("cifar-10-batches-bin")).FullName : _folder;
        if (kind is "folder" or "inner")
            foreach ((string name, byte[] data) in Cifar10Files()) File.WriteAllBytes(Path.Combine(inner, name), data);
        var ((x, y), (testX, testY)) = Datasets.Cifar10(kind == "path" ? In("cifar-10-binary.tar.gz") : _folder);
        AssertShape(x, 10, 32, 32, 3);
        AssertShape(y, 10, 1);
        AssertShape(testX, 1, 32, 32, 3);
        CollectionAssert.AreEqual(new float[] { 2, 3, 4, 5, 6, 7, 8, 9, 0, 1 }, y.ToArray());
        Assert.AreEqual(9, testY.Span[0]);
        // Row 1, column 20 is value 52 of each plane.
        Assert.AreEqual((1 + 2f, 101 + 2f, 201 + 2f), (x[1, 1, 20, 0], x[1, 1, 20, 1], x[1, 1, 20, 2]));
        Assert.AreEqual("truck", Datasets.Cifar10Names[9]);
    }

    [TestMethod]
    public void Cifar100_has_fine_and_coarse_labels()
    {
        File.WriteAllBytes(In("train.bin"), Cifar(3, r => [(byte)r, (byte)(r + 90)]));
        File.WriteAllBytes(In("test.bin"), Cifar(1, _ => [19, 99]));
        CollectionAssert.AreEqual(new float[] { 90, 91, 92 }, Datasets.Cifar100(_folder).Train.Y.ToArray());
        CollectionAssert.AreEqual(new float[] { 0, 1, 2 },
            Datasets.Cifar100(_folder, labelMode: "coarse").Train.Y.ToArray());
        var (_, (testX, testY)) = Datasets.Cifar100(_folder, "fine");
        AssertShape(testY, 1, 1);
        Assert.AreEqual(100, testX[0, 0, 0, 1]);
        Assert.AreEqual("labelMode", Assert.ThrowsExactly<ArgumentException>(() => Datasets.Cifar100(_folder, "middle"))
            .ParamName);
    }

    [TestMethod]
    public void Damaged_files_of_Cifar_say_what_was_expected_and_what_came()
    {
        void Refused(string name, byte[] data, string message)
        {
            File.WriteAllBytes(In(name), data);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Datasets.Cifar10(In(name))).Message,
                message);
        }
        byte[] whole = Tar(Cifar10Files());
        Refused("a.tar.gz", whole[..(whole.Length / 2)], "a.tar.gz");
        Refused("b.tar.gz", Tar(Cifar10Files()[..3]), "data_batch_4.bin, data_batch_5.bin, test_batch.bin is expected");
        Refused("c.tar.gz", Encoding.ASCII.GetBytes(new string('x', 2000)), "c.tar.gz");
        Refused("d.tar.gz", Tar([.. Cifar10Files()[..5], ("test_batch.bin", new byte[3074])]),
            "whole records of 3073 bytes are expected; found 3074 bytes");
        Refused("e.tar.gz", Tar([.. Cifar10Files()[..5], ("test_batch.bin", Cifar(2, r => [(byte)(r * 10)]))]),
            "record 1 has 10");
        Refused("f.tar.gz", Tar([.. Cifar10Files()[..5], ("test_batch.bin", [])]), "test_batch.bin is expected");
        Assert.ThrowsExactly<FileNotFoundException>(() => Datasets.Cifar10(In("nowhere")));
    }

    // What Keras' file holds, in the orders that RandomState(113) gives: 9, 3, 6, 1, 0, 7, 4, 8, 2, 5 and then 1, 3, 0,
    // 2.
    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Imdb_comes_in_Keras_order_whatever_the_protocol_of_the_pickle(int protocol)
    {
        var ((x, y), (testX, testY)) = Datasets.Imdb(Golden(protocol));
        Assert.AreEqual(
            "1,13,95 1,7,35 1,10,65 1,5,15,70004 1,4,5 1,11,75,70010 1,8,45,70007 1,12,85,70011,4 1,6,25,70005,4 "
            + "1,9,55,70008,4", string.Join(' ', x.Select(r => string.Join(',', r))));
        CollectionAssert.AreEqual(new float[] { 1, 1, 0, 1, 0, 1, 0, 0, 0, 1 }, y.ToArray());
        Assert.AreEqual("1,8,304 1,8,306 1,8,303 1,8,305", string.Join(' ', testX.Select(r => string.Join(',', r))));
        CollectionAssert.AreEqual(new float[] { 0, 1, 1, 0 }, testY.ToArray());
    }

    [TestMethod]
    public void Imdb_takes_Keras_arguments()
    {
        string file = Golden(3);
        string First(params int[][] reviews) => string.Join(' ', reviews[..3].Select(r => string.Join(',', r)));
        Assert.AreEqual("1,2,2 1,7,2 1,10,2", First(Datasets.Imdb(file, numWords: 12).Train.X));
        Assert.AreEqual("2,13,95 2,7,35 2,10,65", First(Datasets.Imdb(file, skipTop: 2).Train.X));
        Assert.AreEqual("9,13,99 9,99,35 9,10,65",
            First(Datasets.Imdb(file, numWords: 70, skipTop: 9, startChar: 9, oovChar: 99).Train.X));
        Assert.AreEqual("1 1,7 1,10", First(Datasets.Imdb(file, numWords: 12, oovChar: null).Train.X));
        Assert.AreEqual("10,92 4,32 7,62", First(Datasets.Imdb(file, startChar: null, indexFrom: 0).Train.X));
        Assert.AreEqual("13,95 7,35 10,65", First(Datasets.Imdb(file, startChar: null).Train.X));
        // Shorter than that, with the start, as in Keras; each part keeps its own reviews.
        var ((x, y), (testX, _)) = Datasets.Imdb(file, maxlen: 4);
        Assert.AreEqual((4, 4), (x.Length, y.Size));
        Assert.AreEqual("1,13,95 1,7,35 1,10,65", First(x));
        Assert.AreEqual(4, testX.Length);
        Assert.AreEqual("maxlen", Assert.ThrowsExactly<ArgumentException>(() => Datasets.Imdb(file, maxlen: 3))
            .ParamName);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Datasets.Imdb(file, numWords: -1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Datasets.Imdb(file, skipTop: -1));
        Assert.ThrowsExactly<FileNotFoundException>(() => Datasets.Imdb(_folder));
        CollectionAssert.AreNotEqual(Datasets.Imdb(file, seed: 1).Train.Y.ToArray(),
            Datasets.Imdb(file).Train.Y.ToArray());
    }

    [TestMethod]
    public void NumPys_orders_are_those_that_it_is_known_for()
    {
        CollectionAssert.AreEqual(new[] { 2, 8, 4, 9, 1, 6, 7, 3, 0, 5 }, new MersenneTwister(0).Permutation(10));
        CollectionAssert.AreEqual(new[] { 8, 1, 5, 0, 7, 2, 9, 4, 3, 6 }, new MersenneTwister(42).Permutation(10));
        // The ten thousandth number, by which the C++ standard knows the generator.
        var random = new MersenneTwister(5489);
        for (int i = 0; i < 9999; i++) random.Next();
        Assert.AreEqual(4123659995, random.Next());
        Assert.AreEqual(0, new MersenneTwister(1).Permutation(0).Length);
    }

    [TestMethod]
    public void A_pickle_that_calls_anything_is_refused_and_nothing_is_called()
    {
        foreach ((string pickle, string message) in new[]
        {
            ("cos\nsystem\n(U\u0004truetR.", "os.system"), ("cbuiltins\neval\n.", "builtins.eval"),
                ("cnumpy.core.multiarray\nscalar\n.", "scalar"),
            ("P0\n.", "operation 50"), ("].", "no array of objects"), ("K", "cut off"), ("", "cut off"),
                ("R.", "cut off"), ("h\u0009.", "cut off"), ("r\u0001\0\0\0.", "remembers"),
            ("X\u00FF\u00FF\u00FF\u007F.", "cut off"), ("X\u00FF\u00FF\u00FF\u00FF.", "cut off"),
                ("K\u0001a.", "cut off"), ("NK\u0001a.", "cut off"), ("N)R.", "cut off"), ("NN\u0093.", "cut off"),
                (")b.", "cut off"),
        })
        {
            InvalidDataException wrong = Assert.ThrowsExactly<InvalidDataException>(
                () => PickledArray.Read(Encoding.Latin1.GetBytes(pickle), "it"), pickle);
            StringAssert.Contains(wrong.Message, message, pickle);
        }
    }

    [TestMethod]
    public void Damaged_files_of_Imdb_are_read_or_refused_as_documented()
    {
        byte[] whole = File.ReadAllBytes(Golden(2));
        byte[] pickle;
        using (ZipArchive zip = ZipFile.OpenRead(Golden(4)))
        using (Stream entry = zip.GetEntry("x_train.npy")!.Open())
        {
            var all = new MemoryStream();
            entry.CopyTo(all);
            pickle = all.ToArray()[128..];
        }
        var random = new Random(1);
        for (int i = 0; i < 3000; i++)
        {
            // Zip files know when they are damaged; pickles do not.
            bool ofZip = i % 10 == 0;
            byte[] damaged = [.. ofZip ? whole : pickle];
            for (int k = random.Next(1, 4); k > 0; k--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) damaged = damaged[..random.Next(damaged.Length)];
            try
            {
                if (ofZip) File.WriteAllBytes(In("imdb.npz"), damaged);
                _ = ofZip ? Datasets.Imdb(_folder).Train.X : PickledArray.Read(damaged, "it");
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException)
            {
            }
        }
        void Refused(string message, params (string Name, NDArray Array)[] arrays)
        {
            using (FileStream stream = File.Create(In("imdb.npz")))
                Saving.Npz.Write(stream, [.. arrays.Select(a => KeyValuePair.Create(a.Name, a.Array))]);
            string said = Assert.ThrowsExactly<InvalidDataException>(() => Datasets.Imdb(_folder)).Message;
            StringAssert.Contains(said, message);
            StringAssert.Contains(said, "imdb.npz");
        }
        Refused("x_train.npy is expected in it; found other.npy", ("other", 1f));
        Refused("an array of lists is expected", ("x_train", new float[2]), ("y_train", new float[2]));
    }

    [TestMethod]
    public void The_word_index_is_read()
    {
        File.WriteAllText(In("imdb_word_index.json"), "{\"the\": 1, \"and\": 2, \"d'été\": 88584}");
        IReadOnlyDictionary<string, int> words = Datasets.ImdbWordIndex(_folder);
        Assert.AreEqual((3, 1, 88584), (words.Count, words["the"], words["d'été"]));
        foreach (string wrong in new[] { "[1]", "{\"a\": \"b\"}", "{\"a\": 1.5}", "{", "" })
        {
            File.WriteAllText(In("imdb_word_index.json"), wrong);
            StringAssert.Contains(
                Assert.ThrowsExactly<InvalidDataException>(() => Datasets.ImdbWordIndex(In("imdb_word_index.json")))
                .Message, "imdb_word_index.json", wrong);
        }
        Assert.ThrowsExactly<FileNotFoundException>(() => Datasets.ImdbWordIndex(In("nowhere.json")));
    }
}
