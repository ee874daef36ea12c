using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Utils;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Arrays that stay in a file and are read batch by batch.</summary>
[TestClass]
public sealed class HDF5MatrixTests
{
    const int Rows = 37;

    static readonly float[] s_x = [.. Enumerable.Range(0, Rows * 6).Select(i => MathF.Sin(i))],
        s_y = [.. Enumerable.Range(0, Rows).Select(i => MathF.Cos(i))];

    readonly string _folder = Directory.CreateTempSubdirectory("matrix").FullName;

    string Data => Path.Combine(_folder, "data.h5");

    [TestInitialize]
    public void Write() => new H5File
    {
        ["x"] = new H5Dataset(s_x, fileDims: [Rows, 2, 3]),
        ["chunked"] = new H5Dataset(s_x, fileDims: [Rows, 2, 3], chunks: [5, 2, 3]),
        ["group"] = new H5Group { ["y"] = new H5Dataset(s_y, fileDims: [Rows, 1]) },
        ["bytes"] = new H5Dataset(Enumerable.Range(0, 8).Select(i => (byte)(250 + i % 4)).ToArray(), fileDims: [4, 2]),
        ["signed"] = new H5Dataset(Enumerable.Range(0, 8).Select(i => (sbyte)(-i)).ToArray(), fileDims: [4, 2]),
        ["shorts"] = new H5Dataset(Enumerable.Range(0, 8).Select(i => (short)(-300 * i)).ToArray(), fileDims: [4, 2]),
        ["doubles"] = new H5Dataset(Enumerable.Range(0, 8).Select(i => i / 4.0).ToArray(), fileDims: [4, 2]),
        ["number"] = new H5Dataset(3f),
    }.Write(Data);

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    [DataRow("x")]
    [DataRow("chunked")]
    public void Rows_match_those_of_the_array(string dataset)
    {
        using var all = new HDF5Matrix(Data, dataset);
        using var part = new HDF5Matrix(Data, dataset, start: 10, end: 20,
            normalizer: rows => new NDArray([.. rows.ToArray().Select(v => v * 2)], rows.Shape.ToArray())
            .Reshape(rows.Shape[0], 6));
        CollectionAssert.AreEqual(new[] { Rows, 2, 3 }, all.Shape.ToArray());
        CollectionAssert.AreEqual(s_x, all[..].ToArray());
        CollectionAssert.AreEqual(s_x[(7 * 6)..(12 * 6)], all[7..12].ToArray());
        CollectionAssert.AreEqual(s_x[(3 * 6)..(4 * 6)], all[3].ToArray());
        CollectionAssert.AreEqual(new[] { 2, 3 }, all[^1].Shape.ToArray());
        CollectionAssert.AreEqual(s_x[^6..], all[^1].ToArray());
        CollectionAssert.AreEqual(new[] { 10, 6 }, part.Shape.ToArray());
        CollectionAssert.AreEqual(s_x[(12 * 6)..(14 * 6)].Select(v => v * 2).ToArray(), part[2..4].ToArray());
    }

    [TestMethod]
    public void Rows_are_read_by_index_range_and_list_within_bounds()
    {
        using var x = new HDF5Matrix(Data, "x", end: 20);
        using var narrow = new HDF5Matrix(Data, "x", end: 20,
            normalizer: rows => new NDArray([.. rows.ToArray().Where((_, i) => i % 2 == 0).Select(v => v + 1)],
                rows.Shape[0], 3));
        CollectionAssert.AreEqual(x[..1].ToArray(), x[0].ToArray());
        CollectionAssert.AreEqual(x[..2].ToArray(), x[[0, 1]].ToArray());
        CollectionAssert.AreEqual(new[] { 3, 2, 3 }, x[[7, 2, 7]].Shape.ToArray());
        CollectionAssert.AreEqual((float[])[.. x[7].ToArray(), .. x[2].ToArray(), .. x[7].ToArray()],
            x[[7, 2, 7]].ToArray());
        CollectionAssert.AreEqual(x[..].ToArray(), x[0..].ToArray());
        CollectionAssert.AreEqual(new[] { 20, 3 }, narrow.Shape.ToArray());
        CollectionAssert.AreEqual((float[])[x[4].ToArray()[0] + 1, x[4].ToArray()[2] + 1, x[4].ToArray()[4] + 1],
            narrow[[4]].ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => x[1000]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => x[1000..1001]);
        Assert.AreEqual("rows", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => x[[1000, 1001]]).ParamName);
        Assert.ThrowsExactly<ArgumentNullException>(() => x[(IReadOnlyList<int>)null!]);
    }

    [TestMethod]
    public void Numbers_of_all_types_are_read()
    {
        float[] Read(string dataset)
        {
            using var matrix = new HDF5Matrix(Data, dataset);
            return matrix[1..3].ToArray();
        }
        CollectionAssert.AreEqual(new float[] { 252, 253, 250, 251 }, Read("bytes"));
        CollectionAssert.AreEqual(new float[] { -2, -3, -4, -5 }, Read("signed"));
        CollectionAssert.AreEqual(new float[] { -600, -900, -1200, -1500 }, Read("shorts"));
        CollectionAssert.AreEqual(new float[] { 0.5f, 0.75f, 1, 1.25f }, Read("doubles"));
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.25)]
    public void A_model_trains_on_the_file_as_on_the_array(double validationSplit)
    {
        NDArray x = new(s_x, Rows, 2, 3), y = new(s_y, Rows, 1);
        using var fileX = new HDF5Matrix(Data, "x");
        using var fileY = new HDF5Matrix(Data, "group/y");
        using Sequential expected = Model(), actual = Model(), mixed = Model();
        // The seed is process-wide, and other tests run in parallel.
        foreach (Sequential other in new[] { actual, mixed }) other.SetWeights([.. expected.GetWeights()]);
        History first = expected.Fit(x, y, batchSize: 8, epochs: 3, verbose: 0, shuffle: false,
            validationSplit: validationSplit);
        History second = actual.Fit(fileX, fileY, batchSize: 8, epochs: 3, verbose: 0, shuffle: false,
            validationSplit: validationSplit);
        mixed.Fit(fileX, y, batchSize: 8, epochs: 3, verbose: 0, shuffle: false, validationSplit: validationSplit);
        for (int i = 0; i < expected.Weights.Count; i++)
        {
            CollectionAssert.AreEqual(expected.GetWeights()[i].ToArray(), actual.GetWeights()[i].ToArray());
            CollectionAssert.AreEqual(expected.GetWeights()[i].ToArray(), mixed.GetWeights()[i].ToArray());
        }
        foreach (string name in first.Keys)
            CollectionAssert.AreEqual(first[name].ToArray(), second[name].ToArray(), name);
        CollectionAssert.AreEqual(expected.Predict(x).ToArray(), actual.Predict(fileX, batchSize: 5).ToArray());
        Assert.AreEqual(expected.Evaluate(x, y, verbose: 0)["loss"], actual.Evaluate(fileX, fileY, verbose: 0)["loss"],
            1e-6);
        Assert.AreEqual(expected.Evaluate(x, y, verbose: 0)["loss"], actual.Evaluate(fileX, y, verbose: 0)["loss"],
            1e-6);
    }

    [TestMethod]
    public void Only_one_batch_is_read_at_a_time()
    {
        var sizes = new List<int>();
        using var x = new HDF5Matrix(Data, "chunked", normalizer: rows =>
        {
            lock (sizes) sizes.Add(rows.Shape[0]);
            return rows;
        });
        using var y = new HDF5Matrix(Data, "group/y");
        using Sequential model = Model();
        model.Fit(x, y, batchSize: 8, epochs: 2, verbose: 0, shuffle: "batch", validationData: x.Batches(8, y));
        Assert.AreEqual(8, sizes.Max());
    }

    [TestMethod]
    public void Memory_does_not_grow_with_the_file()
    {
        const int rows = 1 << 16, columns = 256;
        string large = Path.Combine(_folder, "large.h5");
        new H5File { ["x"] = new H5Dataset(new float[rows * columns], fileDims: [rows, columns]) }.Write(large);
        using var x = new HDF5Matrix(large, "x");
        x[..32].ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        x[40_000..40_032].ToArray();
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Incompatible_arguments_are_rejected()
    {
        Assert.ThrowsExactly<FileNotFoundException>(() => new HDF5Matrix(Path.Combine(_folder, "none.h5"), "x"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new HDF5Matrix(Data, "z")).Message,
            "\"z\"");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new HDF5Matrix(Data, "group")).Message,
            "\"group\"");
        Assert.ThrowsExactly<ArgumentException>(() => new HDF5Matrix(Data, "number"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new HDF5Matrix(Data, "x", end: Rows + 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new HDF5Matrix(Data, "x", start: 5, end: 4));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new HDF5Matrix(Data, "x", start: -1));
        File.WriteAllText(Path.Combine(_folder, "text.h5"), "no HDF5");
        Assert.ThrowsExactly<InvalidDataException>(() => new HDF5Matrix(Path.Combine(_folder, "text.h5"), "x"));
        using var x = new HDF5Matrix(Data, "x");
        using var y = new HDF5Matrix(Data, "group/y", end: 5);
        using Sequential model = Model();
        Assert.ThrowsExactly<ArgumentException>(() => model.Fit(x, y, verbose: 0));
        Assert.ThrowsExactly<ArgumentException>(() =>
            model.Fit(x, new NDArray(s_y, Rows, 1), verbose: 0, shuffle: true));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Predict(x, batchSize: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => x[Rows]);
        Assert.ThrowsExactly<InvalidOperationException>(() =>
            new HDF5Matrix(Data, "x", normalizer: rows => new NDArray(3)));
        x.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => x[0]);
        File.Delete(Data);
    }

    static Sequential Model()
    {
        K.SetRandomSeed(3);
        var model = new Sequential([new Flatten(inputShape: [2, 3]), new Dense(4, activation: "tanh"), new Dense(1)]);
        model.Compile("sgd", "mse");
        return model;
    }
}
