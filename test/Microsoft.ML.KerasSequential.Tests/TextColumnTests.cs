using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Networks whose first layer takes text, or adapts to the rows, in pipelines.</summary>
[TestClass]
public class TextColumnTests
{
    static readonly string[] s_good = ["a good film", "good, really good", "such a fine and good day", "fine"],
        s_bad = ["a bad film", "bad, really bad", "such a poor and bad day", "poor"];

    static IDataView Reviews(MLContext ml, int times = 8) => ml.Data.LoadFromEnumerable(
        Enumerable.Range(0, times).SelectMany(_ => s_good.Zip(s_bad, (good, bad) =>
            new[] { new Review { Text = good, City = "Oslo", Food = "fish", Label = true },
                new Review { Text = bad, City = "Rome", Food = "pasta", Label = false } }).SelectMany(r => r))
                .ToArray());

    static KerasSequentialOptions Options(string column = "Text") =>
        new() { FeatureColumnName = column, Epochs = 20, BatchSize = 8, Optimizer = new Adam(0.05) };

    static IReadOnlyList<Layer> Sentences() =>
        [new TextVectorization(outputSequenceLength: 6), new Embedding(12, 4), new GlobalAveragePooling1D(),
            new Dense(1, "sigmoid")];

    static double Accuracy(MLContext ml, ITransformer model, IDataView data) =>
        ml.BinaryClassification.Evaluate(model.Transform(data)).Accuracy;

    [TestMethod]
    public void A_text_column_goes_into_a_network_that_learns_its_vocabulary()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialTransformer model =
            EstimatorCheck.Run(ml, ml.BinaryClassification.Trainers.KerasSequential(Sentences(), Options()),
                Reviews(ml));
        Assert.AreEqual(1, Accuracy(ml, model, Reviews(ml)));
        Assert.AreEqual(1, model.Evaluate(Reviews(ml))["accuracy"], 1e-6);
        Assert.AreEqual(TextDataViewType.Instance, model.FeatureColumnType);
        Assert.AreEqual("good", ((TextVectorization)model.Model.Layers[0]).GetVocabulary(false)[0]);
        using PredictionEngine<Review, Answer> engine = ml.Model.CreatePredictionEngine<Review, Answer>(model);
        Assert.IsTrue(engine.Predict(new() { Text = "GOOD" }).PredictedLabel);
        Assert.IsFalse(engine.Predict(new() { Text = "bad!" }).PredictedLabel);
        Assert.IsTrue(float.IsFinite(engine.Predict(new() { Text = "" }).Score));
        Assert.IsTrue(float.IsFinite(engine.Predict(new() { Text = null }).Score));
    }

    [TestMethod]
    [DataRow("multi_hot")]
    [DataRow("count")]
    [DataRow("tf_idf")]
    public void Vectors_of_texts_need_no_length(string mode)
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialOptions options = Options();
        KerasSequentialTransformer model = ml.BinaryClassification.Trainers
            .KerasSequential([new TextVectorization(outputMode: mode), new Dense(1, "sigmoid")], options)
            .Fit(Reviews(ml));
        Assert.AreEqual(1, Accuracy(ml, model, Reviews(ml)));
        // Longer than any text in training.
        string text = string.Join(' ', Enumerable.Repeat("bad film", 40));
        using PredictionEngine<Review, Answer> engine = ml.Model.CreatePredictionEngine<Review, Answer>(model);
        Answer answer = engine.Predict(new() { Text = text });
        Assert.AreEqual(model.Model.Predict([text])[0, 0], answer.Probability, 1e-6f);
        IDataView data = ml.Data.LoadFromEnumerable<Review>([new() { Text = text }, new() { Text = "good" }]);
        Assert.IsFalse(model.Evaluate(data)["accuracy"] > 1);
    }

    [TestMethod]
    public void Streamed_rows_and_rows_in_memory_train_the_same_vocabulary()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialOptions options = Options();
        options.MaxInMemoryBytes = 600;
        KerasSequentialTransformer model = ml.BinaryClassification.Trainers.KerasSequential(Sentences(), options)
            .Fit(Reviews(ml));
        Assert.AreEqual(1, Accuracy(ml, model, Reviews(ml)));
    }

    [TestMethod]
    public void Each_fold_of_a_cross_validation_learns_its_own_vocabulary()
    {
        var ml = new MLContext(seed: 1);
        var results = ml.BinaryClassification.CrossValidate(Reviews(ml, 20),
            ml.BinaryClassification.Trainers.KerasSequential(Sentences(), Options()), numberOfFolds: 2);
        Assert.IsTrue(results.All(r => r.Metrics.Accuracy > 0.9));
    }

    [TestMethod]
    public void Categories_are_looked_up_alone_and_several_together()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialOptions several = Options();
        several.FeatureColumnNames = ["City", "Food"];
        foreach (Layer first in new Layer[] { new StringLookup(outputMode: "multi_hot"),
            new Hashing(16, outputMode: "multi_hot") })
        {
            foreach (KerasSequentialOptions options in new[] { Options("City"), several })
            {
                KerasSequentialTransformer model = ml.BinaryClassification.Trainers
                    .KerasSequential([first, new Dense(1, "sigmoid")], options).Fit(Reviews(ml));
                Assert.AreEqual(1, Accuracy(ml, model, Reviews(ml)), $"{first.ClassName}, {options.Features.Count}");
            }
        }
        KerasSequentialTransformer both = ml.BinaryClassification.Trainers
            .KerasSequential([new StringLookup(outputMode: "multi_hot"), new Dense(1, "sigmoid")], several)
            .Fit(Reviews(ml));
        CollectionAssert.AreEquivalent(new[] { "fish", "pasta", "Oslo", "Rome" },
            ((StringLookup)both.Model.Layers[0]).GetVocabulary(false).ToArray());
        Assert.AreEqual(new VectorDataViewType(TextDataViewType.Instance, 2), both.FeatureColumnType);
    }

    [TestMethod]
    public void A_vocabulary_that_is_there_stays()
    {
        var ml = new MLContext(seed: 1);
        var adapted = new TextVectorization(outputMode: "multi_hot");
        adapted.Adapt(["film day"]);
        foreach (TextVectorization first in new[] { adapted,
            new TextVectorization(outputMode: "multi_hot", vocabulary: ["film", "day"]) })
        {
            KerasSequentialTransformer model = ml.BinaryClassification.Trainers
                .KerasSequential([first, new Dense(1, "sigmoid")], Options()).Fit(Reviews(ml));
            CollectionAssert.AreEquivalent(new[] { "film", "day" },
                ((TextVectorization)model.Model.Layers[0]).GetVocabulary(false).ToArray());
        }
    }

    [TestMethod]
    public void Rows_that_are_held_back_do_not_contribute_to_the_vocabulary()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.LoadFromEnumerable<Review>([new() { Text = "a" }, new() { Text = "b", Label = true },
            new() { Text = "c" }, new() { Text = "later" }]);
        KerasSequentialOptions options = Options();
        options.ValidationSplit = 0.25;
        KerasSequentialTransformer model = ml.BinaryClassification.Trainers
            .KerasSequential([new TextVectorization(outputMode: "multi_hot"), new Dense(1, "sigmoid")], options)
            .Fit(data);
        CollectionAssert.AreEquivalent(new[] { "a", "b", "c" },
            ((TextVectorization)model.Model.Layers[0]).GetVocabulary(false).ToArray());
    }

    [TestMethod]
    public void A_network_that_is_not_trained_turns_text_into_vectors()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialOptions options = Options();
        (options.Epochs, options.OutputColumnName) = (0, "Features");
        IDataView made = ml.Transforms
            .KerasSequential([new TextVectorization(outputMode: "count", maxTokens: 3)], options)
            .Fit(Reviews(ml)).Transform(Reviews(ml));
        float[][] rows = [.. made.GetColumn<float[]>("Features").Take(2)];
        // Unknown texts, and the two most frequent ones: "a good film", "a bad film".
        CollectionAssert.AreEqual(new float[] { 2, 1, 0 }, rows[0]);
        CollectionAssert.AreEqual(new float[] { 2, 0, 1 }, rows[1]);
    }

    [TestMethod]
    public void Numbers_are_normalized_ranged_and_looked_up_by_the_training_rows()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 40)
            .Select(i => new Point { X = i == 39 ? float.NaN : 100 + i % 4, Label = i % 4 }));
        Normalization normalization = First<Normalization>(new Normalization());
        Assert.AreEqual(101.46f, normalization.Mean![0], 0.01f);
        Normalization shaped = First<Normalization>(new Normalization(inputShape: [1]));
        Assert.AreEqual(101.46f, shaped.Mean![0], 0.01f);
        Assert.AreEqual(3, First<Discretization>(new Discretization(numBins: 4)).BinBoundaries!.Count);
        Assert.AreEqual(5, First<IntegerLookup>(new IntegerLookup(outputMode: "multi_hot", inputShape: [1]))
            .VocabularySize);
        var own = new Normalization();
        own.Adapt(new NDArray([5f, 7f], 2, 1));
        Assert.AreEqual(6, First<Normalization>(own).Mean![0], 1e-5f);

        T First<T>(Layer first) where T : Layer => (T)ml.Regression.Trainers.KerasSequential([first, new Dense(1)],
            new() { FeatureColumnName = "X" }).Fit(data).Model.Layers[0];
    }

    [TestMethod]
    public void Columns_of_another_kind_are_refused_before_training()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = Reviews(ml);
        KerasSequentialTrainer texts = ml.BinaryClassification.Trainers.KerasSequential(Sentences(), Options("Label")),
            numbers = ml.BinaryClassification.Trainers.KerasSequential([new Dense(1)], Options()),
            ofFunction = ml.BinaryClassification.Trainers.KerasSequential(() => new Sequential([new Dense(1)]),
                Options()),
            two = ml.BinaryClassification.Trainers.KerasSequential(Sentences(),
                new() { FeatureColumnNames = ["Text", "City"] }),
            free = ml.BinaryClassification.Trainers.KerasSequential(
                [new TextVectorization(), new Embedding(9, 2), new GlobalAveragePooling1D(), new Dense(1)], Options());
        foreach (Action action in new Action[] { () => texts.Fit(data),
            () => texts.GetOutputSchema(Interop.MLNet.ShapeOf(data.Schema)) })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message,
                "feature column \"Label\": expected text");
        foreach (Action action in new Action[] { () => numbers.Fit(data), () => ofFunction.Fit(data),
            () => numbers.GetOutputSchema(Interop.MLNet.ShapeOf(data.Schema)) })
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message,
                "feature column \"Text\": expected numbers");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => two.Fit(data)).Message,
            "one text for each row");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => free.Fit(data)).Message,
            "outputSequenceLength");
    }

    sealed class Review
    {
        public string? Text { get; set; } = "";

        public string City { get; set; } = "";

        public string Food { get; set; } = "";

        public bool Label { get; set; }
    }

    sealed class Answer
    {
        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }
    }

    sealed class Point
    {
        public float X { get; set; }

        public float Label { get; set; }
    }
}
