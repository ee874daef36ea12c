using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models that take text, in files that ONNX Runtime runs on text.</summary>
[TestClass]
public sealed class TextInputTests
{
    static readonly string[] s_vocabulary = ["good", "film", "a", "Ärger", "ärger", "x"];

    static readonly string[] s_texts = ["good", "a good film", "", "GOOD x", "  ", "a\tfilm\nx", "Ärger ärger ÄRGER",
        "unknown", "a a a film film", " x ", "\r\na good\t\tfilm \n\n x\fa\vfilm\n"];

    static float[] Run(string path, string[] texts, int width = 1)
    {
        using var session = new InferenceSession(path);
        (string name, NodeMetadata input) = session.InputMetadata.Single();
        Assert.AreEqual(typeof(string), input.ElementType);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(name,
            new DenseTensor<string>(texts, [texts.Length / width, width]))]);
        return [.. results.Single().AsEnumerable<float>()];
    }

    static void Check(Sequential model, int opset, Func<Sequential, NDArray>? expected = null, int width = 1,
        bool? textInput = true)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            model.ToOnnx(path, new() { Opset = opset, TextInput = textInput });
            float[] wanted = (expected?.Invoke(model) ?? model.Predict(s_texts)).ToArray();
            float[] got = Run(path, width == 1 ? s_texts : s_texts[..10], width);
            if (expected is null && textInput == true)
                CollectionAssert.AreEqual(model.Predict(["", "  "]).ToArray(), Run(path, ["", "  "]));
            CollectionAssert.AreEqual(wanted, got, $"{string.Join(", ", wanted)} / {string.Join(", ", got)}");
            using Sequential again = Sequential.FromOnnx(path);
            CollectionAssert.AreEqual(wanted, (expected?.Invoke(again) ?? again.Predict(s_texts)).ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    static Sequential Built(TextLayer layer, params Layer[] more)
    {
        var model = new Sequential([layer, .. more]);
        model.Predict(s_texts);
        return model;
    }

    [TestMethod]
    [DataRow("int", null)]
    [DataRow("int", "x")]
    [DataRow("one_hot", null)]
    [DataRow("multi_hot", "x")]
    [DataRow("count", "")]
    public void StringLookup_reads_text_at_every_opset(string mode, string? mask)
    {
        string[] vocabulary = [.. s_vocabulary.Where(v => v != mask)];
        foreach (int opset in new[] { OnnxOptions.MinOpset, 17, OnnxOptions.MaxOpset })
        {
            using Sequential model =
                Built(new StringLookup(vocabulary: vocabulary, outputMode: mode, maskToken: mask));
            Check(model, opset);
            Check(model, opset, textInput: null);
        }
    }

    [TestMethod]
    public void StringLookup_reads_several_texts()
    {
        var layer = new StringLookup(vocabulary: s_vocabulary, outputMode: "multi_hot");
        using var model = new Sequential([layer, new Dense(2)]);
        model.Build([null, 2]);
        NDArray Expected(Sequential m) => m.Predict(((StringLookup)m.Layers[0]).Call(s_texts[..10].Chunk(2).ToArray()));
        Check(model, 17, Expected, width: 2);
    }

    [TestMethod]
    [DataRow(null, null, "int", 1)]
    [DataRow(null, null, "int", 3)]
    [DataRow("lower", null, "multi_hot", null)]
    [DataRow(null, null, "count", null)]
    public void TextVectorization_of_whole_texts_reads_text_at_every_opset(string? standardize, string? split,
        string mode, int? length)
    {
        foreach (int opset in new[] { OnnxOptions.MinOpset, 17, OnnxOptions.MaxOpset })
        {
            using Sequential model = Built(new TextVectorization(standardize: standardize, split: split,
                outputMode: mode, outputSequenceLength: length, vocabulary: s_vocabulary));
            Check(model, opset);
        }
    }

    [TestMethod]
    [DataRow(null, "int", 4)]
    [DataRow(null, "int", 2)]
    [DataRow(null, "int", null)]
    [DataRow("lower", "int", 4)]
    [DataRow("lower", "multi_hot", null)]
    [DataRow(null, "count", null)]
    public void TextVectorization_splits_text_from_opset_20_on(string? standardize, string mode, int? length)
    {
        using Sequential model = Built(new TextVectorization(standardize: standardize, outputMode: mode,
            outputSequenceLength: length, vocabulary: s_vocabulary));
        Check(model, 20);
        Check(model, 21, textInput: null);
    }

    [TestMethod]
    public void What_ONNX_cannot_do_with_text_is_named_and_the_graph_of_numbers_remains()
    {
        foreach ((TextLayer layer, string why) in new (TextLayer, string)[]
        {
            (new TextVectorization(outputSequenceLength: 4, vocabulary: s_vocabulary), "removes punctuation"),
            (new TextVectorization(standardize: null, outputSequenceLength: 4, vocabulary: s_vocabulary), "opset 20"),
            (new TextVectorization(standardize: null, split: "character", outputSequenceLength: 4,
                vocabulary: s_vocabulary), "split: \"character\""),
            (new TextVectorization(standardize: null, split: null, ngrams: 2, outputSequenceLength: 4,
                vocabulary: s_vocabulary), "ngrams"),
            (new StringLookup(numOovIndices: 2, vocabulary: s_vocabulary), "hash"),
            (new Hashing(4), "hash"),
        })
        {
            using Sequential model = Built(layer);
            string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
            try
            {
                string message = Assert.ThrowsExactly<NotSupportedException>(
                    () => model.ToOnnx(path, new() { TextInput = true })).Message;
                StringAssert.Contains(message, why);
                StringAssert.Contains(message, "starts at the numbers");
                model.ToOnnx(path);
                using var session = new InferenceSession(path);
                Assert.AreEqual(typeof(float), session.InputMetadata.Single().Value.ElementType);
            }
            finally
            {
                File.Delete(path);
            }
        }
        using var numbers = new Sequential([new Dense(1, inputShape: [2])]);
        Assert.ThrowsExactly<ArgumentException>(() => numbers.ToOnnx(new MemoryStream(), new() { TextInput = true }));
    }

    sealed class Meal
    {
        public string City { get; set; } = "";

        public string Food { get; set; } = "";

        public bool Label { get; set; }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void A_pipeline_of_text_columns_runs_on_text(bool byMLNet)
    {
        var ml = new MLContext(seed: 1);
        string[] cities = ["Oslo", "Rome", "Ulm"];
        Meal[] rows = [.. Enumerable.Range(0, 30).Select(i => new Meal { City = cities[i % 3],
            Food = i % 2 == 0 ? "fish" : "pasta", Label = i % 3 == 1 || i % 2 == 0 })];
        IDataView data = ml.Data.LoadFromEnumerable(rows);
        foreach (string[] columns in new string[][] { ["City"], ["City", "Food"] })
        {
            ITransformer model = ml.BinaryClassification.Trainers.KerasSequential(
                [new StringLookup(outputMode: "multi_hot"), new Dense(1, "sigmoid")],
                new() { FeatureColumnNames = columns, Epochs = 3 }).Fit(data);
            string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
            try
            {
                if (byMLNet)
                    using (FileStream stream = File.Create(path))
                        ml.Model.ConvertToOnnx(model, data, stream, "Probability");
                else ml.Model.SaveAsOnnx(model, data, path, "Probability");
                using var session = new InferenceSession(path);
                NamedOnnxValue[] inputs = [.. columns.Select(c => NamedOnnxValue.CreateFromTensor(c,
                    new DenseTensor<string>(rows.Select(r => c == "City" ? r.City : r.Food).ToArray(),
                        [rows.Length, 1])))];
                using var results = session.Run(inputs);
                float[] got = [.. results.Single().AsEnumerable<float>()];
                float[] wanted = [.. model.Transform(data).GetColumn<float>("Probability")];
                for (int i = 0; i < wanted.Length; i++) Assert.AreEqual(wanted[i], got[i], 1e-5f);
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    [TestMethod]
    public void A_pipeline_that_splits_texts_says_why_it_cannot_be_exported()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.LoadFromEnumerable<Meal>([new() { City = "a b", Label = true }, new() { City = "c" }]);
        ITransformer model = ml.BinaryClassification.Trainers.KerasSequential(
            [new TextVectorization(outputMode: "multi_hot"), new Dense(1, "sigmoid")],
            new() { FeatureColumnName = "City" }).Fit(data);
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(
            () => ml.Model.SaveAsOnnx(model, data, new MemoryStream())).Message, "removes punctuation");
    }
}
