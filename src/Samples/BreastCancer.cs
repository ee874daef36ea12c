using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Samples;

/// <summary>Binary: malignant or benign, with a penalty on the weights.</summary>
internal static class BreastCancer
{
    public static void Run(int seed)
    {
        (NDArray x, NDArray y, NDArray testX, NDArray testY) = Table.WithTargetLast(Table.Read("breast_cancer.csv", skip: 1)).Split(0.3, seed);
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
