using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models with vocabularies in Keras files.</summary>
[TestClass]
public sealed class TextFileTests
{
    static readonly string[] s_texts = ["good day", "a bad day", "good good"];

    [TestMethod]
    [DataRow("int", ".keras")]
    [DataRow("count", ".keras")]
    [DataRow("tf_idf", ".keras")]
    [DataRow("tf_idf", ".h5")]
    public void A_model_of_texts_is_read_back(string mode, string extension) => InFile(extension, path =>
    {
        using Sequential model = Model(mode);
        model.Save(path);
        using Sequential loaded = Sequential.Load(path);
        CollectionAssert.AreEqual(model.Predict(s_texts).ToArray(), loaded.Predict(s_texts).ToArray());
    });

    [TestMethod]
    [DataRow("int")]
    [DataRow("tf_idf")]
    public void A_vocabulary_that_Keras_learned_is_read_from_its_file(string mode) => InFile(".keras", path =>
    {
        using Sequential model = Model(mode);
        model.Save(path);
        // Keras' configuration contains only what was given to the constructor.
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Update))
        {
            JsonNode config;
            using (Stream old = zip.GetEntry("config.json")!.Open()) config = JsonNode.Parse(old)!;
            JsonArray layers = config["config"]!["layers"]!.AsArray();
            Assert.AreEqual("string", layers[0]!["config"]!["dtype"]!.ToString());
            Assert.AreEqual("[null,1]", layers[0]!["config"]!["batch_shape"]!.ToJsonString());
            layers[1]!["config"]!["vocabulary"] = null;
            layers[1]!["config"]!["idf_weights"] = null;
            zip.GetEntry("config.json")!.Delete();
            using (var writer = new StreamWriter(zip.CreateEntry("config.json").Open()))
                writer.Write(config.ToJsonString());
            using var vocabulary = new StreamWriter(
                zip.CreateEntry("assets/layers/text_vectorization/vocabulary.txt").Open());
            vocabulary.Write(string.Join('\n', ((TextVectorization)model.Layers[0]).GetVocabulary()));
        }
        using Sequential loaded = Sequential.Load(path);
        CollectionAssert.AreEqual(((TextVectorization)model.Layers[0]).GetVocabulary().ToArray(),
            ((TextVectorization)loaded.Layers[0]).GetVocabulary().ToArray());
        float[] expected = model.Predict(s_texts).ToArray(), actual = loaded.Predict(s_texts).ToArray();
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-6f);
    });

    [TestMethod]
    public void Statistics_and_ranges_are_read_back() => InFile(".keras", path =>
    {
        var normalization = new Normalization();
        normalization.Adapt(new float[,] { { 1, 2 }, { 3, 6 } });
        using var model = new Sequential([normalization, new Discretization([0, 1])]);
        NDArray x = new float[,] { { 1, 2 }, { 5, 9 } };
        model.Predict(x);
        model.Save(path);
        using Sequential loaded = Sequential.Load(path);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), loaded.Predict(x).ToArray());
        CollectionAssert.AreEqual(new float[] { 2, 4 }, loaded.GetWeights()[0].ToArray());
    });

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
        model.Add(new Dense(1));
        model.Predict(s_texts);
        return model;
    }

    static void InFile(string extension, Action<string> test)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + extension);
        try
        {
            test(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
