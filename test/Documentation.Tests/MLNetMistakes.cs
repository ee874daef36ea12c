#if MLNET
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Documentation.Tests;

/// <summary>Mistakes in pipelines of ML.NET.</summary>
internal static partial class Mistakes
{
    public static IReadOnlyDictionary<string, Action> InMLNet { get; } = new Dictionary<string, Action>
    {
        ["feature column"] = () => Train(label: "Kind", features: "Feature"),
        ["label column"] = () => Train(label: "Label", features: "Features"),
        ["text label"] = () => Train(label: "Name", features: "Features"),
        ["outputs and classes"] = () => Train(label: "Kind", features: "Features", outputs: 2),
        ["shape of the features"] = () => Train(label: "Kind", features: "Features", inputs: 5),
    };

    static void Train(string label, string features, int outputs = 3, int inputs = 2)
    {
        var ml = new MLContext(seed: 1);
        IDataView rows = ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, 9).Select(i => new Row { Kind = i % 3, Name = "a", Features = [i, 1] }));
        ml.MulticlassClassification.Trainers.KerasSequential(
            [new Dense(outputs, activation: "softmax", inputShape: [inputs])],
            new KerasSequentialOptions { LabelColumnName = label, FeatureColumnName = features, Epochs = 1 }).Fit(rows);
    }

    sealed class Row
    {
        public float Kind { get; set; }

        public string Name { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
#endif
