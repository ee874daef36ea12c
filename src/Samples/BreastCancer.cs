using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Samples;

/// <summary>Binary classification: malignant or benign, with regularized weights.</summary>
internal static class BreastCancer
{
    public static void Run(int seed)
    {
        var ((x, y), (testX, testY)) = Datasets.BreastCancer().Split(0.3, seed);
        Table.Standardize(x, testX);

        using var model = new Sequential([
            new Dense(16, activation: "relu", kernelRegularizer: new L1L2(l2: 0.005), inputShape: [30]),
            new Dense(1, activation: "sigmoid"),
        ], name: "breast_cancer");
        model.Compile(optimizer: "adam", loss: "binary_crossentropy", metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 32, epochs: 60, verbose: 0, cancellationToken: Interrupt.Token);
        Console.WriteLine(model.Evaluate(testX, testY, verbose: 0));
    }
}
