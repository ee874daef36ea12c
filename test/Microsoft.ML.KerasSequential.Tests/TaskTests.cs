using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Every task with every kind of label.</summary>
[TestClass]
public sealed class TaskTests
{
    static readonly MLContext s_ml = new(seed: 1);

    static Layer[] Classes(int outputs) =>
        [new Dense(8, activation: "relu"), new Dense(outputs, activation: "softmax")];

    static Layer[] YesOrNo => [new Dense(8, activation: "relu"), new Dense(1, activation: "sigmoid")];

    static IDataView Keyed(IDataView data, string column) =>
        s_ml.Transforms.Conversion.MapValueToKey("Label", column)
        .Append(s_ml.Transforms.NormalizeMeanVariance("Features")).Fit(data).Transform(data);

    static IDataView Normal(IDataView data) =>
        s_ml.Transforms.NormalizeMeanVariance("Features").Fit(data).Transform(data);

    static KerasSequentialOptions Options(string label, LossSet? loss = null) =>
        new() { LabelColumnName = label, Epochs = 3, BatchSize = 16, Optimizer = "adam", Loss = loss, Seed = 1 };

    [TestMethod]
    [DataRow(null)]
    [DataRow("sparse_categorical_crossentropy")]
    [DataRow("categorical_crossentropy")]
    [DataRow("mse")]
    public void Classes_by_key(string? loss) =>
        EstimatorCheck.Run(s_ml,
            s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(3),
                Options("Label", loss is null ? null : (LossSet)loss)), Keyed(DataSets.Iris(s_ml), "Species"),
                "Features", "Label");

    [TestMethod]
    public void Classes_by_keys_of_numbers()
    {
        KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
            s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(10), Options("Label")),
            Keyed(DataSets.Digits(s_ml), "Number"), "Features", "Label");
        IDataView scored = transformer.Transform(Keyed(DataSets.Digits(s_ml), "Number"));
        IDataView back = s_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
        Assert.AreEqual(NumberDataViewType.Single, back.Schema["PredictedLabel"].Type);
        float[] numbers = [.. back.GetColumn<float>("Number")],
            predicted = [.. back.GetColumn<float>("PredictedLabel")];
        Assert.IsTrue(numbers.Zip(predicted).Count(p => p.First == p.Second) > 1000);
    }

    [TestMethod]
    public void Classes_by_number()
    {
        KerasSequentialOptions options = Options("Number");
        options.Epochs = 30;
        KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
            s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(3), options), Normal(DataSets.Wine(s_ml)),
            "Features", "Number");
        Assert.IsTrue(
            s_ml.MulticlassClassification.Evaluate(transformer.Transform(Normal(DataSets.Wine(s_ml))),
                "Number").MicroAccuracy > 0.9);
    }

    [TestMethod]
    public void Two_classes_by_Boolean() =>
        EstimatorCheck.Run(s_ml, s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(2), Options("Yes")),
            Normal(DataSets.BreastCancer(s_ml)), "Features", "Yes");

    [TestMethod]
    public void Classes_by_vector()
    {
        IDataView data = Keyed(DataSets.Iris(s_ml), "Species");
        IDataView oneHot = s_ml.Transforms.Conversion.MapKeyToVector("OneHot", "Label").Fit(data).Transform(data);
        EstimatorCheck.Run(s_ml, s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(3), Options("OneHot")),
            oneHot, "Features", "OneHot");
    }

    [TestMethod]
    [DataRow("Yes")]
    [DataRow("Number")]
    [DataRow("Label")]
    public void Binary_labels(string label)
    {
        IDataView data = Keyed(DataSets.BreastCancer(s_ml), "Species");
        EstimatorCheck.Run(s_ml, s_ml.BinaryClassification.Trainers.KerasSequential(YesOrNo, Options(label)), data,
            "Features", label);
    }

    [TestMethod]
    public void Binary_labels_from_two_outputs()
    {
        IDataView data = Normal(DataSets.BreastCancer(s_ml));
        KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
            s_ml.BinaryClassification.Trainers.KerasSequential(Classes(2),
                Options("Yes", "sparse_categorical_crossentropy")), data, "Features", "Yes");
        NDArray p = transformer.Model.Predict(Rows(data));
        float[] probability = FreshProcess.Scores(transformer.Transform(data), "Probability");
        for (int i = 0; i < probability.Length; i++) Assert.AreEqual(p[i, 1], probability[i], 1e-5);
    }

    [TestMethod]
    public void Binary_labels_from_logits_and_margins()
    {
        IDataView data = Normal(DataSets.BreastCancer(s_ml));
        Layer[] linear = [new Dense(8, activation: "relu"), new Dense(1)];
        foreach (LossSet loss in (LossSet[])[new Losses.BinaryCrossentropy(fromLogits: true), "hinge"])
        {
            KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
                s_ml.BinaryClassification.Trainers.KerasSequential(linear, Options("Yes", loss)), data, "Features",
                "Yes");
            CollectionAssert.AreEqual(transformer.Model.PredictOnBatch(Rows(data)).ToArray().Take(16).ToArray(),
                FreshProcess.Scores(transformer.Transform(s_ml.Data.TakeRows(data, 16)), "Score"), new Near(1e-5f));
        }
    }

    [TestMethod]
    public void Probabilities_are_the_sigmoid_of_scores_that_do_not_saturate()
    {
        IDataView data = Normal(DataSets.BreastCancer(s_ml));
        using var model = new Sequential([new Dense(1, activation: "sigmoid", inputShape: [30])]);
        model.SetWeights([new NDArray([.. Enumerable.Repeat(5f, 30)], 30, 1), new NDArray([0f], 1)]);
        KerasSequentialTransformer transformer = s_ml.BinaryClassification.Trainers.KerasSequential(model,
            new() { LabelColumnName = "Yes", Epochs = 0 }).Fit(data);
        IDataView scored = transformer.Transform(data);
        float[] scores = FreshProcess.Scores(scored, "Score"),
            probabilities = FreshProcess.Scores(scored, "Probability");
        Assert.IsTrue(probabilities.Count(p => p == 1) > 10 && scores.Distinct().Count() == scores.Length,
            "Where the probability is 1 in float32, the log-odds still rank.");
        for (int i = 0; i < scores.Length; i++) Assert.AreEqual(1 / (1 + Math.Exp(-scores[i])), probabilities[i], 1e-6);
        CollectionAssert.AreEqual(scores.Select(s => s > 0).ToArray(),
            scored.GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void Multi_class_logits_become_probabilities()
    {
        IDataView data = Keyed(DataSets.Iris(s_ml), "Species");
        Layer[] linear = [new Dense(3)];
        KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
            s_ml.MulticlassClassification.Trainers.KerasSequential(linear,
                Options("Label", new Losses.SparseCategoricalCrossentropy(fromLogits: true))), data, "Features",
                "Label");
        foreach (VBuffer<float> scores in transformer.Transform(data).GetColumn<VBuffer<float>>("Score"))
            Assert.AreEqual(1, scores.DenseValues().Sum(), 1e-5);
    }

    [TestMethod]
    public void A_number() =>
        EstimatorCheck.Run(s_ml,
            s_ml.Regression.Trainers.KerasSequential([new Dense(8, activation: "relu"), new Dense(1)],
                Options("Label")), Normal(DataSets.Diabetes(s_ml)), "Features", "Label");

    [TestMethod]
    public void Several_numbers()
    {
        IDataView data = Normal(DataSets.Diabetes(s_ml));
        KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
            s_ml.Regression.Trainers.KerasSequential([new Dense(8, activation: "relu"), new Dense(2)], Options("Both")),
            data, "Features", "Both");
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2),
            transformer.GetOutputSchema(data.Schema)["Score"].Type);
    }

    [TestMethod]
    public void A_raw_transform_learns_to_reproduce_its_input()
    {
        KerasSequentialOptions options = Options("Features");
        options.OutputColumnName = "Rebuilt";
        EstimatorCheck.Run(s_ml,
            s_ml.Transforms.KerasSequential([new Dense(2, activation: "tanh"), new Dense(4)], options),
            Normal(DataSets.Iris(s_ml)), "Features");
    }

    [TestMethod]
    public void A_raw_transform_scores_with_a_trained_network()
    {
        IDataView data = Normal(DataSets.Iris(s_ml));
        using var model = new Sequential([new Reshape([2, 2], inputShape: [4]), new Permute([2, 1]), new Dense(3)]);
        KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
            s_ml.Transforms.KerasSequential(model, new() { Epochs = 0, OutputColumnName = "Embedded" }), data,
            "Features");
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 2, 3),
            transformer.GetOutputSchema(data.Schema)["Embedded"].Type);
        CollectionAssert.AreEqual(model.Predict(Rows(data)).ToArray(),
            FreshProcess.Scores(transformer.Transform(data), "Embedded"), new Near(1e-6f));
    }

    [TestMethod]
    public void A_sequence_is_learned_step_by_step()
    {
        IDataView data = Normal(DataSets.Iris(s_ml));
        KerasSequentialOptions options = Options("Features");
        options.InputShape = [4, 1];
        KerasSequentialTransformer transformer = EstimatorCheck.Run(s_ml,
            s_ml.Transforms.KerasSequential([new GRU(4, returnSequences: true), new TimeDistributed(new Dense(1))],
                options), data, "Features");
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 4, 1),
            transformer.GetOutputSchema(data.Schema)["Score"].Type);
    }

    [TestMethod]
    public void An_image_is_a_flat_vector_with_a_shape()
    {
        KerasSequentialOptions options = Options("Label");
        options.InputShape = [8, 8, 1];
        EstimatorCheck.Run(s_ml,
            s_ml.MulticlassClassification.Trainers.KerasSequential([new Conv2D(4, 3, activation: "relu"),
                new MaxPooling2D(2), new Flatten(), new Dense(10, activation: "softmax")], options),
            Keyed(DataSets.Digits(s_ml), "Number"), "Features", "Label");
    }

    [TestMethod]
    public void Weights_are_a_column()
    {
        KerasSequentialOptions options = Options("Label");
        options.ExampleWeightColumnName = "Weight";
        EstimatorCheck.Run(s_ml, s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(3), options),
            Keyed(DataSets.Iris(s_ml), "Species"), "Features", "Label", "Weight");
    }

    [TestMethod]
    public void Columns_and_annotations_match_those_of_ML_NET_trainers()
    {
        IDataView iris = Keyed(DataSets.Iris(s_ml), "Species"), cancer = Normal(DataSets.BreastCancer(s_ml)),
            diabetes = Normal(DataSets.Diabetes(s_ml));
        Same(s_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(iris).Transform(iris),
            s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(3)).Fit(iris).Transform(iris), 2);
        Same(s_ml.BinaryClassification.Trainers.LbfgsLogisticRegression("Yes").Fit(cancer).Transform(cancer),
            s_ml.BinaryClassification.Trainers.KerasSequential(YesOrNo, Options("Yes")).Fit(cancer).Transform(cancer),
            3);
        Same(s_ml.Regression.Trainers.LbfgsPoissonRegression().Fit(diabetes).Transform(diabetes),
            s_ml.Regression.Trainers.KerasSequential([new Dense(1)]).Fit(diabetes).Transform(diabetes), 1);
        // A second set of scores is distinguished from the first.
        IDataView twice = s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(3)).Fit(iris)
            .Transform(s_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(iris).Transform(iris));
        uint set = 0;
        twice.Schema["Score"].Annotations.GetValue("ScoreColumnSetId", ref set);
        Assert.AreEqual(2u, set);

        static void Same(IDataView own, IDataView ours, int columns)
        {
            DataViewSchema.Column[] expected = [.. own.Schema.TakeLast(columns)],
                actual = [.. ours.Schema.TakeLast(columns)];
            for (int i = 0; i < columns; i++)
            {
                Assert.AreEqual(expected[i].Name, actual[i].Name);
                Assert.AreEqual(expected[i].Type, actual[i].Type);
                CollectionAssert.AreEquivalent(
                    expected[i].Annotations.Schema.Select(a => $"{a.Name} {a.Type} {Value(expected[i].Annotations, a)}")
                    .ToArray(),
                    actual[i].Annotations.Schema.Select(a => $"{a.Name} {a.Type} {Value(actual[i].Annotations, a)}")
                    .ToArray());
            }
        }

        static string Value(DataViewSchema.Annotations annotations, DataViewSchema.Column column)
        {
            if (column.Type is VectorDataViewType)
            {
                VBuffer<ReadOnlyMemory<char>> texts = default;
                annotations.GetValue(column.Name, ref texts);
                return string.Join(",", texts.DenseValues());
            }
            if (column.Type is TextDataViewType)
            {
                ReadOnlyMemory<char> text = default;
                annotations.GetValue(column.Name, ref text);
                return text.ToString();
            }
            if (column.Type is BooleanDataViewType)
            {
                bool flag = false;
                annotations.GetValue(column.Name, ref flag);
                return $"{flag}";
            }
            uint key = 0;
            annotations.GetValue(column.Name, ref key);
            return $"{key}";
        }
    }

    [TestMethod]
    public void A_label_that_does_not_fit_the_output_is_rejected()
    {
        IDataView iris = Keyed(DataSets.Iris(s_ml), "Species"), diabetes = Normal(DataSets.Diabetes(s_ml));
        Refused(() => s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(4)).Fit(iris), "3 classes",
            "dense_2");
        Refused(() => s_ml.BinaryClassification.Trainers.KerasSequential(YesOrNo).Fit(iris), "key of 3");
        Refused(() => s_ml.BinaryClassification.Trainers.KerasSequential(Classes(3), Options("Yes")).Fit(iris),
            "dense_2");
        Refused(() => s_ml.Regression.Trainers.KerasSequential([new Dense(2)]).Fit(diabetes), "1 value", "dense_1");
        Refused(() => s_ml.Regression.Trainers.KerasSequential([new Dense(1)], Options("Both")).Fit(diabetes),
            "2 values", "dense_1");
        Refused(() => s_ml.Regression.Trainers.KerasSequential([new Dense(1)]).Fit(iris), "key");
        Refused(() => s_ml.MulticlassClassification.Trainers.KerasSequential(Array.Empty<Layer>()), "no layers");
        Refused(() => s_ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, inputShape: [5])]).Fit(iris),
            "5");
        Refused(() => s_ml.MulticlassClassification.Trainers.KerasSequential(Classes(3), new() { InputShape = [2, 3] })
            .Fit(iris), "(2, 3)", "4");
        Refused(() => s_ml.MulticlassClassification.Trainers.KerasSequential([new Lambda(x => x * 2), new Dense(3)])
            .Fit(iris), "function");

        static void Refused(Action act, params string[] words)
        {
            Exception e = Assert.Throws<ArgumentException>(act);
            foreach (string word in words) StringAssert.Contains(e.Message, word);
        }
    }

    static NDArray Rows(IDataView data)
    {
        float[][] rows = [.. data.GetColumn<VBuffer<float>>("Features").Select(v => v.DenseValues().ToArray())];
        return rows;
    }
}

/// <summary>Compares numbers that differ only by rounding.</summary>
internal sealed class Near(float tolerance) : System.Collections.IComparer
{
    public int Compare(object? x, object? y) =>
        Math.Abs((float)x! - (float)y!) <= tolerance * Math.Max(1, Math.Abs((float)x)) ? 0 : 1;
}
