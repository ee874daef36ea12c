using Microsoft.Data.Analysis;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.AutoML;
using static Microsoft.ML.KerasSequential.Tests.Experiments;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The model that an experiment finds is an ordinary one: it can be saved, loaded elsewhere, exported and
/// inspected.</summary>
[TestClass]
public sealed class BestModelTests
{
    [TestMethod]
    public void It_is_loaded_in_a_fresh_process()
    {
        var ml = new MLContext(seed: 1);
        (IDataView _, IDataView test) = Iris(ml);
        TrialResult best = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: Quick), 2, out _).Run();
        string folder = Directory.CreateTempSubdirectory("keras").FullName, file = Path.Combine(folder, "model.zip");
        ml.Model.Save(best.Model, test.Schema, file);
        CollectionAssert.AreEqual(FreshProcess.Scores(best.Model.Transform(test), "Score"),
            FreshProcess.Score(ml, file, test, "Score", folder));
        Directory.Delete(folder, recursive: true);
    }

    [TestMethod]
    [DataRow("multiclass")]
    [DataRow("binary")]
    [DataRow("regression")]
    public void It_gives_the_same_results_on_ONNX_Runtime_with_its_pipeline(string task)
    {
        var ml = new MLContext(seed: 1);
        (IDataView data, SweepableEstimator network) = task switch
        {
            "multiclass" => (DataSets.Wine(ml), ml.Auto().KerasSequentialMulticlass("Number", searchSpace: Quick)),
            "binary" => (DataSets.BreastCancer(ml), ml.Auto().KerasSequentialBinary("Yes", searchSpace: Quick)),
            _ => (DataSets.Diabetes(ml), ml.Auto().KerasSequentialRegression(searchSpace: Quick)),
        };
        AutoMLExperiment experiment = ml.Auto().CreateExperiment()
            .SetPipeline(ml.Transforms.ReplaceMissingValues("Features").Append(network)).SetDataset(data, fold: 2)
            .SetMaxModelToExplore(2);
        _ = task switch
        {
            "multiclass" => experiment.SetMulticlassClassificationMetric(MulticlassClassificationMetric.MicroAccuracy,
                "Number"),
            "binary" => experiment.SetBinaryClassificationMetric(BinaryClassificationMetric.Accuracy, "Yes"),
            _ => experiment.SetRegressionMetric(RegressionMetric.RSquared, "Label"),
        };
        ITransformer model = experiment.Run().Model;
        string file = Path.GetTempFileName();
        using (FileStream stream = File.Create(file)) ml.Model.ConvertToOnnx(model, data, stream);
        IDataView rows = ml.Data.TakeRows(data, 100);
        using (var onnx = new OnnxFileView(file, rows, batch: 20))
        {
            float[] expected = FreshProcess.Scores(model.Transform(rows), "Score"),
                given = [.. onnx.Values("Score.output").SelectMany(row => (float[])row)];
            Assert.HasCount(expected.Length, given);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], given[i], 1e-4 * Math.Max(1, Math.Abs(expected[i])), $"value {i}");
        }
        File.Delete(file);
    }

    [TestMethod]
    public void Its_network_is_read_as_JSON_and_as_code_that_compiles()
    {
        var ml = new MLContext(seed: 1);
        KerasSequentialSearchSpace space = Quick;
        (space.Activations, space.Dropout, space.BatchNormalization) = (["tanh"], 0.1, [true]);
        Sequential network = Multiclass(ml, ml.Auto().KerasSequentialMulticlass(searchSpace: space), 2, out _)
            .Run().Model.FindKerasSequential()!.Model;
        using Sequential fromJson = Sequential.FromJson(network.ToJson()),
            compiled = Compiled.Models([network.ToCSharp()])[0];
        foreach (Sequential copy in new[] { fromJson, compiled })
        {
            copy.SetWeights(network.GetWeights());
            NDArray x = new float[,] { { 1, 2, 3, 4 }, { -1, 0, 0.5f, 2 } };
            CollectionAssert.AreEqual(network.Predict(x).ToArray(), copy.Predict(x).ToArray());
        }
        Assert.AreEqual(network.Optimizer!.GetConfig().ToJsonString(), compiled.Optimizer!.GetConfig().ToJsonString());
        Assert.Contains("new BatchNormalization()", network.ToCSharp());
    }

    [TestMethod]
    public void It_is_found_after_the_featurizer_of_a_data_frame()
    {
        var ml = new MLContext(seed: 1);
        float[][] rows = [.. DataSets.Iris(ml).GetColumn<float[]>("Features")];
        string[] species = [.. DataSets.Iris(ml).GetColumn<string>("Species")];
        var frame =
            new DataFrame([
                .. new[] { "sepal length", "sepal width", "petal length",
                    "petal width" }.Select((name, c) => new SingleDataFrameColumn(name, rows.Select(r => r[c]))),
            new StringDataFrameColumn("species", species)]);
        KerasSequentialSearchSpace space = Quick;
        space.Epochs = new(30, 60, 40);
        SweepablePipeline pipeline = ml.Auto().Featurizer(frame, excludeColumns: ["species"])
            .Append(ml.Transforms.Conversion.MapValueToKey("Label", "species"))
            .Append(ml.Auto().KerasSequentialMulticlass(searchSpace: space));
        TrialResult best = ml.Auto().CreateExperiment().SetPipeline(pipeline)
            .SetMulticlassClassificationMetric(MulticlassClassificationMetric.MicroAccuracy, "Label")
            .SetDataset(frame, fold: 3).SetMaxModelToExplore(3).Run();
        DataFrame predicted = best.Model.Transform(frame).ToDataFrame(-1, "species", "Score");
        Assert.AreEqual(150, predicted.Rows.Count);
        Assert.IsGreaterThan(0.7, best.Metric);
    }
}
