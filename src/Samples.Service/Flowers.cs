using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.Transforms;

namespace Samples.Service;

/// <summary>The request: the sizes of a flower's sepals and petals, in cm.</summary>
internal sealed class Flower
{
    [VectorType(Flowers.Sizes)]
    public float[]? Features { get; set; }

    public string Species { get; set; } = "";
}

/// <summary>The response.</summary>
internal sealed class Answer
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}

/// <summary>The model, which predicts the species of an iris flower.</summary>
internal static class Flowers
{
    public const int Sizes = 4;

    static readonly string[] s_lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Data", "iris.csv"));

    /// <summary>The species, in the order of their scores.</summary>
    public static string[] Species { get; } = s_lines[0].Split(',')[2..];

    public static IDataView Read(MLContext ml) =>
        ml.Data.LoadFromEnumerable(s_lines.Skip(1).Select(line => line.Split(',')).Select(cells => new Flower
        {
            Features = [.. cells[..Sizes].Select(c => float.Parse(c, CultureInfo.InvariantCulture))],
            Species = Species[int.Parse(cells[Sizes], CultureInfo.InvariantCulture)],
        }).ToArray());

    /// <summary>A pipeline that is trained at the start, and logs where the host does.</summary>
    public static ITransformer Train(IServiceProvider services) =>
        Train(services.GetRequiredService<MLContext>(), services.GetRequiredService<ILogger<Flower>>());

    public static ITransformer Train(MLContext ml, ILogger? log = null) =>
        ml.Transforms.Conversion
            .MapValueToKey("Label", nameof(Flower.Species),
                keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            .Append(ml.Transforms.NormalizeMeanVariance(nameof(Flower.Features), fixZero: false))
            .Append(ml.MulticlassClassification.Trainers.KerasSequential(
                [new Dense(16, activation: "tanh"), new Dense(3, activation: "softmax")],
                new KerasSequentialOptions { Epochs = 80, BatchSize = 16, Optimizer = new Adam(0.005), Logger = log }))
            .Append(ml.Transforms.Conversion.MapKeyToValue(nameof(Answer.PredictedLabel)))
            .Fit(Read(ml));
}
