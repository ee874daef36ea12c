namespace Microsoft.ML.KerasSequential.Tests;
[TestClass]
public sealed class FirstTests
{
    [TestMethod]
    public void Iris()
    {
        var ml = new MLContext(seed: 1);
        IDataView data = DataSets.Iris(ml);
        var split = ml.Data.TrainTestSplit(data, 0.2);
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Species")
            .Append(ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(ml.MulticlassClassification.Trainers.KerasSequential([new Dense(16, activation: "relu"), new Dense(3, activation: "softmax")], new KerasSequentialOptions { Epochs = 50, BatchSize = 16, Optimizer = "adam" }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        ml.Log += (_, e) => { if (e.Message.Contains("Epoch") && e.Message.Contains("0/")) Console.WriteLine(e.Message); };
        var model = pipeline.Fit(split.TrainSet);
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
        Console.WriteLine($"{metrics.MicroAccuracy} {metrics.LogLoss}");
        ml.Model.Save(model, data.Schema, "/tmp/w/iris.zip");
        var again = ml.Model.Load("/tmp/w/iris.zip", out _);
        Console.WriteLine(ml.MulticlassClassification.Evaluate(again.Transform(split.TestSet)).LogLoss);
        var own = ml.MulticlassClassification.Trainers.SdcaMaximumEntropy();
        var prepared = ml.Transforms.Conversion.MapValueToKey("Label", "Species").Fit(data).Transform(data);
        foreach (var v in new[] { own.Fit(prepared).Transform(prepared), ml.MulticlassClassification.Trainers.KerasSequential([new Dense(3, activation: "softmax")]).Fit(prepared).Transform(prepared) })
            foreach (var c in v.Schema) Console.WriteLine($"{c.Name} {c.Type} hidden={c.IsHidden} {string.Join(";", c.Annotations.Schema.Select(a => a.Name + ":" + a.Type))}");
    }
}
