using Microsoft.Data.Analysis;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Samples;

/// <summary>From a data frame to a network and back: the history and the predictions are frames again.</summary>
internal static class Frames
{
    public static void Run(int seed)
    {
        Dataset iris = Datasets.Iris();
        string[] names = [.. iris.FeatureNames];
        var ((x, y), _) = iris.Split(testShare: 0, seed);
        var flowers = new DataFrame([
            .. names.Select(
                (name, c) => new SingleDataFrameColumn(name, Enumerable.Range(0, y.Size).Select(r => x[r, c]))),
            new SingleDataFrameColumn("species", y.ToArray()),
        ]);

        using var model =
            new Sequential([new Dense(16, activation: "tanh", inputShape: [4]), new Dense(3, activation: "softmax")]);
        model.Compile(new Adam(0.01), "sparse_categorical_crossentropy", ["accuracy"]);
        History history = model.Fit(flowers, names, ["species"], batchSize: 16, epochs: 60, verbose: 0,
            validationSplit: 0.3, cancellationToken: Interrupt.Token);
        Console.WriteLine(history.ToDataFrame().Tail(3));

        DataFrame predicted = model.Predict(flowers, names, ["setosa", "versicolor", "virginica"]);
        Console.WriteLine(predicted.Head(5));
        Console.WriteLine(model.Evaluate(flowers, names, ["species"], verbose: 0));
    }
}
