using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The requirements of Keras' own tests of saving, pickling and configurations.</summary>
[TestClass]
public sealed class SavingSuite
{
    static readonly string s_file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}");

    [ClassCleanup]
    public static void Clean()
    {
        foreach (string extension in new[] { ".zip", ".npz", ".safetensors" }) File.Delete(s_file + extension);
    }

    [TestMethod]
    public void A_model_is_saved_to_memory_and_continues_training_identically()
    {
        NDArray x = RecurrentTests.Values(4, 3), y = RecurrentTests.Values(4, 3, 3);
        using var model =
            new Sequential([new Dense(2, inputShape: [3]), new RepeatVector(3), new TimeDistributed(new Dense(3))]);
        model.Compile(new RMSprop(0.0001), "mse", metrics: ["categorical_accuracy"], sampleWeightMode: "temporal");
        model.TrainOnBatch(x, y);
        using var stream = new MemoryStream();
        // Data before the model stays.
        stream.Write([1, 2, 3]);
        model.Save(stream);
        Assert.IsTrue(stream.CanRead);
        stream.Position = 3;
        using Sequential loaded = Sequential.Load(stream);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), loaded.Predict(x).ToArray());
        CollectionAssert.AreEqual(model.MetricsNames.ToArray(), loaded.MetricsNames.ToArray());
        foreach (Sequential one in new[] { model, loaded })
            one.TrainOnBatch(x, y, sampleWeight: RecurrentTests.Values(4, 3));
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), loaded.Predict(x).ToArray());
    }

    [TestMethod]
    public void A_stream_and_a_file_have_the_same_content_and_invalid_streams_are_rejected()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3]), new Dense(3)]);
        using var uncompiled = new MemoryStream();
        model.Save(uncompiled);
        uncompiled.Position = 0;
        using (Sequential loaded = Sequential.Load(uncompiled)) Assert.IsNull(loaded.Optimizer);
        model.Compile("sgd", "mse", metrics: ["acc"]);
        using (FileStream file = File.Create($"{s_file}.zip")) model.Save(file);
        using (Sequential loaded = Sequential.Load($"{s_file}.zip"))
            CollectionAssert.AreEqual(model.GetWeights()[0].ToArray(), loaded.GetWeights()[0].ToArray());
        model.Save($"{s_file}.zip", includeOptimizer: false);
        using (FileStream file = File.OpenRead($"{s_file}.zip"))
        using (Sequential loaded = Sequential.Load(file)) Assert.IsNull(loaded.Optimizer);

        Assert.AreEqual("extension",
            Assert.ThrowsExactly<ArgumentException>(() => model.Save(new MemoryStream(), ".docx")).ParamName);
        Assert.AreEqual(
            "stream", Assert.ThrowsExactly<ArgumentException>(() => model.Save(new MemoryStream([], writable: false)))
            .ParamName);
        Assert.Contains("The stream",
            Assert.ThrowsExactly<InvalidDataException>(() => Sequential.Load(new MemoryStream([1, 2, 3]))).Message);
        Assert.ThrowsExactly<InvalidDataException>(() => Sequential.Load(new MemoryStream()));
        using var unnamed = new Sequential([new Lambda(v => v, inputShape: [2])]);
        using var untouched = new MemoryStream();
        Assert.ThrowsExactly<InvalidOperationException>(() => unnamed.Save(untouched));
        Assert.AreEqual(0, untouched.Length);
    }

    [TestMethod]
    public void Saving_again_overwrites_only_if_allowed()
    {
        using var model = new Sequential([new Dense(2, inputShape: [3])]);
        model.Compile(new RMSprop(0.01), "mse");
        for (int i = 0; i < 3; i++)
        {
            model.TrainOnBatch(RecurrentTests.Values(1, 3), RecurrentTests.Values(1, 2));
            model.Save($"{s_file}.zip");
        }
        float[] saved = model.GetWeights()[0].ToArray();
        model.SetWeights([.. model.GetWeights().Select(w => new NDArray(w.Shape.ToArray()))]);
        Assert.ThrowsExactly<IOException>(() => model.Save($"{s_file}.zip", overwrite: false));
        using Sequential loaded = Sequential.Load($"{s_file}.zip");
        CollectionAssert.AreEqual(saved, loaded.GetWeights()[0].ToArray());
    }

    [TestMethod]
    [DataRow(".safetensors")]
    [DataRow(".npz")]
    public void Weights_of_a_different_shape_are_accepted_only_on_request(string extension)
    {
        using var model = new Sequential(
            [new Conv2D(2, 1, inputShape: [1, 1, 1], name: "a"), new Flatten(), new Dense(3, name: "b")]);
        using var other =
            new Sequential([new Conv2D(2, 1, inputShape: [1, 1, 1], name: "a"), new Conv2D(3, 1, name: "b")]);
        RandomModels.Randomize(model, new Random(3));
        model.SaveWeights(s_file + extension);
        foreach (bool byName in new[] { false, true })
        {
            using Sequential reader = Sequential.FromJson(other.ToJson());
            Assert.ThrowsExactly<ArgumentException>(() => reader.LoadWeights(s_file + extension, byName));
            reader.LoadWeights(s_file + extension, byName, reshape: true);
            for (int i = 0; i < 4; i++)
                CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), reader.GetWeights()[i].ToArray());
            CollectionAssert.AreEqual(new[] { 1, 1, 2, 3 }, reader.GetWeights()[2].Shape.ToArray());
        }
        using var larger =
            new Sequential([new Conv2D(2, 1, inputShape: [1, 1, 1], name: "a"), new Conv2D(4, 1, name: "b")]);
        Assert.ThrowsExactly<ArgumentException>(
            () => larger.LoadWeights(s_file + extension, byName: true, reshape: true));
    }

    [TestMethod]
    public void An_activation_of_the_backend_is_saved_by_its_name()
    {
        using var model = new Sequential([new Dense(3, activation: (Func<Tensor, Tensor>)K.Cos, inputShape: [3])]);
        model.Compile(new RMSprop(0.0001), "mse");
        NDArray x = RecurrentTests.Values(2, 3);
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        using (new CustomObjectScope(new() { ["Cos"] = (Func<Tensor, Tensor>)K.Cos }))
        using (Sequential loaded = Sequential.Load(stream))
            CollectionAssert.AreEqual(model.Predict(x).ToArray(), loaded.Predict(x).ToArray());
    }

    [TestMethod]
    public void Many_given_values_of_an_initializer_are_restored_from_a_file()
    {
        var random = new Random(1);
        NDArray vectors = new([.. Enumerable.Range(0, 900_000).Select(_ => random.NextSingle())], 9000, 100);
        using var model = new Sequential(
            [new Embedding(9000, 100, embeddingsInitializer: new Initializers.Constant(vectors), inputLength: 1)]);
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        using Sequential loaded = Sequential.Load(stream);
        CollectionAssert.AreEqual(vectors.ToArray(), loaded.GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void A_nested_model_contributes_its_updates_and_losses()
    {
        NDArray ones = new([.. Enumerable.Repeat(1f, 15)], 3, 5);
        using var inner = new Sequential(
            [new Dense(5, activityRegularizer: "l1", inputShape: [5]), new BatchNormalization(), new Dense(5)]);
        using var outer = new Sequential([inner]);
        foreach (Sequential model in new[] { inner, outer })
        {
            Assert.HasCount(2, model.Updates);
            Assert.HasCount(1, model.Losses);
            model.Compile("sgd", "categorical_crossentropy");
            Assert.HasCount(1, model.Fit(ones, ones, verbose: 0)["loss"]);
        }
        using var summed = new Sequential(
            [new Dense(2, kernelInitializer: "ones", useBias: false,
                activityRegularizer: Regularizers.Regularizer.FromFunction(v => K.Sum(v)), inputShape: [2])]);
        using var around = new Sequential([summed]);
        around.Compile("sgd", loss: null);
        Assert.AreEqual(4, around.Evaluate(new NDArray([1, 1], 1, 2), verbose: 0)["loss"]);
    }

    [TestMethod]
    public void Layers_declare_whether_they_pass_masks_and_others_are_rejected()
    {
        Assert.IsTrue(new Dense(1).SupportsMasking);
        Assert.IsFalse(new Conv2D(1, 2).SupportsMasking);
        Assert.Throws<Exception>(() => new Sequential([new Masking(inputShape: [3, 1]), new Conv1D(1, 2)]));
    }
}
