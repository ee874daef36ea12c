using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/mlnet.md.</summary>
[TestClass]
public sealed class MlnetExample
{
    [TestMethod]
    public void Runs()
    {
        #region example
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) =>
        {
            if (e.RawMessage.StartsWith("Epoch", StringComparison.Ordinal)) Console.WriteLine(e.RawMessage);
        };
        // Four measurements and a species per line.
        string csv = Path.Combine(AppContext.BaseDirectory, "Data", "iris.csv");
        IDataView flowers = ml.Data.LoadFromTextFile(csv,
            [new("Features", DataKind.Single, 0, 3), new("Species", DataKind.Single, 4)],
            separatorChar: ',', hasHeader: true);
        var split = ml.Data.TrainTestSplit(flowers, testFraction: 0.2);

        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Species")
            .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append(ml.MulticlassClassification.Trainers.KerasSequential(
                [new Dense(16, activation: "relu"), new Dropout(0.2), new Dense(3, activation: "softmax")],
                new KerasSequentialOptions
                {
                    Epochs = 100,
                    BatchSize = 16,
                    Optimizer = "adam",
                    ValidationSplit = 0.1,
                    Callbacks = [new EarlyStopping(patience: 10)],
                }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

        ITransformer model = pipeline.Fit(split.TrainSet);
        var metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet));

        ml.Model.Save(model, flowers.Schema, "flowers.zip");
        // Any program that references the package can load the model.
        ITransformer loaded = new MLContext().Model.Load("flowers.zip", out _);

        // The whole pipeline: featurizers, network, and key mapping.
        ml.Model.SaveAsOnnx(model, flowers, "flowers.onnx", "PredictedLabel", "Score");
        #endregion
        Assert.IsTrue(metrics.MicroAccuracy > 0.8);
        Assert.AreEqual(metrics.LogLoss, ml.MulticlassClassification.Evaluate(loaded.Transform(split.TestSet)).LogLoss);
        File.Delete("flowers.zip");
        File.Delete("flowers.onnx");
    }
}
