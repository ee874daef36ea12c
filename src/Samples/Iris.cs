using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Utils;

namespace Samples;

/// <summary>Multiclass classification: three species of iris by the sizes of their sepals and petals, with one-hot
/// targets.</summary>
internal static class Iris
{
    public static void Run(int seed)
    {
        var ((x, species), (testX, testSpecies)) = Datasets.Iris().Split(0.3, seed);
        Table.Standardize(x, testX);
        NDArray y = NpUtils.ToCategorical(species), testY = NpUtils.ToCategorical(testSpecies);

        using var model = new Sequential([
            new Dense(16, activation: "relu", inputShape: [4]),
            new Dense(3, activation: "softmax"),
        ], name: "iris");
        model.Compile(optimizer: "adam", loss: "categorical_crossentropy", metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 16, epochs: 150, verbose: 0, cancellationToken: Interrupt.Token);
        Console.WriteLine(model.Evaluate(testX, testY, verbose: 0));
    }
}
