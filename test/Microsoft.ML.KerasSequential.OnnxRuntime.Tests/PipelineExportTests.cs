using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Onnx;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Text;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Pipelines exported to ONNX and run by ONNX Runtime give the same results as ML.NET.</summary>
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
    }

    sealed class Dated
    {
        public DateTime Built { get; set; }
    }

    static readonly MLContext s_ml = new(seed: 1);

    static readonly string[] s_towns = ["Ulm", "Bonn", "Köln", "Trier"],
        s_words = ["bright", "old", "quiet", "central", "garden", "view", "cellar", "new"];

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
            Advert = string.Join(' ',
                Enumerable.Range(0, 3 + random.Next(6)).Select(_ => s_words[random.Next(s_words.Length)])),
            Distances = [.. Enumerable.Range(0, 4)
                .Select(_ => random.Next(8) == 0 ? float.NaN : 10 * random.NextSingle())],
            Photo = [.. Enumerable.Range(0, 36).Select(_ => random.NextSingle())],
            Class = size < 70 ? "small" : size < 130 ? "medium" : "large",
            Sold = size > 90 ^ town == 1,
            Price = size / 100 + town,
        };
    }).ToArray());

    static KerasSequentialOptions Options(string label = "Label") =>
        new() { LabelColumnName = label, Epochs = 3, Optimizer = new Optimizers.Adam(0.01), Seed = 1 };

    /// <summary>ML.NET does not export the removal of characters, nor character n-grams.</summary>
    static readonly TextFeaturizingEstimator.Options s_exportable = new()
    {
        KeepDiacritics = true,
        KeepPunctuations = true,
        KeepNumbers = true,
        CaseMode = TextNormalizingEstimator.CaseMode.None,
        CharFeatureExtractor = null
    };

    static Layer[] Classifier => [new Dense(8, activation: "relu"), new Dense(3, activation: "softmax")];

    static Layer[] YesOrNo =>
        [new Dense(8, activation: "tanh"), new BatchNormalization(), new Dense(1, activation: "sigmoid")];

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
            .Append(
                s_ml.Transforms.ReplaceMissingValues("Size",
                    replacementMode: MissingValueReplacingEstimator.ReplacementMode.Mean))
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
            .Append(
                s_ml.BinaryClassification.Trainers.KerasSequential(YesOrNo,
                    new()
                    {
                        LabelColumnName = "Sold",
                        FeatureColumnNames = ["Age", "Rooms", "Garden", "Town"],
                        Epochs = 3,
                        Seed = 1
                    })),
        ["images, scaled, and a column that takes another's name"] = () =>
            s_ml.Transforms.Conversion.MapValueToKey("Label", "Class")
            .Append(s_ml.Transforms.CopyColumns("Score", "Photo"))
            .Append(s_ml.MulticlassClassification.Trainers.KerasSequential(
                [new Conv2D(4, 3, activation: "relu", padding: "same"), new MaxPooling2D(), new Flatten(),
                    new Dense(3)],
                new()
                {
                    FeatureColumnName = "Score",
                    Loss = new Losses.SparseCategoricalCrossentropy(fromLogits: true),
                    Epochs = 3,
                    Seed = 1
                }))
            .Append(s_ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel")),
        ["a chain in a chain, selected columns"] = () =>
            s_ml.Transforms.NormalizeMeanVariance("Distances").Append(s_ml.Transforms.ReplaceMissingValues("Distances"))
            .Append(s_ml.Transforms.CopyColumns("Features", "Distances")
                .Append(s_ml.Transforms.Concatenate("Target", "Distances", "Distances", "Distances"))
                .Append(
                    s_ml.Transforms.KerasSequential([new Reshape([4, 1]), new LSTM(3, returnSequences: true)],
                        new() { LabelColumnName = "Target", OutputColumnName = "Encoded", Epochs = 1, Seed = 1 })))
            .Append(s_ml.Transforms.SelectColumns("Encoded")),
        ["yes or no by two outputs"] = () => s_ml.Transforms.ReplaceMissingValues("Features", "Distances")
            .Append(
                s_ml.BinaryClassification.Trainers.KerasSequential([new Dense(2, activation: "softmax")],
                    new()
                    {
                        LabelColumnName = "Sold",
                        Loss = "sparse_categorical_crossentropy",
                        Epochs = 3,
                        Seed = 1
                    })),
    };

    public static IEnumerable<object[]> Pipelines =>
        s_pipelines.Keys.SelectMany(k => new[] { new object[] { k, false }, [k, true] });

    [TestMethod]
    [DynamicData(nameof(Pipelines))]
    public void ONNX_Runtime_matches_the_pipeline(string name, bool byMLNet)
    {
        ITransformer model = s_pipelines[name]().Fit(Houses());
        string file = NewFile();
        string[] outputs = [
            .. new[] { "PredictedLabel", "Score", "Probability", "Predicted",
                "Encoded" }.Where(c => model.GetOutputSchema(Houses().Schema).GetColumnOrNull(c) is not null)];
        if (byMLNet) Convert(model, file, outputs);
        else s_ml.Model.SaveAsOnnx(model, Houses(), file, outputs);
        IDataView data = Houses(2), expected = model.Transform(data);
        // What ML.NET's tokenizers write accepts one row at a time; SaveAsOnnx corrects it.
        using var scorer = new OnnxFileView(file, data,
            batch: byMLNet && name.StartsWith("text", StringComparison.Ordinal) ? 1 : Rows);
        CollectionAssert.AreEquivalent(outputs.Select(o => $"{o}.output").ToArray(),
            scorer.Outputs.Where(o => !o.StartsWith("mlnet.", StringComparison.Ordinal)).ToArray());
        foreach (string output in outputs.Select(o => $"{o}.output"))
        {
            string column = output[..^".output".Length];
            Array[] theirs = scorer.Values(output), ours = OnnxFileView.Read(expected, expected.Schema[column]);
            Assert.AreEqual(Rows, theirs.Length);
            for (int i = 0; i < Rows; i++)
            {
                Assert.AreEqual(ours[i].Length, theirs[i].Length, output);
                for (int j = 0; j < ours[i].Length; j++)
                {
                    if (ours[i].GetValue(j) is float f)
                        Assert.AreEqual(f, (float)theirs[i].GetValue(j)!, 1e-5f * MathF.Max(1, MathF.Abs(f)),
                            $"{output} of row {i}");
                    else Assert.AreEqual(ours[i].GetValue(j)!.ToString(), theirs[i].GetValue(j)!.ToString(),
                        $"{output} of row {i}");
                }
            }
        }
    }

    static void Convert(ITransformer model, string file, params string[] outputs)
    {
        using FileStream stream = File.Create(file);
        s_ml.Model.ConvertToOnnx(model, Houses(), stream, outputs);
    }

    [TestMethod]
    public void By_default_all_columns_that_the_pipeline_creates_are_outputs_and_only_what_they_need_is_an_input()
    {
        ITransformer model = s_ml.Transforms.ReplaceMissingValues("Features", "Distances")
            .Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))).Fit(Houses());
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file);
        using (var scorer = new OnnxFileView(file, Houses(), Rows))
        {
            CollectionAssert.AreEqual(new[] { "Distances" }, scorer.Inputs.ToArray());
            CollectionAssert.AreEqual(new[] { "Features.output", "Score.output" }, scorer.Outputs.ToArray());
        }
        KerasOnnx.Tidy(file, ["Score.output"],
            new Dictionary<string, string> { ["Score.output"] = "price", ["Distances"] = "distances" });
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
    public void A_transformer_without_an_ONNX_form_is_named_and_nothing_is_written()
    {
        // It uses the name of an existing column.
        IEstimator<ITransformer> foreign = s_ml.Transforms.CopyColumns("Features", "Distances")
            .Append(s_ml.Transforms.ReplaceMissingValues("Features"))
            .Append(
                s_ml.Transforms.CustomMapping<Doubled, Doubled>((from, to) =>
                    to.Features = [.. from.Features.Select(f => 2 * f)], null));
        ITransformer before = foreign.Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price")))
            .Fit(Houses());
        string file = NewFile();
        File.WriteAllText(file, "kept");
        Names("CustomMappingTransformer", () => s_ml.Model.SaveAsOnnx(before, Houses(), file));

        ITransformer after = s_ml.Transforms.ReplaceMissingValues("Features", "Distances")
            .Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))).Append(foreign)
            .Fit(Houses());
        Names("CustomMappingTransformer", () => s_ml.Model.SaveAsOnnx(after, Houses(), file));
        s_ml.Model.SaveAsOnnx(after, Houses(), new MemoryStream(), "Score");

        IDataView dates = s_ml.Data.LoadFromEnumerable(new[] { new Dated { Built = new(1900, 1, 1) } });
        ITransformer date = s_ml.Transforms.CopyColumns("When", "Built").Fit(dates);
        Names("DateTime", () => s_ml.Model.SaveAsOnnx(date, dates, file));

        Layer[] layers = [new Dense(2), new Lambda(x => s_odd.Call(x)), new Dense(1)];
        ITransformer layer = s_ml.Transforms.ReplaceMissingValues("Features", "Distances")
            .Append(s_ml.Regression.Trainers.KerasSequential(() => new Sequential(layers), Options("Price")))
            .Fit(Houses());
        Names("lambda", () => s_ml.Model.SaveAsOnnx(layer, Houses(), file));

        Layer[] masked = [new Reshape([4, 1]), new Masking(), new LSTM(2), new Dense(1)];
        ITransformer loop = s_ml.Transforms.ReplaceMissingValues("Features", "Distances")
            .Append(s_ml.Regression.Trainers.KerasSequential(masked, Options("Price"))).Fit(Houses());
        Names("Scan", () => s_ml.Model.SaveAsOnnx(loop, Houses(), file));

        Assert.ThrowsExactly<ArgumentException>(() => s_ml.Model.SaveAsOnnx(date, dates, file, "Nowhere"));
        Assert.ThrowsExactly<ArgumentException>(() =>
            s_ml.Model.SaveAsOnnx(s_ml.Transforms.DropColumns("Size").Fit(Houses()), Houses(), file));
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
        uint[] theirs = [.. scorer.Values("PredictedLabel.output").Select(r => ((uint[])r)[0])],
            ours = [.. OnnxFileView.Read(model.Transform(Houses()), model.Transform(Houses()).Schema["PredictedLabel"])
                .Select(r => ((uint[])r)[0])];
        Assert.IsTrue(ours.Contains(0u) && ours.Contains(1u));
        CollectionAssert.AreEqual(ours, theirs);
    }

    [TestMethod]
    public void One_hot_columns_are_outputs_and_features_with_their_sizes_in_ML_NET()
    {
        ITransformer model = s_ml.Transforms.Categorical.OneHotEncoding("Town")
            .Append(s_ml.Transforms.Categorical.OneHotHashEncoding("Kind", "Class", numberOfBits: 4))
            .Append(
                s_ml.Regression.Trainers.KerasSequential(Regressor,
                    new()
                    {
                        LabelColumnName = "Price",
                        FeatureColumnNames = ["Town", "Age", "Kind"],
                        Epochs = 1,
                        Seed = 1
                    })).Fit(Houses());
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file);
        foreach (int rows in new[] { 1, Rows })
        {
            using var scorer = new OnnxFileView(file, Houses(2), rows);
            foreach ((string column, int size) in new[] { ("Town", 4), ("Kind", 16), ("Score", 1) })
                CollectionAssert.AreEqual(new[] { rows, size }, scorer.SizesOf($"{column}.output"));
        }
    }

    [TestMethod]
    public void A_selection_of_features_keeps_the_number_of_rows()
    {
        // All towns are equally frequent, except the one of the omitted row.
        IDataView houses = s_ml.Data.TakeRows(Houses(), Rows - 1);
        int most = OnnxFileView.Read(houses, houses.Schema["Town"]).GroupBy(t => t.GetValue(0)).Max(g => g.Count());
        ITransformer model = s_ml.Transforms.Categorical.OneHotEncoding("Town")
            .Append(s_ml.Transforms.FeatureSelection.SelectFeaturesBasedOnCount("Features", "Town", count: most))
            .Append(s_ml.Regression.Trainers.KerasSequential([new Dense(1)], Options("Price"))).Fit(houses);
        int kept = ((VectorDataViewType)model.GetOutputSchema(houses.Schema)["Features"].Type).Size;
        Assert.AreEqual(3, kept);
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file);
        foreach (int rows in new[] { 1, 20, Rows })
        {
            using var scorer = new OnnxFileView(file, Houses(2), rows);
            CollectionAssert.AreEqual(new[] { rows, kept }, scorer.SizesOf("Features.output"));
            CollectionAssert.AreEqual(new[] { rows, 1 }, scorer.SizesOf("Score.output"));
        }
    }

    [TestMethod]
    [DataRow("Class", "", "_Unused")]
    [DataRow("Rooms", "0", null)]
    [DataRow("Age", "NaN", "-0")]
    public void The_value_of_a_missing_prediction_is_missing_in_both_and_not_the_ONNX_default(
        string label, string missing, string? byMLNet)
    {
        IDataView houses = s_ml.Data.TakeRows(Houses(), 100);
        int classes = label == "Class" ? 3 : label == "Rooms" ? 7 : 100;
        ITransformer model = s_ml.Transforms.Conversion.MapValueToKey("Label", label)
            .Append(s_ml.Transforms.CopyColumns("Features", "Distances"))
            .Append(
                s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(classes, activation: "softmax")],
                    Options()))
            .Append(s_ml.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel")).Fit(houses);
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file, "Predicted");
        string[] expected = [
            .. OnnxFileView.Read(model.Transform(Houses()), model.Transform(Houses()).Schema["Predicted"])
            .Select(Text)];
        using (var scorer = new OnnxFileView(file, Houses(), Rows))
            CollectionAssert.AreEqual(expected, scorer.Values("Predicted.output").Select(Text).ToArray());
        int[] lacking = [.. Enumerable.Range(0, Rows)
            .Where(i => expected[i] == missing
                && OnnxFileView.Read(Houses(), Houses().Schema["Distances"])[i].Cast<float>().Any(float.IsNaN))];
        Assert.IsTrue(lacking.Length > 10, $"{lacking.Length} predictions are missing");

        // ML.NET's own exporter does not handle missing keys, so the operator's default applies.
        Convert(model, file, "Predicted");
        if (byMLNet is null)
        {
            Assert.ThrowsExactly<Microsoft.ML.OnnxRuntime.OnnxRuntimeException>(() =>
                new OnnxFileView(file, Houses(), Rows).Dispose());
            return;
        }
        using var theirs = new OnnxFileView(file, Houses(), Rows);
        Array[] values = theirs.Values("Predicted.output");
        Assert.IsTrue(lacking.All(i => Text(values[i]) == byMLNet));

        // Doubles pass through a float32 table.
        static string Text(Array row) =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"{(row.GetValue(0) is double d ? (float)d : row.GetValue(0))}");
    }

    [TestMethod]
    public void What_the_ML_NET_exporter_omits_is_not_taken_from_a_data_column_of_the_same_name()
    {
        ITransformer model = s_ml.Transforms.CustomMapping<House, Replaced>((from, to) =>
            to.Distances = [.. from.Distances.Select(f => float.IsNaN(f) ? 0 : 2 * f)], null)
            .Append(s_ml.Transforms.NormalizeMinMax("Features", "Distances"))
            .Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))).Fit(Houses());
        NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(() => Convert(model, NewFile(), "Score"));
        StringAssert.Contains(e.Message, "Distances");

        // What the network does not need can be omitted.
        ITransformer beside = s_ml.Transforms.CustomMapping<House, Doubled>((from, to) => to.Features = from.Distances,
            null)
            .Append(
                s_ml.Regression.Trainers.KerasSequential(Regressor,
                    new() { LabelColumnName = "Price", FeatureColumnName = "Age", Epochs = 1, Seed = 1 }))
                    .Fit(Houses());
        string file = NewFile();
        Convert(beside, file, "Score");
        using var scorer = new OnnxFileView(file, Houses(), Rows);
        Assert.AreEqual(Rows, scorer.Values("Score.output").Length);
    }

    [TestMethod]
    public void A_transformer_that_cannot_write_one_of_its_columns_writes_the_others()
    {
        ITransformer model = s_ml.Transforms.ReplaceMissingValues([new("Years", "Age"), new("Features", "Distances")])
            .Append(s_ml.Regression.Trainers.KerasSequential(Regressor, Options("Price"))).Fit(Houses());
        string file = NewFile();
        s_ml.Model.SaveAsOnnx(model, Houses(), file, "Score");
        using var scorer = new OnnxFileView(file, Houses(), Rows);
        Assert.AreEqual(Rows, scorer.Values("Score.output").Length);
        NotSupportedException e = Assert.ThrowsExactly<NotSupportedException>(() =>
            s_ml.Model.SaveAsOnnx(model, Houses(), file, "Years"));
        StringAssert.Contains(e.Message, nameof(MissingValueReplacingTransformer));
    }

    sealed class Replaced
    {
        [VectorType(4)]
        public float[] Distances { get; set; } = [];
    }

    /// <summary>An operation without ONNX operators.</summary>
    static readonly CustomOp s_odd = new("Odd", a => a.Input(0).CopyTo(a.Output),
        a => a.OutputGradient.CopyTo(a.Gradient));

    static string NewFile() => Path.Combine(Directory.CreateTempSubdirectory("keras").FullName, "pipeline.onnx");
}
