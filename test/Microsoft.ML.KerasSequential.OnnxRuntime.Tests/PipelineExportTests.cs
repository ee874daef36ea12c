using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Whole pipelines, written as ONNX and run by ONNX Runtime, give what ML.NET computes.</summary>
[TestClass]
public sealed class PipelineExportTests
{
    const int Rows = 1000;

    sealed class House
    {
        public float Size { get; set; }

        public double Age { get; set; }

        public int Rooms { get; set; }

        public bool Garden { get; set; }

        public string Town { get; set; } = "";

        public string Advert { get; set; } = "";

        [VectorType(4)]
        public float[] Distances { get; set; } = [];

        [VectorType(6, 6, 1)]
        public float[] Photo { get; set; } = [];

        public string Class { get; set; } = "";

        public bool Sold { get; set; }

        public float Price { get; set; }

        public DateTime Built { get; set; }
    }

    static readonly MLContext s_ml = new(seed: 1);

    static readonly string[] s_towns = ["Ulm", "Bonn", "Köln", "Trier"], s_words = ["bright", "old", "quiet", "central", "garden", "view", "cellar", "new"];

    static IDataView Houses(int seed = 1) => s_ml.Data.LoadFromEnumerable(Enumerable.Range(0, Rows).Select(i =>
    {
        var random = new Random(seed * 100_003 + i);
        float size = 30 + 150 * random.NextSingle();
        int town = random.Next(s_towns.Length);
        return new House
        {
            Size = random.Next(10) == 0 ? float.NaN : size,
            Age = 100 * random.NextDouble(),
            Rooms = 1 + random.Next(7),
            Garden = random.Next(2) == 0,
            Town = s_towns[town],
            Advert = string.Join(' ', Enumerable.Range(0, 3 + random.Next(6)).Select(_ => s_words[random.Next(s_words.Length)])),
            Distances = [.. Enumerable.Range(0, 4).Select(_ => random.Next(8) == 0 ? float.NaN : 10 * random.NextSingle())],
            Photo = [.. Enumerable.Range(0, 36).Select(_ => random.NextSingle())],
            Class = size < 70 ? "small" : size < 130 ? "medium" : "large",
            Sold = size > 90 ^ town == 1,
            Price = size / 100 + town,
            Built = new DateTime(1900 + random.Next(120), 1, 1),
        };
    }).ToArray());

    static KerasSequentialOptions Options(string label = "Label") => new() { LabelColumnName = label, Epochs = 3, Optimizer = new Optimizers.Adam(0.01), Seed = 1 };

    /// <summary>ML.NET writes no removal of characters, and no n-grams of characters.</summary>
    static readonly TextFeaturizingEstimator.Options s_exportable = new() { KeepDiacritics = true, KeepPunctuations = true, KeepNumbers = true, CaseMode = TextNormalizingEstimator.CaseMode.None, CharFeatureExtractor = null };

    static Layer[] Classifier => [new Dense(8, activation: "relu"), new Dense(3, activation: "softmax")];

    static Layer[] YesOrNo => [new Dense(8, activation: "tanh"), new BatchNormalization(), new Dense(1, activation: "sigmoid")];

    static Layer[] Regressor => [new Dense(8, activation: "relu"), new Dropout(0.2), new Dense(1)];

    static readonly Dictionary<string, Func<IEstimator<ITransformer>>> s_pipelines = new()
    {
        ["text as n-grams of words"] = () => s_ml.Transforms.Text.TokenizeIntoWords("Words", "Advert")
            .Append(s_ml.Transforms.Conversion.MapValueToKey("Words"))
            .Append(s_ml.Transforms.Text.ProduceNgrams("Features", "Words", ngramLength: 2))
            .Append(s_ml.BinaryClassification.Trainers.KerasSequential(YesOrNo, Options("Sold"))),
        ["text and one-hot"] = () => s_ml.Transforms.Text.FeaturizeText("Text", s_exportable, "Advert")
            .Append(s_ml.Transforms.Categorical.OneHotEncoding("Town"))
            .Append(s_ml.Transforms.Concatenate("Features", "Text", "Town"))
            .Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))),
        ["one-hot, normalizer, key label"] = () => s_ml.Transforms.Conversion.MapValueToKey("Label", "Class")
            .Append(s_ml.Transforms.Categorical.OneHotEncoding("Town"))
            .Append(s_ml.Transforms.ReplaceMissingValues("Size", replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean))
            .Append(s_ml.Transforms.Concatenate("Features", "Size", "Town"))
            .Append(s_ml.Transforms.NormalizeMinMax("Features"))
            .Append(s_ml.MulticlassClassification.Trainers.KerasSequential(Classifier, Options()))
            .Append(s_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel")),
        ["missing values and their places"] = () => s_ml.Transforms.IndicateMissingValues("Lacks", "Distances")
            .Append(s_ml.Transforms.Conversion.ConvertType("Lacks"))
            .Append(s_ml.Transforms.ReplaceMissingValues("Distances"))
            .Append(s_ml.Transforms.NormalizeMeanVariance("Distances"))
            .Append(s_ml.Transforms.Concatenate("Features", "Distances", "Lacks"))
            .Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))),
        ["several columns of several types"] = () => s_ml.Transforms.Conversion.MapValueToKey("Town")
            .Append(s_ml.BinaryClassification.Trainers.KerasSequential(YesOrNo, new() { LabelColumnName = "Sold", FeatureColumnNames = ["Age", "Rooms", "Garden", "Town"], Epochs = 3, Seed = 1 })),
        ["images, scaled, and a column that takes another's name"] = () => s_ml.Transforms.Conversion.MapValueToKey("Label", "Class")
            .Append(s_ml.Transforms.CopyColumns("Score", "Photo"))
            .Append(s_ml.MulticlassClassification.Trainers.KerasSequential(
                [new Conv2D(4, 3, activation: "relu", padding: "same"), new MaxPooling2D(), new Flatten(), new Dense(3)],
                new() { FeatureColumnName = "Score", Loss = new Losses.SparseCategoricalCrossentropy(fromLogits: true), Epochs = 3, Seed = 1 }))
            .Append(s_ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel")),
        ["a chain in a chain, selected columns"] = () => s_ml.Transforms.NormalizeMeanVariance("Distances").Append(s_ml.Transforms.ReplaceMissingValues("Distances"))
            .Append(s_ml.Transforms.CopyColumns("Features", "Distances").Append(s_ml.Transforms.Concatenate("Target", "Distances", "Distances", "Distances"))
                .Append(s_ml.Transforms.KerasSequential([new Reshape([4, 1]), new LSTM(3, returnSequences: true)], new() { LabelColumnName = "Target", OutputColumnName = "Encoded", Epochs = 1, Seed = 1 })))
            .Append(s_ml.Transforms.SelectColumns("Encoded")),
        ["yes or no by two outputs"] = () => s_ml.Transforms.ReplaceMissingValues("Features", "Distances")
            .Append(s_ml.BinaryClassification.Trainers.KerasSequential([new Dense(2, activation: "softmax")], new() { LabelColumnName = "Sold", Loss = "sparse_categorical_crossentropy", Epochs = 3, Seed = 1 })),
    };

    public static IEnumerable<object[]> Pipelines => s_pipelines.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Pipelines))]
    public void ONNX_Runtime_gives_what_the_pipeline_gives(string name)
    {
        ITransformer model = s_pipelines[name]().Fit(Houses());
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file, [.. new[] { "PredictedLabel", "Score", "Probability", "Predicted", "Encoded" }.Where(c => model.GetOutputSchema(Houses().Schema).GetColumnOrNull(c) is not null)]);
        IDataView data = Houses(2), expected = model.Transform(data);
        // The graphs of ML.NET's tokenizers take one row at a time.
        using var scorer = new OnnxFileView(file, data, batch: name.StartsWith("text", StringComparison.Ordinal) ? 1 : Rows);
        foreach (string output in scorer.Outputs)
        {
            string column = output[..^".output".Length];
            Array[] theirs = scorer.Values(output), ours = OnnxFileView.Read(expected, expected.Schema[column]);
            Assert.AreEqual(Rows, theirs.Length);
            for (int i = 0; i < Rows; i++)
            {
                Assert.AreEqual(ours[i].Length, theirs[i].Length, output);
                for (int j = 0; j < ours[i].Length; j++)
                {
                    if (ours[i].GetValue(j) is float f) Assert.AreEqual(f, (float)theirs[i].GetValue(j)!, 1e-5f * MathF.Max(1, MathF.Abs(f)), $"{output} of row {i}");
                    else Assert.AreEqual(ours[i].GetValue(j)!.ToString(), theirs[i].GetValue(j)!.ToString(), $"{output} of row {i}");
                }
            }
        }
    }

    [TestMethod]
    public void By_default_all_columns_that_the_pipeline_makes_are_outputs_and_only_what_they_need_is_an_input()
    {
        ITransformer model = s_ml.Transforms.ReplaceMissingValues("Features", "Distances").Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))).Fit(Houses());
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file);
        using (var scorer = new OnnxFileView(file, Houses(), Rows))
        {
            CollectionAssert.AreEqual(new[] { "Distances" }, scorer.Inputs.ToArray());
            CollectionAssert.AreEqual(new[] { "Features.output", "Score.output" }, scorer.Outputs.ToArray());
        }
        KerasOnnx.Tidy(file, ["Score.output"], new Dictionary<string, string> { ["Score.output"] = "price", ["Distances"] = "distances" });
        using var tidy = new Microsoft.ML.OnnxRuntime.InferenceSession(file);
        CollectionAssert.AreEqual(new[] { "distances" }, tidy.InputMetadata.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "price" }, tidy.OutputMetadata.Keys.ToArray());
        using var stream = new MemoryStream();
        s_ml.Model.SaveAsOnnx(model, Houses(), stream, "Score");
        Assert.IsTrue(stream.Length > 100 && stream.CanWrite);
    }

    sealed class Doubled
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }

    [TestMethod]
    public void A_transformer_without_a_form_in_ONNX_is_named_and_nothing_is_written()
    {
        // It takes the name of a column that is there already.
        IEstimator<ITransformer> foreign = s_ml.Transforms.CopyColumns("Features", "Distances").Append(s_ml.Transforms.ReplaceMissingValues("Features"))
            .Append(s_ml.Transforms.CustomMapping<Doubled, Doubled>((from, to) => to.Features = [.. from.Features.Select(f => 2 * f)], null));
        ITransformer before = foreign.Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))).Fit(Houses());
        string file = NewFile();
        File.WriteAllText(file, "kept");
        Names("CustomMappingTransformer", () => s_ml.Model.SaveAsOnnx(before, Houses(), file));

        ITransformer after = s_ml.Transforms.ReplaceMissingValues("Features", "Distances").Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))).Append(foreign).Fit(Houses());
        Names("CustomMappingTransformer", () => s_ml.Model.SaveAsOnnx(after, Houses(), file));
        s_ml.Model.SaveAsOnnx(after, Houses(), new MemoryStream(), "Score");

        ITransformer date = s_ml.Transforms.CopyColumns("When", "Built").Fit(Houses());
        Names("DateTime", () => s_ml.Model.SaveAsOnnx(date, Houses(), file));

        Layer[] layers = [new Dense(2), new Lambda(x => s_odd.Call(x)), new Dense(1)];
        ITransformer layer = s_ml.Transforms.ReplaceMissingValues("Features", "Distances").Append(s_ml.Regression.Trainers.KerasSequential(() => new Sequential(layers), Options("Price"))).Fit(Houses());
        Names("lambda", () => s_ml.Model.SaveAsOnnx(layer, Houses(), file));

        Layer[] masked = [new Reshape([4, 1]), new Masking(), new LSTM(2), new Dense(1)];
        ITransformer loop = s_ml.Transforms.ReplaceMissingValues("Features", "Distances").Append(s_ml.Regression.Trainers.KerasSequential(masked, Options("Price"))).Fit(Houses());
        Names("Scan", () => s_ml.Model.SaveAsOnnx(loop, Houses(), file));

        Assert.ThrowsExactly<ArgumentException>(() => s_ml.Model.SaveAsOnnx(date, Houses(), file, "Nowhere"));
        Assert.ThrowsExactly<ArgumentException>(() => s_ml.Model.SaveAsOnnx(s_ml.Transforms.DropColumns("Built").Fit(Houses()), Houses(), file));
        Assert.AreEqual("kept", File.ReadAllText(file));

        static void Names(string name, Action export)
        {
            NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(export);
            StringAssert.Contains(e.Message, name);
        }
    }

    [TestMethod]
    public void Missing_features_make_the_key_missing_in_both()
    {
        ITransformer model = s_ml.Transforms.Conversion.MapValueToKey("Label", "Class")
            .Append(s_ml.Transforms.CopyColumns("Features", "Distances"))
            .Append(s_ml.MulticlassClassification.Trainers.KerasSequential(Classifier, Options())).Fit(Houses());
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file, "PredictedLabel");
        using var scorer = new OnnxFileView(file, Houses(), Rows);
        uint[] theirs = [.. scorer.Values("PredictedLabel.output").Select(r => ((uint[])r)[0])], ours = [.. OnnxFileView.Read(model.Transform(Houses()), model.Transform(Houses()).Schema["PredictedLabel"]).Select(r => ((uint[])r)[0])];
        Assert.IsTrue(ours.Contains(0u) && ours.Contains(1u));
        CollectionAssert.AreEqual(ours, theirs);
    }

    /// <summary>An operation without a line for ONNX.</summary>
    static readonly CustomOp s_odd = new("Odd", a => a.Input(0).CopyTo(a.Output), a => a.OutputGradient.CopyTo(a.Gradient));

    static string NewFile() => Path.Combine(Directory.CreateTempSubdirectory("keras").FullName, "pipeline.onnx");
}
