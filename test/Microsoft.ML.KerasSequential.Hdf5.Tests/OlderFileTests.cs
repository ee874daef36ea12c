using Microsoft.ML.KerasSequential.Hdf5;
using Microsoft.ML.KerasSequential.Layers;
using PureHDF;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Weights from Keras 1, and from Keras with Theano, are loaded into current layers.</summary>
[TestClass]
public sealed class OlderFileTests
{
    readonly string _folder = Directory.CreateTempSubdirectory("older").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    public static IEnumerable<object[]> Older => s_older.Select(o => new object[] { o.Name });

    /// <summary>Layers with their weights as in Keras 1.</summary>
    static readonly (string Name, Func<Layer> Make, Func<NDArray[], NDArray[]> Older)[] s_older =
    [
        ("LSTM", () => new LSTM(2, inputShape: [3, 5]), w => Split(w, [0, 2, 1, 3])),
        ("GRU", () => new GRU(2, inputShape: [3, 5]), w => Split(w, [0, 1, 2])),
        ("ConvLSTM2D", () => new ConvLSTM2D(2, 3, inputShape: [3, 6, 6, 4]), w => Split(w, [0, 2, 1, 3])),
        ("ConvLSTM2D, channels first",
            () => new ConvLSTM2D(2, 3, dataFormat: "channels_first", inputShape: [3, 4, 6, 6]),
            w => [.. Split(w, [0, 2, 1, 3]).Select(p => p.Rank == 4 ? Transposed(p, 3, 2, 0, 1) : p)]),
        ("Conv1D", () => new Conv1D(4, 3, inputShape: [6, 2]), w => [w[0].Reshape(3, 1, 2, 4), w[1]]),
        ("Conv1D of 1.1", () => new Conv1D(4, 3, inputShape: [6, 2]),
            w => [Transposed(w[0].Reshape(3, 1, 2, 4), 3, 2, 0, 1), w[1]]),
        ("Conv2D", () => new Conv2D(2, 3, inputShape: [5, 5, 3]), w => w),
        ("Conv2D, channels first", () => new Conv2D(3, 3, dataFormat: "channels_first", inputShape: [3, 5, 5]),
            w => [Transposed(w[0], 3, 2, 0, 1), w[1]]),
        ("Conv2DTranspose", () => new Conv2DTranspose(2, 3, inputShape: [5, 5, 3]),
            w => [Transposed(w[0], 0, 1, 3, 2), w[1]]),
        ("Conv2DTranspose, channels first",
            () => new Conv2DTranspose(2, 3, dataFormat: "channels_first", inputShape: [3, 5, 5]),
            w => [Transposed(w[0], 2, 3, 0, 1), w[1]]),
        ("Conv3D, channels first",
            () => new Conv3D(2, (3, 2, 1), dataFormat: "channels_first", inputShape: [3, 5, 5, 5]),
            w => [Transposed(w[0], 4, 3, 0, 1, 2), w[1]]),
        ("Bidirectional", () => new Bidirectional(new LSTM(2), inputShape: [3, 5]),
            w => [.. Split(w[..3], [0, 2, 1, 3]), .. Split(w[3..], [0, 2, 1, 3])]),
        ("TimeDistributed",
            () => new TimeDistributed(new Conv2D(2, 3, dataFormat: "channels_first"), inputShape: [2, 3, 5, 5]),
            w => [Transposed(w[0], 3, 2, 0, 1), w[1]]),
        ("Sequential", () => new Sequential([new LSTM(2, inputShape: [3, 5]), new BatchNormalization(), new Dense(2)]),
            w => [.. Split(w[..3], [0, 2, 1, 3]), .. w[3..]]),
        ("Dense", () => new Dense(2, inputShape: [3]), w => w),
    ];

    [TestMethod]
    [DynamicData(nameof(Older))]
    public void Weights_of_Keras_1_are_loaded_into_current_layers(string name)
    {
        (_, Func<Layer> make, Func<NDArray[], NDArray[]> older) = s_older.Single(o => o.Name == name);
        using Sequential model = new([make()]);
        RandomModels.Randomize(model, new Random(4));
        NDArray[] own = [.. model.GetWeights()];
        NDArray[] stored = older(own);
        foreach (string? version in new[] { null, "1", "1.2.2" })
        {
            foreach (bool byName in new[] { false, true })
            {
                using Sequential reader = new([make()]);
                reader.LoadWeights(Written(reader.Layers[0].Name, stored, version, "tensorflow"), byName);
                for (int i = 0; i < own.Length; i++)
                    CollectionAssert.AreEqual(own[i].ToArray(), reader.GetWeights()[i].ToArray(),
                        $"{version}, {byName}, {i}");
            }
        }
    }

    [TestMethod]
    public void Current_recurrent_weights_stay_unchanged()
    {
        foreach (
            Func<Layer> make in new Func<Layer>[] { () => new GRU(2, inputShape: [3, 5]),
                () => new GRU(2, resetAfter: true, inputShape: [3, 5]), () => new LSTM(2, inputShape: [3, 5]) })
        {
            using Sequential model = new([make()]), reader = new([make()]);
            RandomModels.Randomize(model, new Random(4));
            reader.LoadWeights(Written(reader.Layers[0].Name, [.. model.GetWeights()], "2.3.1", "tensorflow"));
            for (int i = 0; i < 3; i++)
                CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), reader.GetWeights()[i].ToArray());
        }
        using Sequential plain = new([new GRU(2, inputShape: [3, 5])]),
            after = new([new GRU(2, resetAfter: true, inputShape: [3, 5])]);
        string file = Written(after.Layers[0].Name, [.. plain.GetWeights()], "2.3.1", "tensorflow");
        Assert.Throws<ArgumentException>(() => after.LoadWeights(file));
        Assert.Throws<ArgumentException>(() =>
            plain.LoadWeights(Written(plain.Layers[0].Name, [.. after.GetWeights()], "2.3.1", "tensorflow")));
    }

    /// <summary>Each convolution kernel is flipped spatially: the first position becomes the last.</summary>
    [TestMethod]
    public void Kernels_written_on_Theano_are_flipped()
    {
        foreach ((Func<Layer> make, int turned) in new (Func<Layer>, int)[]
        {
            (() => new Conv1D(2, 3, inputShape: [6, 2]), 1), (() => new Conv2D(2, (3, 2), inputShape: [6, 6, 2]), 1),
                (() => new Conv3D(2, (3, 2, 1), inputShape: [6, 6, 6, 2]), 1),
            (() => new Conv2DTranspose(2, 3, inputShape: [6, 6, 2]), 1),
                (() => new ConvLSTM2D(2, 3, inputShape: [2, 6, 6, 2]), 2), (() => new Dense(3, inputShape: [2]), 0),
            (() => new SeparableConv2D(2, 3, inputShape: [6, 6, 2]), 0),
                (() => new TimeDistributed(new Conv1D(2, 3), inputShape: [2, 6, 2]), 1),
            (() => new Sequential([new Conv2D(2, 3, inputShape: [6, 6, 2])]), 1),
        })
        {
            using Sequential model = new([make()]);
            RandomModels.Randomize(model, new Random(4));
            NDArray[] own = [.. model.GetWeights()];
            foreach (string backend in new[] { "theano", "tensorflow", "cntk" })
            {
                model.LoadWeights(Written(model.Layers[0].Name, own, "2.3.1", backend));
                for (int i = 0; i < own.Length; i++)
                {
                    float[] expected = backend == "theano" && i < turned ? Turned(own[i]) : own[i].ToArray();
                    CollectionAssert.AreEqual(expected, model.GetWeights()[i].ToArray(),
                        $"{model.Layers[0].Name}, {backend}, {i}");
                }
            }
        }
    }

    /// <summary>A file with one layer in the format of Keras' save_weights.</summary>
    string Written(string layer, NDArray[] weights, string? version, string backend)
    {
        string[] names = [.. weights.Select((_, i) => $"{layer}_W{i}:0")];
        var group = new H5Group();
        group.Attributes["weight_names"] = names;
        for (int i = 0; i < weights.Length; i++) H5.Put(group, names[i], H5.Dataset(weights[i]));
        var file = new H5File { [layer] = group };
        file.Attributes["layer_names"] = new[] { layer };
        file.Attributes["backend"] = backend;
        if (version is not null) file.Attributes["keras_version"] = version;
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.h5");
        file.Write(path);
        return path;
    }

    /// <summary>Kernel, recurrent kernel and bias split into those of the gates, in another order.</summary>
    static NDArray[] Split(NDArray[] weights, int[] order)
    {
        return [.. order.SelectMany(gate => weights.Select(w => Gate(w, gate)))];

        NDArray Gate(NDArray weight, int gate)
        {
            int all = weight.Shape[^1], width = all / order.Length;
            return new([.. weight.ToArray().Where((_, i) => i % all / width == gate)], [.. weight.Shape[..^1], width]);
        }
    }

    static NDArray Transposed(NDArray array, params int[] order) =>
        K.Evaluate(K.PermuteDimensions(K.Constant(array), order));

    static float[] Turned(NDArray kernel)
    {
        int channels = kernel.Shape[^1] * kernel.Shape[^2];
        return [.. kernel.ToArray().Chunk(channels).Reverse().SelectMany(c => c)];
    }
}
