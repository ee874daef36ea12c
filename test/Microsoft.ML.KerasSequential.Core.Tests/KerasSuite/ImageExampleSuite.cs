using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Preprocessing;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>Keras' image examples, on small images.</summary>
[TestClass]
public sealed class ImageExampleSuite
{
    [TestInitialize]
    public void Seed() => K.SetRandomSeed(7);

    [TestMethod]
    public void Mnist_mlp()
    {
        (NDArray x, NDArray y) = Flat(Pictures(300, 1));
        (NDArray xTest, NDArray yTest) = Flat(Pictures(100, 2));
        using var model = new Sequential();
        model.Add(new Dense(64, activation: "relu", inputShape: [144]));
        model.Add(new Dropout(0.2));
        model.Add(new Dense(64, activation: "relu"));
        model.Add(new Dropout(0.2));
        model.Add(new Dense(10, activation: "softmax"));
        model.Compile(loss: "categorical_crossentropy", optimizer: new RMSprop(), metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 32, epochs: 5, verbose: 0, validationData: (xTest, yTest));
        Evaluation score = model.Evaluate(xTest, yTest, verbose: 0);
        Assert.IsTrue(score[1] > 0.95, $"accuracy {score[1]}");
    }

    [TestMethod]
    public void Mnist_cnn()
    {
        (NDArray x, NDArray y) = Pictures(200, 1);
        (NDArray xTest, NDArray yTest) = Pictures(100, 2);
        using var model = new Sequential();
        model.Add(new Conv2D(8, kernelSize: (3, 3), activation: "relu", inputShape: [12, 12, 1]));
        model.Add(new Conv2D(16, (3, 3), activation: "relu"));
        model.Add(new MaxPooling2D(poolSize: (2, 2)));
        model.Add(new Dropout(0.25));
        model.Add(new Flatten());
        model.Add(new Dense(32, activation: "relu"));
        model.Add(new Dropout(0.5));
        model.Add(new Dense(10, activation: "softmax"));
        model.Compile(loss: "categorical_crossentropy", optimizer: new Adadelta(), metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 20, epochs: 8, verbose: 0, validationData: (xTest, yTest));
        Assert.IsTrue(model.Evaluate(xTest, yTest, verbose: 0)["accuracy"] > 0.9);
    }

    [TestMethod]
    public void Mnist_transfer_cnn()
    {
        Layer[] features =
        [
            new Conv2D(8, 3, padding: "valid", inputShape: [12, 12, 1]), new Activation("relu"), new Conv2D(8, 3),
                new Activation("relu"),
            new MaxPooling2D(poolSize: 2), new Dropout(0.25), new Flatten(),
        ];
        Layer[] classification =
            [new Dense(32), new Activation("relu"), new Dropout(0.5), new Dense(5), new Activation("softmax")];
        using var model = new Sequential([.. features, .. classification]);
        (NDArray x, NDArray y) = ExampleData.Pictures(150, 12, 1, 5, seed: 1);
        model.Compile(loss: "categorical_crossentropy", optimizer: "adadelta", metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 15, epochs: 12, verbose: 0);
        Assert.IsTrue(model.Evaluate(x, y, verbose: 0)["accuracy"] > 0.8);

        foreach (Layer layer in features) layer.Trainable = false;
        float[] kept = features[0].GetWeights()[0].ToArray(), head = classification[0].GetWeights()[0].ToArray();
        // The other task: the same images rotated.
        foreach (int i in Enumerable.Range(0, x.Rows)) x.Span.Slice(i * 144, 144).Reverse();
        model.Compile(loss: "categorical_crossentropy", optimizer: "adadelta", metrics: ["accuracy"]);
        model.Fit(x, y, batchSize: 15, epochs: 12, verbose: 0);
        Assert.IsTrue(model.Evaluate(x, y, verbose: 0)["accuracy"] > 0.8);
        CollectionAssert.AreEqual(kept, features[0].GetWeights()[0].ToArray());
        CollectionAssert.AreNotEqual(head, classification[0].GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void Mnist_irnn()
    {
        // Rows as time steps; the weights start as an identity, so that the state is kept.
        (NDArray x, NDArray y) = Pictures(200, 1);
        x = x.Reshape(200, 12, 12);
        using var model = new Sequential();
        model.Add(
            new SimpleRNN(50, kernelInitializer: new RandomNormal(stddev: 0.001),
                recurrentInitializer: new Initializers.Identity(gain: 1.0), activation: "relu",
                inputShape: x.Shape[1..].ToArray()));
        model.Add(new Dense(10));
        model.Add(new Activation("softmax"));
        model.Compile(loss: "categorical_crossentropy", optimizer: new RMSprop(learningRate: 0.01),
            metrics: ["accuracy"]);
        Assert.IsTrue(model.Fit(x, y, batchSize: 20, epochs: 12, verbose: 0)["accuracy"][^1] > 0.8);
    }

    [TestMethod]
    public void Mnist_hierarchical_rnn()
    {
        (NDArray x, NDArray y) = Pictures(200, 1);
        using var model = new Sequential(
            [new TimeDistributed(new LSTM(12), inputShape: [12, 12, 1]), new LSTM(16),
                new Dense(10, activation: "softmax")]);
        model.Compile(loss: "categorical_crossentropy", optimizer: new RMSprop(0.01), metrics: ["accuracy"]);
        Assert.IsTrue(model.Fit(x, y, batchSize: 20, epochs: 15, verbose: 0)["accuracy"][^1] > 0.8);
    }

    [TestMethod]
    public void Antirectifier_()
    {
        (NDArray x, NDArray y) = Flat(Pictures(200, 1));
        using var model = new Sequential();
        model.Add(new Dense(32, inputShape: [144]));
        model.Add(new Antirectifier());
        model.Add(new Dropout(0.1));
        model.Add(new Dense(32));
        model.Add(new Antirectifier());
        model.Add(new Dropout(0.1));
        model.Add(new Dense(10));
        model.Add(new Activation("softmax"));
        CollectionAssert.AreEqual(new int?[] { null, 64 }, model.Layers[1].OutputShape!.ToArray());
        model.Compile(loss: "categorical_crossentropy", optimizer: "rmsprop", metrics: ["accuracy"]);
        Assert.IsTrue(model.Fit(x, y, batchSize: 20, epochs: 10, verbose: 0)["accuracy"][^1] > 0.9);
    }

    /// <summary>Positive and negative parts side by side, of centered, normalized values: all outputs are positive and
    /// nothing is lost.</summary>
    sealed class Antirectifier : Layer
    {
        public override Tensor Call(Tensor x)
        {
            x = K.L2Normalize(x - K.Mean(x, axis: 1, keepdims: true), axis: 1);
            return K.Concatenate([K.Relu(x), K.Relu(-x)], axis: 1);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Cifar10_cnn(bool augmented)
    {
        (NDArray x, NDArray y) = ExampleData.Pictures(120, 12, 3, 4, seed: 1);
        using var model = new Sequential();
        model.Add(new Conv2D(8, (3, 3), padding: "same", inputShape: x.Shape[1..].ToArray()));
        model.Add(new Activation("relu"));
        model.Add(new Conv2D(8, (3, 3)));
        model.Add(new Activation("relu"));
        model.Add(new MaxPooling2D(poolSize: (2, 2)));
        model.Add(new Dropout(0.25));
        model.Add(new Conv2D(16, (3, 3), padding: "same"));
        model.Add(new Activation("relu"));
        model.Add(new Conv2D(16, (3, 3)));
        model.Add(new Activation("relu"));
        model.Add(new MaxPooling2D(poolSize: (2, 2)));
        model.Add(new Dropout(0.25));
        model.Add(new Flatten());
        model.Add(new Dense(32));
        model.Add(new Activation("relu"));
        model.Add(new Dropout(0.5));
        model.Add(new Dense(4));
        model.Add(new Activation("softmax"));
        model.Compile(loss: "categorical_crossentropy", optimizer: new RMSprop(learningRate: 0.003, decay: 1e-6),
            metrics: ["accuracy"]);
        if (augmented)
        {
            var generator = new ImageDataGenerator(widthShiftRange: 0.05, heightShiftRange: 0.05, fillMode: "nearest");
            generator.Fit(x);
            model.FitGenerator(generator.Flow(x, y, batchSize: 12), epochs: 20, validationData: (x, y), workers: 4,
                verbose: 0);
        }
        else
        {
            model.Fit(x, y, batchSize: 12, epochs: 15, validationData: (x, y), shuffle: true, verbose: 0);
        }
        Assert.IsTrue(model.Evaluate(x, y, verbose: 0)["accuracy"] > 0.8);
    }

    [TestMethod]
    public void Conv_lstm()
    {
        // A square moves by one position per frame; the network predicts where it will be.
        const int movies = 12, frames = 5, size = 8;
        NDArray noisy = Random(0.1, movies, frames, size, size, 1), shifted = new(movies, frames, size, size, 1);
        for (int m = 0; m < movies; m++)
            for (int t = 0; t <= frames; t++)
                for (int dx = 0; dx < 2; dx++)
                    for (int dy = 0; dy < 2; dy++)
                    {
                        int row = m % 4 + dx, column = (m / 4 + t + dy) % size;
                        if (t < frames) noisy[m, t, row, column, 0] = 1;
                        if (t > 0) shifted[m, t - 1, row, column, 0] = 1;
                    }
        using var model = new Sequential();
        model.Add(
            new ConvLSTM2D(filters: 6, kernelSize: (3, 3), inputShape: [null, size, size, 1], padding: "same",
                returnSequences: true));
        model.Add(new BatchNormalization());
        model.Add(new ConvLSTM2D(filters: 6, kernelSize: (3, 3), padding: "same", returnSequences: true));
        model.Add(new BatchNormalization());
        model.Add(
            new Conv3D(filters: 1, kernelSize: [3, 3, 3], activation: "sigmoid", padding: "same",
                dataFormat: "channels_last"));
        model.Compile(loss: "binary_crossentropy", optimizer: "adadelta");
        IReadOnlyList<double> loss =
            model.Fit(noisy, shifted, batchSize: 3, epochs: 12, validationSplit: 0.1, verbose: 0)["loss"];
        Assert.IsTrue(loss[^1] < 0.5 * loss[0], $"{loss[0]} to {loss[^1]}");
        // A longer movie goes through the same network.
        CollectionAssert.AreEqual(new[] { 1, 9, size, size, 1 },
            model.Predict(Random(1, 1, 9, size, size, 1)).Shape.ToArray());
    }

    static (NDArray, NDArray) Pictures(int count, int seed) => ExampleData.Pictures(count, 12, 1, 10, seed);

    static (NDArray, NDArray) Flat((NDArray X, NDArray Y) data) => (data.X.Reshape(data.X.Rows, -1), data.Y);
}
