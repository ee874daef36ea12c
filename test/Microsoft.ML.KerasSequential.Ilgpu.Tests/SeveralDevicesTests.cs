using Microsoft.ML.KerasSequential.Ilgpu;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A batch that several devices share gives the results of one device.</summary>
[TestClass]
public sealed class SeveralDevicesTests
{
    static readonly Lazy<IlgpuDevice[]> s_devices =
        new(() => [.. Enumerable.Range(0, 3).Select(_ => Emulator.Create())]);

    [TestMethod]
    [DataRow(2, 20, 1e-4)]
    [DataRow(3, 20, 1e-4)]
    // One device has nothing to do; batch normalization over two samples amplifies small differences.
    [DataRow(3, 2, 1e-3)]
    public void Training_gives_the_same_weights(int devices, int batchSize, double tolerance)
    {
        (NDArray x, NDArray y) = AgreementTests.Classes(47, 12, 3);
        float[] one = Train(Device.Cpu), several = Train(Device.Several([.. s_devices.Value.Take(devices)])),
            again = Train(Device.Several([.. s_devices.Value.Take(devices)]));
        GoldenCase.AssertClose(several, one, 1e-3, tolerance, "weights and predictions");
        CollectionAssert.AreEqual(several, again);

        float[] Train(Device on)
        {
            using Sequential model = AgreementTests.Network(on);
            History history = model.Fit(x, y, batchSize: batchSize, epochs: 2, verbose: 0, validationSplit: 0.2);
            return [.. model.GetWeights().SelectMany(w => w.ToArray()), .. model.Predict(x).ToArray(),
                .. history["val_accuracy"].Select(v => (float)v), .. history["loss"].Select(v => (float)v)];
        }
    }

    [TestMethod]
    public void All_devices_stop_at_an_index_out_of_range_before_they_write()
    {
        NDArray bad = new float[,] { { 1, 2 }, { 3, 4 }, { 1, 1 }, { 1, 5 } },
            good = new float[,] { { 1, 2 }, { 3, 4 }, { 1, 1 }, { 0, 2 } },
            y = new float[,] { { 1 }, { 0 }, { 1 }, { 0 } };
        using Sequential model = Make(), twin = Make();
        foreach (Sequential each in new[] { model, twin }) each.TrainOnBatch(good, y);
        string message = Assert.ThrowsExactly<ArgumentException>(() => model.TrainOnBatch(bad, y)).Message;
        Assert.Contains("layer words takes integers from 0 to 4, but got 5", message);
        for (int i = 0; i < 2; i++) Assert.AreEqual(twin.TrainOnBatch(good, y)[0], model.TrainOnBatch(good, y)[0]);
        foreach ((NDArray e, NDArray a) in twin.GetWeights().Zip(model.GetWeights()))
            CollectionAssert.AreEqual(e.ToArray(), a.ToArray());

        static Sequential Make()
        {
            K.SetRandomSeed(3);
            var made = new Sequential { Seed = 4, Device = Device.Several([.. s_devices.Value.Take(2)]) };
            made.Add(new Dense(2, kernelInitializer: "identity", useBias: false, trainable: false, inputShape: [2]));
            made.Add(new Embedding(5, 3, inputLength: 2, name: "words"));
            made.Add(new Flatten());
            made.Add(new Dense(1));
            made.Compile("adam", "mse", metrics: ["mae"]);
            return made;
        }
    }

    [TestMethod]
    public void Convolutions_and_recurrent_layers_are_split_too()
    {
        var random = new Random(2);
        var x = new NDArray(13, 6, 5, 2);
        var y = new NDArray(13, 1);
        foreach (ref float v in x.Span) v = (float)random.NextDouble();
        foreach (ref float v in y.Span) v = (float)random.NextDouble();
        float[] Train(Device on)
        {
            K.SetRandomSeed(3);
            using var model = new Sequential { Seed = 4, Device = on };
            model.Add(new Conv2D(4, (2, 2), activation: "relu", inputShape: [6, 5, 2]));
            model.Add(new MaxPooling2D((2, 2)));
            model.Add(new Reshape([2, 8]));
            model.Add(new LSTM(5, dropout: 0.2));
            model.Add(new Dense(1));
            model.Compile("rmsprop", "mse", metrics: ["mae"]);
            model.Fit(x, y, batchSize: 5, epochs: 3, verbose: 0);
            return [.. model.GetWeights().SelectMany(w => w.ToArray())];
        }
        GoldenCase.AssertClose(Train(Device.Several([.. s_devices.Value.Take(2)])), Train(Device.Cpu), 1e-3, 1e-4,
            "weights");
    }

    [TestMethod]
    public void Operations_over_several_samples_run_on_the_first_device()
    {
        var lines = new List<string>();
        Action<string>? log = Device.Log;
        try
        {
            Device.Log = lines.Add;
            using var model = new Sequential([new Lambda(t => K.Reverse(t, 0), inputShape: [3])])
            { Device = Device.Several([.. s_devices.Value.Take(2)]) };
            CollectionAssert.AreEqual(new float[] { 4, 5, 6, 1, 2, 3 },
                model.Predict(new NDArray([1f, 2, 3, 4, 5, 6], 2, 3)).ToArray());
        }
        finally
        {
            Device.Log = log;
        }
        Assert.IsTrue(lines.Any(l => l.Contains("cannot be divided", StringComparison.Ordinal)),
            string.Join("; ", lines));
    }

    [TestMethod]
    public void Invalid_lists_of_devices_are_rejected()
    {
        Assert.ThrowsExactly<ArgumentNullException>(() => Device.Several(null!));
        Assert.ThrowsExactly<ArgumentException>(() => Device.Several());
        Assert.ThrowsExactly<ArgumentException>(() => Device.Several(Device.Cpu, Device.Cpu));
        Assert.ThrowsExactly<ArgumentException>(() => Device.Several(Device.Cpu, s_devices.Value[0]));
        Assert.ThrowsExactly<ArgumentException>(() => Device.Several(s_devices.Value[0], Device.Cpu));
        Assert.AreEqual(Device.Cpu, Device.Several(Device.Cpu));
    }
}
