using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.Transforms;

namespace TemplateNamespace;

/// <summary>A row of the data: the sizes of a flower's leaves, in cm, and its species.</summary>
public sealed class Flower
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
public sealed class ScoredFlower
{
    [ColumnName("PredictedLabel")]
    public string Species { get; set; } = "";

    [ColumnName("Score")]
    public float[] Probabilities { get; set; } = [];
}

/// <summary>The pipeline from a flower's sizes to its species: this is what you replace by your own.</summary>
public static class FlowerModel
{
    public static ITransformer Train(MLContext ml, string csv, CancellationToken cancellationToken)
    {
        IDataView flowers = ml.Data.LoadFromTextFile<Flower>(csv, separatorChar: ',', hasHeader: true);
        return ml.Transforms.Conversion
            .MapValueToKey("Label", nameof(Flower.Species),
                keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.Transforms.Concatenate("Features", nameof(Flower.SepalLength), nameof(Flower.SepalWidth),
                nameof(Flower.PetalLength), nameof(Flower.PetalWidth)))
            .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append(ml.MulticlassClassification.Trainers.KerasSequential(
                [new Dense(16, activation: "relu"), new Dropout(0.1), new Dense(3, activation: "softmax")],
                new KerasSequentialOptions
                {
                    Optimizer = "adam",
                    BatchSize = 8,
                    Epochs = 100,
                    CancellationToken = cancellationToken,
                }))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"))
            .Fit(flowers);
    }

    /// <summary>The species, in the order of the probabilities.</summary>
    public static string[] SpeciesOf(DataViewSchema scored)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored["Score"].GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
