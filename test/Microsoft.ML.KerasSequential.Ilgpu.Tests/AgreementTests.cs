using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The device and the CPU: the same model, the same seed, the same results.</summary>
[TestClass]
public sealed class AgreementTests
{
    [TestMethod]
    public void Five_epochs_give_the_same_weights_predictions_and_history()
    {
        (NDArray x, NDArray y) = Classes(90, 12, 3);
        (float[] Weights, float[] Predictions, double[] Losses) processor = Train(Device.Cpu),
            device = Train(Device.Default);
        Assert.AreNotEqual(Device.Cpu, Device.Default);
        GoldenCase.AssertClose(device.Weights, processor.Weights, 1e-3, 1e-4, "weights");
        GoldenCase.AssertClose(device.Predictions, processor.Predictions, 1e-3, 1e-4, "predictions");
        for (int i = 0; i < processor.Losses.Length; i++)
            Assert.AreEqual(processor.Losses[i], device.Losses[i], 1e-3 * Math.Abs(processor.Losses[i]), $"epoch {i}");

        (float[], float[], double[]) Train(Device on)
        {
            using Sequential model = Network(on);
            History history = model.Fit(x, y, batchSize: 32, epochs: 5, verbose: 0, validationSplit: 0.2);
            return ([.. model.GetWeights().SelectMany(w => w.ToArray())], model.Predict(x).ToArray(),
                [.. history["loss"], .. history["val_loss"]]);
        }
    }

    [TestMethod]
    public void A_forward_pass_agrees_to_the_fifth_digit()
    {
        K.SetRandomSeed(4);
        using var model = new Sequential(
        [
            new Conv2D(6, (3, 3), activation: "elu", padding: "same", inputShape: [9, 8, 3]), new BatchNormalization(),
                new MaxPooling2D((2, 2)), new Flatten(),
            new Dense(20, activation: "tanh"), new Dense(5, activation: "softmax"),
        ])
        { Device = Device.Cpu };
        var x = new NDArray(7, 9, 8, 3);
        var random = new Random(3);
        foreach (ref float v in x.Span) v = (float)random.NextDouble() * 2 - 1;
        float[] expected = model.Predict(x).ToArray();
        model.Device = Device.Default;
        GoldenCase.AssertClose(model.Predict(x).ToArray(), expected, 1e-5, 1e-6, "prediction");
    }

    [TestMethod]
    public void Integers_of_8_bits_give_the_same_sums()
    {
        K.SetRandomSeed(6);
        using var model = new Sequential([new Embedding(11, 6, inputLength: 5), new Dense(7, activation: "relu"),
            new EinsumDense("abc,dc->abd", [5, 3]), new Flatten(), new Dense(2)])
        { Device = Device.Cpu };
        model.Quantize();
        NDArray x = new([.. Enumerable.Range(0, 15).Select(i => (float)(i * 7 % 11))], 3, 5);
        float[] expected = model.Predict(x).ToArray();
        model.Device = Device.Default;
        GoldenCase.AssertClose(model.Predict(x).ToArray(), expected, 1e-6, 1e-7, "prediction");
    }

    [TestMethod]
    [DataRow(0.3f)]
    [DataRow(0.5f)]
    [DataRow(0.999f)]
    public void Dropout_masks_are_equal_bit_for_bit(float rate)
    {
        var mask = new Tensor(new DropoutMask(new(7, 131), 12345, rate));
        CollectionAssert.AreEqual(Run(Device.Cpu), Run(Device.Default));

        float[] Run(Device device)
        {
            using Microsoft.ML.KerasSequential.Runtime.Executable executable =
                device.Compile(new Graph([], [mask], []));
            executable.Runs = 41;
            executable.Prepare(1);
            float[] values = new float[7 * 131];
            executable.Run();
            executable.Run();
            executable.Read(0, values);
            return values;
        }
    }

    [TestMethod]
    public void Normal_random_numbers_agree()
    {
        var numbers = new Tensor(new RandomNormal(new(5000), 99));
        float[] Run(Device device)
        {
            using Microsoft.ML.KerasSequential.Runtime.Executable executable =
                device.Compile(new Graph([], [numbers], []));
            executable.Prepare(1);
            executable.Run();
            float[] values = new float[5000];
            executable.Read(0, values);
            return values;
        }
        GoldenCase.AssertClose(Run(Device.Default), Run(Device.Cpu), 1e-5, 1e-6, "normal");
    }

    [TestMethod]
    public void A_model_moves_between_devices_and_keeps_its_state()
    {
        (NDArray x, NDArray y) = Classes(60, 12, 3);
        using Sequential steady = Network(Device.Cpu), moving = Network(Device.Default);
        steady.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0);
        steady.Fit(x, y, batchSize: 20, epochs: 3, initialEpoch: 1, verbose: 0);
        steady.Fit(x, y, batchSize: 20, epochs: 4, initialEpoch: 3, verbose: 0);
        moving.Fit(x, y, batchSize: 20, epochs: 1, verbose: 0);
        moving.Device = Device.Cpu;
        moving.Fit(x, y, batchSize: 20, epochs: 3, initialEpoch: 1, verbose: 0);
        moving.Device = Device.Default;
        moving.Fit(x, y, batchSize: 20, epochs: 4, initialEpoch: 3, verbose: 0);
        GoldenCase.AssertClose([.. moving.GetWeights().SelectMany(w => w.ToArray())],
            [.. steady.GetWeights().SelectMany(w => w.ToArray())], 1e-3, 1e-4, "weights");
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_bits()
    {
        (NDArray x, NDArray y) = Classes(60, 12, 3);
        float[] Train()
        {
            using Sequential model = Network(Device.Default);
            model.Fit(x, y, batchSize: 17, epochs: 2, verbose: 0);
            return [.. model.GetWeights().SelectMany(w => w.ToArray())];
        }
        CollectionAssert.AreEqual(Train(), Train());
    }

    [TestMethod]
    public void The_bar_shows_the_mean_of_all_steps_although_it_reads_few()
    {
        (NDArray x, NDArray y) = Classes(60, 12, 3);
        using Sequential model = Network(Device.Default);
        TextWriter console = Console.Out;
        using var printed = new StringWriter();
        History history;
        try
        {
            Console.SetOut(printed);
            history = model.Fit(x, y, batchSize: 10, epochs: 2, verbose: 1);
        }
        finally
        {
            Console.SetOut(console);
        }
        Assert.Contains("60/60", printed.ToString());
        Assert.Contains(history["loss"][1].ToString("0.0000", System.Globalization.CultureInfo.InvariantCulture),
            printed.ToString());
    }

    [TestMethod]
    public void Batches_that_arrive_one_by_one_train_like_arrays()
    {
        (NDArray x, NDArray y) = Classes(64, 12, 3);
        using Sequential whole = Network(Device.Default), fed = Network(Device.Default);
        whole.Fit(x, y, batchSize: 16, epochs: 2, shuffle: false, verbose: 0);
        fed.Fit(Enumerable.Range(0, 8).Select(i => new Batch(x.Slice(i % 4 * 16, 16), y.Slice(i % 4 * 16, 16))),
            stepsPerEpoch: 4, epochs: 2, verbose: 0);
        CollectionAssert.AreEqual(whole.GetWeights().SelectMany(w => w.ToArray()).ToArray(),
            fed.GetWeights().SelectMany(w => w.ToArray()).ToArray());
    }

    internal static Sequential Network(Device device)
    {
        K.SetRandomSeed(11);
        var model = new Sequential { Seed = 12, Device = device };
        model.Add(new Dense(16, activation: "relu", kernelRegularizer: "l2", inputShape: [12]));
        model.Add(new Dropout(0.2));
        model.Add(new BatchNormalization());
        model.Add(new Dense(3, activation: "softmax"));
        model.Compile(new Adam(), "sparse_categorical_crossentropy", metrics: ["accuracy"]);
        return model;
    }

    /// <summary>Clouds around one center per class.</summary>
    internal static (NDArray X, NDArray Y) Classes(int count, int features, int classes)
    {
        var random = new Random(5);
        var x = new NDArray(count, features);
        var y = new NDArray(count);
        for (int i = 0; i < count; i++)
        {
            y.Span[i] = i % classes;
            for (int k = 0; k < features; k++)
                x.Span[i * features + k] = (float)(random.NextDouble() - 0.5 + (k % classes == i % classes ? 0.7 : 0));
        }
        return (x, y);
    }
}
