using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Samples;

/// <summary>Five-fold cross-validation of a network and one of ML.NET's own trainers, on the same folds.</summary>
internal static class CrossValidation
{
    sealed class Flower
    {
        [LoadColumn(0, 3), VectorType(4)]
        public float[] Features { get; set; } = [];

        [LoadColumn(4)]
        public float Species { get; set; }
    }

    public static void Run(int seed)
    {
        var ml = new MLContext(seed);
        IDataView flowers = ml.Data.LoadFromTextFile<Flower>(
            Path.Combine(AppContext.BaseDirectory, "Data", "iris.csv"), separatorChar: ',', hasHeader: true);
        IEstimator<ITransformer> network = ml.MulticlassClassification.Trainers.KerasSequential(
            [new Dense(16, activation: "tanh"), new Dense(3, activation: "softmax")],
            new KerasSequentialOptions
            { Epochs = 80, BatchSize = 16, Optimizer = new Adam(0.005), CancellationToken = Interrupt.Token });
        IEstimator<ITransformer> linear = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy();

        foreach ((string name, IEstimator<ITransformer> trainer)
            in new[] { ("network", network), ("maximum entropy", linear) })
        {
            IEstimator<ITransformer> pipeline = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Flower.Species))
                .Append(ml.Transforms.NormalizeMeanVariance("Features", fixZero: false)).Append(trainer);
            var folds = ml.MulticlassClassification.CrossValidate(flowers, pipeline, numberOfFolds: 5, seed: seed);
            double[] accuracies = [.. folds.Select(f => f.Metrics.MicroAccuracy)];
            string each = string.Join(", ", accuracies.Select(a => a.ToString("0.000", CultureInfo.InvariantCulture)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-16} accuracy: {accuracies.Average():0.000} (folds: {each})"));
        }
    }
}
