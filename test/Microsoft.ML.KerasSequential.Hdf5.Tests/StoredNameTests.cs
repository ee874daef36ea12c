using Microsoft.ML.KerasSequential.Layers;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Weights are matched by their stored names, whatever was frozen when they were written or is when they are
/// read.</summary>
[TestClass]
public sealed class StoredNameTests
{
    static readonly Dictionary<string, Func<bool, string, Sequential>> s_nests = new()
    {
        ["model in a model"] = (frozen, stem) =>
            new([
                new Sequential([new Dense(3, inputShape: [3], name: $"{stem}1", trainable: !frozen),
                    new Dense(3, name: $"{stem}2")], "inner")]),
        ["models two deep"] = (frozen, stem) => new([new Sequential([
            new Sequential([new Dense(3, inputShape: [3], name: $"{stem}1"),
                new Dense(3, name: $"{stem}2", trainable: !frozen)], "deep"), new Dense(3, name: $"{stem}3")],
                "inner")]),
        ["averages"] = (frozen, stem) => new([new Sequential([
            new Dense(3, inputShape: [3], name: $"{stem}1", trainable: !frozen), new BatchNormalization(name: "bn"),
            new Dense(3, name: $"{stem}2")], "inner")]),
        ["branches"] = (frozen, stem) =>
            new([
                new Branches([new Dense(3, name: $"{stem}1", trainable: !frozen), new Dense(3, name: $"{stem}2")],
                    "add", inputShape: [3])]),
        ["residual"] = (frozen, stem) =>
            new([
                new Residual([new Dense(3, name: $"{stem}1", trainable: !frozen), new Dense(3, name: $"{stem}2")],
                    inputShape: [3])]),
        ["steps"] = (frozen, stem) => new([new Reshape([1, 3], inputShape: [3]),
            new TimeDistributed(
                new Sequential([new Dense(3, inputShape: [3], name: $"{stem}1", trainable: !frozen),
                    new Dense(3, name: $"{stem}2")], "inner"), name: "td"), new Flatten()]),
    };

    static IEnumerable<object[]> Cases =>
        s_nests.Keys.SelectMany(n =>
            new[] { ".h5", ".weights.h5", ".safetensors", ".npz" }.Select(e => new object[] { n, e }));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Frozen_layers_inside_others_keep_their_own_weights(string nest, string extension)
    {
        NDArray x = new float[,] { { 1, -2, 3 }, { 0.5f, 4, -1 } };
        string path = Temporary(extension);
        foreach ((bool written, bool read) in new[] { (false, true), (true, false), (true, true), (false, false) })
        {
            using Sequential source = s_nests[nest](written, "dense_"), target = s_nests[nest](read, "dense_");
            source.SaveWeights(path);
            target.LoadWeights(path);
            CollectionAssert.AreEqual(source.Predict(x).ToArray(), target.Predict(x).ToArray(), $"{written}, {read}");
        }
        File.Delete(path);
    }

    [TestMethod]
    [DynamicData(nameof(Nests))]
    public void Other_numbers_of_the_same_layers_do_not_matter(string nest)
    {
        NDArray x = new float[,] { { 1, -2, 3 } };
        string path = Temporary(".h5");
        foreach ((bool written, bool read) in new[] { (false, true), (true, false) })
        {
            using Sequential source = s_nests[nest](written, "dense_1"), target = s_nests[nest](read, "dense_");
            source.SaveWeights(path);
            target.LoadWeights(path);
            CollectionAssert.AreEqual(source.Predict(x).ToArray(), target.Predict(x).ToArray(), $"{written}, {read}");
        }
        File.Delete(path);
    }

    static IEnumerable<object[]> Nests => s_nests.Keys.Select(n => new object[] { n });

    [TestMethod]
    public void Names_that_contradict_each_other_are_both_named()
    {
        static Sequential Make(string first, string second, bool frozen = false) =>
            new([
                new Sequential([new Dense(3, inputShape: [3], name: first, trainable: !frozen),
                    new Dense(3, name: second)], "inner")]);
        string path = Temporary(".h5");
        using Sequential source = Make("a", "b"), other = Make("a", "c"), renamed = Make("u", "v");
        source.SaveWeights(path);
        float[] before = other.GetWeights()[0].ToArray();
        string message = Assert.ThrowsExactly<ArgumentException>(() => other.LoadWeights(path)).Message;
        Assert.Contains("c/kernel", message);
        Assert.Contains("b/kernel", message);
        CollectionAssert.AreEqual(before, other.GetWeights()[0].ToArray());
        // Names without anything in common come from another program, or were changed on purpose: the order counts, as
        // in Keras.
        renamed.LoadWeights(path);
        CollectionAssert.AreEqual(source.GetWeights()[2].ToArray(), renamed.GetWeights()[2].ToArray());
        File.Delete(path);
    }

    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public void Recurrent_layers_read_the_weights_of_cuDNN_layers_and_vice_versa(bool gru, bool nested)
    {
        RNN Plain() => gru ? new GRU(2, resetAfter: true, biasInitializer: "random_uniform", returnSequences: true)
            : new LSTM(2, biasInitializer: "random_uniform", returnSequences: true);
        RNN OfCuDnn() => gru ? new CuDNNGRU(2, biasInitializer: "random_uniform", returnSequences: true)
            : new CuDNNLSTM(2, biasInitializer: "random_uniform", returnSequences: true);
        Sequential Model(RNN rnn) => nested
            ? new([new Sequential([new Bidirectional(rnn, inputShape: [6, 5], name: "both")], "inner"),
                new TimeDistributed(new Dense(2, name: "last"), name: "td")])
            : new([new InputLayer([6, 5]), rnn]);
        var x = new NDArray(4, 6, 5);
        var random = new Random(5);
        foreach (ref float v in x.Span) v = random.NextSingle();
        string path = Temporary(".h5");
        foreach ((Func<RNN> from, Func<RNN> to) in new (Func<RNN>, Func<RNN>)[] { (Plain, OfCuDnn), (OfCuDnn, Plain),
            (OfCuDnn, OfCuDnn), (Plain, Plain) })
        {
            using Sequential source = Model(from()), target = Model(to());
            source.SaveWeights(path);
            target.LoadWeights(path);
            float[] expected = source.Predict(x).ToArray(), actual = target.Predict(x).ToArray();
            for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-5);
        }
        if (gru)
        {
            using Sequential source = Model(OfCuDnn()), before = Model(new GRU(2, returnSequences: true));
            source.SaveWeights(path);
            Assert.Contains("CuDNNGRU",
                Assert.ThrowsExactly<ArgumentException>(() => before.LoadWeights(path)).Message);
        }
        File.Delete(path);
    }

    /// <summary>Keras' own arithmetic for a kernel with two inputs and two units per gate: rows and columns as cuDNN
    /// reads them.</summary>
    [TestMethod]
    public void Kernels_of_cuDNN_layers_have_the_Keras_layout_in_a_file()
    {
        string path = Temporary(".h5");
        using var model = new Sequential([new CuDNNGRU(2, inputShape: [4, 3], name: "rnn")]);
        var kernel = new NDArray(3, 6);
        for (int i = 0; i < kernel.Size; i++) kernel.Span[i] = i;
        model.SetWeights([kernel, model.GetWeights()[1], model.GetWeights()[2]]);
        model.SaveWeights(path);
        using (PureHDF.VOL.Native.NativeFile file = H5File.OpenRead(path))
        {
            // The first gate's kernel is ((0, 1), (6, 7), (12, 13)); cuDNN reads its values by columns.
            float[] stored = file.Dataset("/rnn/rnn/kernel:0").Read<float[]>();
            CollectionAssert.AreEqual(new float[] { 0, 6, 12, 1, 7, 13 },
                new[] { stored[0], stored[1], stored[6], stored[7], stored[12], stored[13] });
        }
        File.Delete(path);
    }

    static string Temporary(string extension) => Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension);
}
