using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Keras' files of layers with low-rank adapters, and files of which some layers do not fit.</summary>
[TestClass]
public sealed class AdaptedFileTests
{
    static readonly string s_recorded = Path.Combine(AppContext.BaseDirectory, "Golden", "keras-3");

    readonly string _folder = Directory.CreateTempSubdirectory("adapted").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    static NDArray Recorded(string name)
    {
        JsonElement array = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_recorded, "lora.json"))).RootElement
            .GetProperty(name);
        return new([.. array.GetProperty("data").EnumerateArray().Select(v => (float)v.GetDouble())],
            [.. array.GetProperty("shape").EnumerateArray().Select(v => v.GetInt32())]);
    }

    static void Close(NDArray actual, NDArray expected)
    {
        for (int i = 0; i < expected.Size; i++) Assert.AreEqual(expected.Span[i], actual.Span[i], 1e-4f);
    }

    static Variable[] Factors(Sequential model) => [.. model.Weights.Where(w => w.Name.Contains("/lora_",
        StringComparison.Ordinal))];

    [TestMethod]
    public void A_file_of_Keras_holds_the_sum_and_its_factors_are_read_as_0()
    {
        using Sequential model = Sequential.Load(Path.Combine(s_recorded, "lora.keras"));
        Close(model.Predict(Recorded("x")), Recorded("predictions"));
        Assert.HasCount(6, Factors(model));
        foreach (Variable factor in Factors(model))
        {
            Assert.IsTrue(factor.GetValue().ToArray().All(v => v == 0), factor.Name);
            factor.SetValue(new([.. Enumerable.Repeat(1f, factor.Size)], factor.GetValue().Shape.ToArray()));
        }
        model.LoadWeights(Path.Combine(s_recorded, "lora.weights.h5"));
        Close(model.Predict(Recorded("x")), Recorded("predictions"));
        foreach (Variable factor in Factors(model)) Assert.IsTrue(factor.GetValue().ToArray().All(v => v == 0));
    }

    [TestMethod]
    public void A_file_of_Keras_fits_a_model_without_adapters()
    {
        string json = Sequential.Load(Path.Combine(s_recorded, "lora.keras")).ToJson();
        json = System.Text.RegularExpressions.Regex.Replace(json, ",\"lora_[a-z]+\":[0-9]+", "");
        using Sequential model = Sequential.FromJson(json);
        Assert.IsEmpty(Factors(model));
        model.LoadWeights(Path.Combine(s_recorded, "lora.weights.h5"));
        Close(model.Predict(Recorded("x")), Recorded("predictions"));
    }

    static Sequential Adapted()
    {
        K.SetRandomSeed(3);
        var model = new Sequential([new Embedding(5, 4, loraRank: 2, inputShape: [3], name: "e"),
            new Conv1D(3, 2, name: "c"), new Flatten(), new Dense(2, name: "d")]);
        ((Conv1D)model.Layers[1]).EnableLora(2, loraAlpha: 6, bInitializer: "ones");
        ((Dense)model.Layers[3]).EnableLora(1, bInitializer: "ones");
        return model;
    }

    [TestMethod]
    public void Written_files_of_Keras_3_hold_the_sum()
    {
        using Sequential model = Adapted();
        NDArray x = new float[,] { { 0, 1, 2 }, { 4, 3, 3 } }, y = new float[,] { { 1, 2 }, { 3, 4 } };
        model.Compile(new Adam(0.1), "mse");
        model.Fit(x, y, epochs: 3, verbose: 0);
        NDArray expected = model.Predict(x);
        string file = Path.Combine(_folder, "m.keras"), weights = Path.Combine(_folder, "m.weights.h5");
        model.Save(file);
        model.SaveWeights(weights);
        using Sequential again = Sequential.Load(file);
        Close(again.Predict(x), expected);
        Assert.IsTrue(Factors(again).All(f => f.GetValue().ToArray().All(v => v == 0)));
        Assert.AreEqual(3, again.Optimizer!.Iterations);
        using Sequential other = Adapted();
        other.LoadWeights(weights);
        Close(other.Predict(x), expected);
    }

    [TestMethod]
    public void Files_of_Keras_2_keep_the_factors()
    {
        using Sequential model = Adapted();
        NDArray x = new float[,] { { 0, 1, 2 }, { 4, 3, 3 } };
        string file = Path.Combine(_folder, "m.h5");
        model.Save(file);
        using Sequential again = Sequential.Load(file);
        foreach ((Variable own, Variable read) in model.Weights.Zip(again.Weights))
        {
            Assert.AreEqual(own.Name, read.Name);
            CollectionAssert.AreEqual(own.GetValue().ToArray(), read.GetValue().ToArray(), own.Name);
        }
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), again.Predict(x).ToArray());
    }

    [TestMethod]
    [DataRow("w.h5")]
    [DataRow("w.weights.h5")]
    [DataRow("m.keras")]
    public void Layers_that_do_not_fit_are_skipped(string name)
    {
        static Sequential Model(int units, bool bias = true) => new([new Dense(4, inputShape: [2], name: "a"),
            new Dense(units, useBias: bias, name: "b"), new Dense(2, useBias: false, name: "c")]);
        string file = Path.Combine(_folder, name);
        using Sequential saved = Model(3), wider = Model(5), plain = Model(3, bias: false);
        if (name == "m.keras") saved.Save(file);
        else saved.SaveWeights(file);
        foreach (Sequential model in new[] { wider, plain })
        {
            float[] before = model.Layers[1].GetWeights()[0].ToArray();
            using StringWriter said = new();
            TextWriter error = Console.Error;
            Console.SetError(said);
            try
            {
                Assert.IsInstanceOfType<Exception>(Throws(() => model.LoadWeights(file), mayPass: model == plain));
                model.SetWeights([.. model.GetWeights().Select((w, i) => i == 2 ? new NDArray(before,
                    w.Shape.ToArray()) : new NDArray(w.Shape.ToArray()))]);
                model.LoadWeights(file, skipMismatch: true);
            }
            finally
            {
                Console.SetError(error);
            }
            CollectionAssert.AreEqual(before, model.Layers[1].GetWeights()[0].ToArray());
            CollectionAssert.AreEqual(saved.Layers[0].GetWeights()[0].ToArray(),
                model.Layers[0].GetWeights()[0].ToArray());
            Assert.Contains(model == wider ? "The weights of layer b are not loaded: it has 2 of shapes (4, 5), (5,)"
                : "The weights of layer b are not loaded: it has one of shape (4, 3)", said.ToString());
            Assert.Contains("has 2 of shapes (4, 3), (3,).", said.ToString());
            Assert.AreEqual(model == wider, said.ToString().Contains("layer c", StringComparison.Ordinal));
        }
    }

    /// <summary>Extra variables of a layer are an error in some formats only.</summary>
    static Exception Throws(Action action, bool mayPass)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            return e;
        }
        Assert.IsTrue(mayPass);
        return new ArgumentException("none");
    }
}
