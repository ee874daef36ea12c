using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models that take text.</summary>
[TestClass]
public sealed class TextModelTests
{
    static readonly string[] s_texts = ["Good film!", "a good, good day", "Bad film", "what a bad bad day", "good",
        "so bad"];
    static readonly float[] s_labels = [1, 1, 0, 0, 1, 0];

    [TestMethod]
    [DataRow("int")]
    [DataRow("count")]
    [DataRow("tf_idf")]
    public void A_model_trains_and_predicts_on_texts(string mode)
    {
        using Sequential model = Model(mode);
        History history = model.Fit(s_texts, s_labels, epochs: 60, verbose: 0,
            validationData: (s_texts[..2], s_labels[..2]));
        Assert.IsTrue(history["loss"][^1] < 0.5 * history["loss"][0]);
        Assert.HasCount(60, history["val_loss"]);
        NDArray p = model.Predict(["a good film", "bad"]);
        Assert.IsTrue(p.Span[0] > 0.5 && p.Span[1] < 0.5);
        Assert.IsTrue(model.Evaluate(s_texts, s_labels, verbose: 0).Loss < 0.5);
        Assert.AreEqual(model.TestOnBatch(s_texts, s_labels).Loss, model.Evaluate(s_texts, s_labels, verbose: 0).Loss,
            1e-6);
        CollectionAssert.AreEqual(p.ToArray(), model.PredictOnBatch(["a good film", "bad"]).ToArray());
        Assert.IsTrue(double.IsFinite(model.TrainOnBatch(s_texts, s_labels).Loss));
        // The numbers of the layer are as good as the texts.
        NDArray numbers = ((TextLayer)model.Layers[0]).Call(s_texts);
        CollectionAssert.AreEqual(model.Predict(s_texts).ToArray(), model.Predict(numbers).ToArray());
        CollectionAssert.AreEqual(new[] { 0, 1 }, model.Predict(Array.Empty<string>()).Shape.ToArray());
        Assert.IsTrue(double.IsFinite(
            model.Fit(s_texts.ToList(), s_labels, validationSplit: 0.5, verbose: 0)["val_loss"][0]));
        Assert.IsTrue(double.IsFinite(model.Fit(numbers, s_labels, verbose: 0,
            validationData: new ValidationData(s_texts, s_labels, new float[] { 1, 1, 1, 1, 1, 2 }))["val_loss"][0]));
    }

    [TestMethod]
    [DataRow("int")]
    [DataRow("tf_idf")]
    public void A_saved_model_keeps_its_vocabulary(string mode)
    {
        string folder = Directory.CreateTempSubdirectory("texts").FullName;
        try
        {
            using Sequential model = Model(mode);
            model.Fit(s_texts, s_labels, epochs: 3, verbose: 0);
            string path = Path.Combine(folder, "model.zip");
            model.Save(path);
            using Sequential loaded = Sequential.Load(path);
            CollectionAssert.AreEqual(model.Predict(s_texts).ToArray(), loaded.Predict(s_texts).ToArray());
            CollectionAssert.AreEqual(((TextVectorization)model.Layers[0]).GetVocabulary().ToArray(),
                ((TextVectorization)loaded.Layers[0]).GetVocabulary().ToArray());
            using Sequential copy = Sequential.FromJson(model.ToJson());
            copy.SetWeights(model.GetWeights());
            CollectionAssert.AreEqual(model.Predict(s_texts).ToArray(), copy.Predict(s_texts).ToArray());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void A_configuration_of_Keras_with_an_input_of_text_is_read()
    {
        const string Json = """
            {"module": "keras", "class_name": "Sequential", "config": {"name": "s", "trainable": true, "dtype":
              {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null},
              "layers": [
                {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 1],
                  "dtype": "string", "sparse": false, "ragged": false, "name": "texts"}, "registered_name": null},
                {"module": "keras.layers", "class_name": "TextVectorization", "config": {"name": "tv",
                  "trainable": true, "dtype": {"module": "keras", "class_name": "DTypePolicy", "config":
                  {"name": "float32"}, "registered_name": null}, "max_tokens": 10, "standardize":
                  "lower_and_strip_punctuation", "split": "whitespace", "ngrams": 2, "output_mode": "multi_hot",
                  "output_sequence_length": null, "pad_to_max_tokens": true, "sparse": false, "ragged": false,
                  "vocabulary": ["good", "bad", "good day"], "idf_weights": null, "encoding": "utf-8",
                  "vocabulary_size": 4}, "registered_name": null, "build_config": {"input_shape": [null, 1]}},
                {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "units": 1,
                  "activation": "linear", "use_bias": false, "kernel_initializer": {"module": "keras.initializers",
                  "class_name": "Ones", "config": {}, "registered_name": null}}, "registered_name": null}],
              "build_input_shape": [null, 1]}, "registered_name": null}
            """;
        using Sequential model = Sequential.FromJson(Json);
        CollectionAssert.AreEqual(new[] { "[UNK]", "good", "bad", "good day" },
            ((TextVectorization)model.Layers[0]).GetVocabulary().ToArray());
        CollectionAssert.AreEqual(new float[] { 3, 1 }, model.Predict(["A good, good day!", "bad"]).ToArray());
        using Sequential again = Sequential.FromJson(model.ToJson());
        Assert.AreEqual(model.ToJson(), again.ToJson());
    }

    [TestMethod]
    public void Texts_for_a_model_of_numbers_and_numbers_for_a_model_of_texts_are_errors()
    {
        using var numeric = new Sequential([new Dense(1, inputShape: [2])]);
        Assert.Contains("takes numbers",
            Assert.ThrowsExactly<ArgumentException>(() => numeric.Predict(["a", "b"])).Message);
        using Sequential model = Model("count");
        model.Predict(s_texts);
        foreach (float[,] wrong in new[] { new float[,] { { 0.5f, 1 } }, new float[,] { { 1, 1000 } } })
        {
            string message = Assert.ThrowsExactly<ArgumentException>(() => model.Predict(wrong)).Message;
            Assert.Contains("takes text", message);
            Assert.Contains("text_vectorization", message);
        }
        Assert.ThrowsExactly<ArgumentException>(() => model.Predict(["a", null!]));
        Assert.Contains("first layer",
            Assert.ThrowsExactly<ArgumentException>(() => model.Add(new Hashing(2))).Message);
        Assert.Contains("no vocabulary", Assert.ThrowsExactly<InvalidOperationException>(
            () => new Sequential([new TextVectorization(), new Dense(1)]).Predict(["a"])).Message);
    }

    [TestMethod]
    public void A_model_inside_a_model_takes_the_texts()
    {
        using var model = new Sequential([new Sequential([new StringLookup(vocabulary: ["a", "b"],
            outputMode: "one_hot")]), new Dense(1)]);
        CollectionAssert.AreEqual(new[] { 2, 1 }, model.Predict(["b", "z"]).Shape.ToArray());
    }

    [TestMethod]
    public void A_layer_of_the_user_turns_texts_into_numbers()
    {
        using var model = new Sequential([new Length(), new Dense(1, useBias: false, kernelInitializer: "ones")]);
        CollectionAssert.AreEqual(new float[] { 3, 1 }, model.Predict(["abc", "d"]).ToArray());
        CollectionAssert.AreEqual(new float[] { 0.5f }, model.Predict(new float[] { 0.5f }).ToArray());
    }

    sealed class Length : TextLayer
    {
        public override NDArray Call(IReadOnlyList<string> texts) =>
            new([.. texts.Select(t => (float)t.Length)], texts.Count, 1);

        public override Tensor Call(Tensor x) => x;
    }

    static Sequential Model(string mode)
    {
        K.SetRandomSeed(3);
        var vectorize = new TextVectorization(outputMode: mode);
        vectorize.Adapt(s_texts);
        var model = new Sequential([vectorize]);
        if (mode == "int")
        {
            model.Add(new Embedding(vectorize.VocabularySize, 4));
            model.Add(new GlobalAveragePooling1D());
        }
        model.Add(new Dense(1, activation: "sigmoid"));
        model.Compile(new Optimizers.Adam(0.05), "binary_crossentropy");
        return model;
    }
}
