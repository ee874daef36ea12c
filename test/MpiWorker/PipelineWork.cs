using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Callbacks;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Trains on the digits through the ML.NET trainer.</summary>
internal static class PipelineWork
{
    sealed class Digit
    {
        [VectorType(64)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    /// <summary>The trained weights and the history.</summary>
    public static (float[] Weights, History History) Train(Distribution ranks, string model, string rows,
        long? maxBytes, bool shuffles, Callback[] callbacks)
    {
        (NDArray x, NDArray y, NDArray testX, NDArray testY) = DigitsWork.Data();
        var ml = new MLContext(1);
        var options = new KerasSequentialOptions
        {
            Distribution = ranks,
            Epochs = 3,
            BatchSize = 50,
            Shuffle = shuffles,
            Callbacks = callbacks,
            ValidationSplit = rows == "split" ? 0.23 : 0,
            ValidationData = rows == "given" ? View(testX, testY) : null,
            Metrics = "accuracy",
        };
        if (maxBytes is long bytes) options.MaxInMemoryBytes = bytes;
        using Sequential network = DigitsWork.Model(model, "sgd", seed: 1 + ranks.Rank);
        KerasSequentialTransformer trained = ml.MulticlassClassification.Trainers.KerasSequential(network, options)
            .Fit(View(x, y));
        return ([.. trained.Model.GetWeights().SelectMany(w => w.Span.ToArray())], trained.History!);

        IDataView View(NDArray features, NDArray digits)
        {
            IDataView view = ml.Data.LoadFromEnumerable(Enumerable.Range(0, digits.Size)
                .Select(
                    i => new Digit { Features = features.Span.Slice(i * 64, 64).ToArray(), Label = digits.Span[i] }));
            return ml.Transforms.Conversion.MapValueToKey("Label",
                keyOrdinality: Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue).Fit(view).Transform(view);
        }
    }
}
