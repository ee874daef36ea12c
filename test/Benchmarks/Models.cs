using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Benchmarks;

/// <summary>Compiled models of typical work, with data of the right shape.</summary>
internal static class Models
{
    public static (Sequential, NDArray, NDArray) Tabular()
    {
        var model = new Sequential([
            new Dense(64, activation: "relu", inputShape: [20]),
            new Dense(64, activation: "relu"),
            new Dense(1),
        ]);
        model.Compile("adam", "mse");
        return (model, Data(10_240, 20), Data(10_240, 1));
    }

    public static (Sequential, NDArray, NDArray) MnistMlp()
    {
        var model = new Sequential([
            new Dense(512, activation: "relu", inputShape: [784]),
            new Dropout(0.2),
            new Dense(512, activation: "relu"),
            new Dropout(0.2),
            new Dense(10, activation: "softmax"),
        ]);
        model.Compile("rmsprop", "categorical_crossentropy", metrics: ["accuracy"]);
        var y = new NDArray(12_800, 10);
        for (int i = 0; i < y.Shape[0]; i++) y[i, i * 7 % 10] = 1;
        return (model, Data(12_800, 784), y);
    }

    public static (Sequential, NDArray, NDArray) MnistCnn()
    {
        var model = new Sequential([
            new Conv2D(32, 3, activation: "relu", inputShape: [28, 28, 1]),
            new Conv2D(64, 3, activation: "relu"),
            new MaxPooling2D(2),
            new Dropout(0.25),
            new Flatten(),
            new Dense(128, activation: "relu"),
            new Dropout(0.5),
            new Dense(10, activation: "softmax"),
        ]);
        model.Compile("adadelta", "categorical_crossentropy", metrics: ["accuracy"]);
        var y = new NDArray(1280, 10);
        for (int i = 0; i < y.Shape[0]; i++) y[i, i * 7 % 10] = 1;
        return (model, Data(1280, 28, 28, 1), y);
    }

    public static (Sequential, NDArray, NDArray) ImdbLstm(double dropout)
    {
        var model = new Sequential([
            new Embedding(20_000, 128),
            new LSTM(128, dropout: dropout, recurrentDropout: dropout),
            new Dense(1, activation: "sigmoid"),
        ]);
        model.Compile("adam", "binary_crossentropy", metrics: ["accuracy"]);
        NDArray x = Data(320, 80), y = Data(320, 1);
        foreach (ref float value in x.Span) value = MathF.Floor(value * 20_000);
        foreach (ref float value in y.Span) value = MathF.Round(value);
        return (model, x, y);
    }

    public static (Sequential, NDArray, NDArray) Transformer()
    {
        var model = new Sequential([
            new TransformerEncoder(512, 8, inputShape: [64, 128]),
            new TransformerEncoder(512, 8),
            new TransformerEncoder(512, 8),
            new TransformerEncoder(512, 8),
            new GlobalAveragePooling1D(),
            new Dense(10),
        ]);
        model.Compile("adam", "mse");
        return (model, Data(1024, 64, 128), Data(1024, 10));
    }

    /// <summary>Three residual blocks of two 3×3 convolutions, after a first convolution: a small ResNet.</summary>
    public static (Sequential, NDArray, NDArray) ResNet()
    {
        var model = new Sequential([
            new Conv2D(16, 3, padding: "same", inputShape: [32, 32, 3]), new BatchNormalization(), new ReLU(),
            Block(16, 1, null), new ReLU(),
            Block(32, 2, new Conv2D(32, 1, strides: 2)), new ReLU(),
            Block(64, 2, new Conv2D(64, 1, strides: 2)), new ReLU(),
            new GlobalAveragePooling2D(),
            new Dense(10, activation: "softmax"),
        ]);
        model.Compile("adam", "categorical_crossentropy", metrics: ["accuracy"]);
        var y = new NDArray(1024, 10);
        for (int i = 0; i < y.Shape[0]; i++) y[i, i * 7 % 10] = 1;
        return (model, Data(1024, 32, 32, 3), y);

        static Residual Block(int filters, int stride, Layer? shortcut) => new(
            [new Conv2D(filters, 3, strides: stride, padding: "same"), new BatchNormalization(), new ReLU(),
                new Conv2D(filters, 3, padding: "same"), new BatchNormalization()], shortcut);
    }

    public static (Sequential, NDArray, NDArray) Gru()
    {
        var model = new Sequential([new GRU(64, inputShape: [48, 8]), new Dense(1)]);
        model.Compile("adam", "mae");
        return (model, Data(1024, 48, 8), Data(1024, 1));
    }

    public static (Sequential, NDArray, NDArray) Text()
    {
        var model = new Sequential([
            new Embedding(20_000, 16, inputLength: 256),
            new GlobalAveragePooling1D(),
            new Dense(16, activation: "relu"),
            new Dense(1, activation: "sigmoid"),
        ]);
        model.Compile("adam", "binary_crossentropy", metrics: ["accuracy"]);
        NDArray x = Data(1024, 256), y = Data(1024, 1);
        foreach (ref float value in x.Span) value = MathF.Floor(value * 20_000);
        foreach (ref float value in y.Span) value = MathF.Round(value);
        return (model, x, y);
    }

    public static (Sequential, NDArray, NDArray) Encoder()
    {
        var model = new Sequential([
            new TransformerEncoder(512, 8, inputShape: [64, 128]),
            new TransformerEncoder(512, 8),
            new GlobalAveragePooling1D(),
            new Dense(10),
        ]);
        model.Compile("adam", "mse");
        return (model, Data(1024, 64, 128), Data(1024, 10));
    }

    static NDArray Data(params int[] shape)
    {
        var random = new Random(1);
        var array = new NDArray(shape);
        foreach (ref float value in array.Span) value = random.NextSingle();
        return array;
    }
}
