using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Samples;

/// <summary>Regression: the progression of diabetes after one year, with early stopping on the validation
/// loss.</summary>
internal static class Diabetes
{
    public static void Run(int seed)
    {
        var ((x, y), (testX, testY)) = Datasets.Diabetes().Split(0.25, seed);
        Table.Standardize(x, testX);
        NDArray scaledY = y.ToArray(), scaledTestY = testY.ToArray();
        foreach (NDArray part in (NDArray[])[scaledY, scaledTestY])
            foreach (ref float value in part.Span) value /= 100;

        using var model = new Sequential([
            new Dense(32, activation: "tanh", inputShape: [10]),
            new Dropout(0.2),
            new Dense(1),
        ], name: "diabetes");
        model.Compile(optimizer: "rmsprop", loss: "mse", metrics: ["mae"]);
        History history = model.Fit(x, scaledY, batchSize: 16, epochs: 200, validationSplit: 0.2, verbose: 0,
            callbacks: [new EarlyStopping(patience: 20, restoreBestWeights: true)], cancellationToken: Interrupt.Token);
        Evaluation result = model.Evaluate(testX, scaledTestY, verbose: 0);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"stopped after {history.Epoch.Count} epochs; mean absolute error on the test data "
                + $"{100 * result["mae"]:0.0}"));
    }
}
