using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models that read digits, small enough for a test, with everything that ranks must agree on.</summary>
internal static class DigitsWork
{
    public static (NDArray X, NDArray Y, NDArray TestX, NDArray TestY) Data()
    {
        var ((x, y), (testX, testY)) = Datasets.Digits().Split(1.0 / 3, 1);
        foreach (NDArray images in (NDArray[])[x, testX])
            foreach (ref float pixel in images.Span) pixel /= 16;
        return (x, y, testX, testY);
    }

    public static Sequential Model(string kind, string optimizer, long seed)
    {
        var model = new Sequential(name: "digits") { Seed = seed };
        Layer[] layers = kind switch
        {
            "dense" => [new Dense(64, activation: "relu", inputShape: [64]), new Dense(10, activation: "softmax")],
            "dropout" => [new Dense(64, activation: "relu", inputShape: [64]), new Dropout(0.3),
                new Dense(10, activation: "softmax")],
            "convolution" =>
            [
                new Reshape([8, 8, 1], inputShape: [64]), new Conv2D(8, 3, padding: "same"), new BatchNormalization(),
                new Activation("tanh"), new MaxPooling2D(2), new Conv2D(8, 2, activation: "tanh"),
                new Flatten(), new Dense(10, activation: "softmax"),
            ],
            "recurrent" => [new Reshape([8, 8], inputShape: [64]), new LSTM(16), new Dense(10, activation: "softmax")],
            _ => throw new ArgumentException($"Unknown model {kind}.", nameof(kind)),
        };
        foreach (Layer layer in layers) model.Add(layer);
        Optimizer update = optimizer switch
        {
            "sgd" => new SGD(0.05, momentum: 0.9),
            "clipped" => new SGD(0.05, momentum: 0.9, clipnorm: 0.5),
            "adam" => new Adam(),
            _ => throw new ArgumentException($"Unknown optimizer {optimizer}.", nameof(optimizer)),
        };
        model.Compile(update, "sparse_categorical_crossentropy", metrics: ["accuracy"]);
        return model;
    }

    /// <summary>The same samples in batches.</summary>
    public sealed class Batches(NDArray x, NDArray y, int size) : BatchSequence
    {
        public override int Count => (x.Shape[0] + size - 1) / size;

        public override Batch this[int index]
        {
            get
            {
                int start = index * size, count = Math.Min(size, x.Shape[0] - start);
                return new(x.Slice(start, count), y.Slice(start, count));
            }
        }
    }
}
