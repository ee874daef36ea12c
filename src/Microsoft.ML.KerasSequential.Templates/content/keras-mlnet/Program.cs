using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

var ml = new MLContext(seed: 1);
string csv = Path.Combine(AppContext.BaseDirectory, "Data", "iris.csv");
IDataView flowers = ml.Data.LoadFromTextFile<Flower>(csv, separatorChar: ',', hasHeader: true);
var split = ml.Data.TrainTestSplit(flowers, testFraction: 0.2);

// The network's input is the column Features; its size needs no mention. The softmax has an output a species.
var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Flower.Species))
    .Append(ml.Transforms.Concatenate("Features",
        nameof(Flower.SepalLength), nameof(Flower.SepalWidth), nameof(Flower.PetalLength), nameof(Flower.PetalWidth)))
    .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
    .Append(ml.MulticlassClassification.Trainers.KerasSequential(
        [new Dense(16, activation: "relu"), new Dropout(0.1), new Dense(3, activation: "softmax")],
        new KerasSequentialOptions
        {
            Optimizer = "adam",
            BatchSize = 8,
            Epochs = 200,
            ValidationSplit = 0.1,
            Callbacks = [new EarlyStopping(patience: 10, restoreBestWeights: true)],
        }))
    .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

Console.WriteLine("Training…");
ITransformer model = pipeline.Fit(split.TrainSet);

var metrics = ml.MulticlassClassification.Evaluate(model.Transform(split.TestSet));
Console.WriteLine(
    $"On flowers that it has not seen: accuracy {metrics.MicroAccuracy:0.0%}, log-loss {metrics.LogLoss:0.000}");
Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());

// The file holds the whole pipeline. Any program with the same packages can load it.
ml.Model.Save(model, flowers.Schema, "model.zip");
ITransformer loaded = ml.Model.Load("model.zip", out _);

using var engine = ml.Model.CreatePredictionEngine<Flower, FlowerPrediction>(loaded);
FlowerPrediction prediction = engine.Predict(
    new Flower { SepalLength = 5.1f, SepalWidth = 3.5f, PetalLength = 1.4f, PetalWidth = 0.2f });
Console.WriteLine($"A flower with short petals is {prediction.Species}, at {prediction.Probabilities.Max():0.0%}.");

/// <summary>A row of the data: the sizes of a flower's leaves, in cm, and its species.</summary>
class Flower
{
    [LoadColumn(0)]
    public float SepalLength { get; set; }

    [LoadColumn(1)]
    public float SepalWidth { get; set; }

    [LoadColumn(2)]
    public float PetalLength { get; set; }

    [LoadColumn(3)]
    public float PetalWidth { get; set; }

    [LoadColumn(4)]
    public string Species { get; set; } = "";
}

/// <summary>What the pipeline makes of a row.</summary>
class FlowerPrediction
{
    [ColumnName("PredictedLabel")]
    public string Species { get; set; } = "";

    [ColumnName("Score")]
    public float[] Probabilities { get; set; } = [];
}
