using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Samples;

/// <summary>The digits again, with a convolutional network.</summary>
internal static class DigitsCnn
{
    public static void Run(int seed)
    {
        (Sequential model, NDArray testX, NDArray testY) = Train(seed, verbose: 2);
        using (model)
        {
            model.Summary();
            Evaluation result = model.Evaluate(testX, testY, verbose: 0);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"on {testX.Shape[0]} digits not used in training: {result}"));
        }
    }

    /// <summary>Trains on two thirds of the digits; returns the last third with the model.</summary>
    public static (Sequential Model, NDArray TestX, NDArray TestY) Train(int seed, int verbose)
    {
        var ((x, y), (testX, testY)) = Datasets.Digits().Split(1.0 / 3, seed);
        foreach (NDArray images in (NDArray[])[x, testX])
            foreach (ref float pixel in images.Span) pixel /= 16;

        var model = new Sequential([
            new Reshape([8, 8, 1], inputShape: [64]),
            new Conv2D(32, 3, padding: "same", activation: "relu"),
            new Conv2D(32, 3, padding: "same"),
            new BatchNormalization(),
            new Activation("relu"),
            new MaxPooling2D(2),
            new Residual([new Conv2D(32, 3, padding: "same", activation: "relu"), new Conv2D(32, 3, padding: "same")]),
            new Dropout(0.3),
            new Flatten(),
            new Dense(64, activation: "relu"),
            new Dense(10, activation: "softmax"),
        ], name: "digits_cnn");
        model.Compile(optimizer: "adam", loss: "sparse_categorical_crossentropy", metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 32, epochs: 12, verbose: verbose, cancellationToken: Interrupt.Token);
        return (model, testX, testY);
    }
}
