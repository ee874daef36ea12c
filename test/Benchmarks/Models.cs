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

    /// <summary>Self-attention over many steps, whose matrix of scores would be eight times as large as its input.
    /// </summary>
    public static (Sequential, NDArray, NDArray) Attention()
    {
        var model = new Sequential([
            new MultiHeadAttention(4, 32, inputShape: [1024, 128]),
            new GlobalAveragePooling1D(),
            new Dense(10),
        ]);
        model.Compile("adam", "mse");
        return (model, Data(64, 1024, 128), Data(64, 10));
    }

    /// <summary>A block of a language model: heads that share keys and values, in order of time.</summary>
    public static (Sequential, NDArray, NDArray) Decoder()
    {
        var model = new Sequential([
            new Residual([
                new RMSNormalization(),
                new GroupQueryAttention(32, 8, 2, useBias: false, useCausalMask: true)], inputShape: [256, 256]),
            new Residual([new RMSNormalization(), new Dense(1024, "silu", useBias: false),
                new Dense(256, useBias: false)]),
            new Dense(10),
        ]);
        model.Compile("adam", "mse");
        return (model, Data(128, 256, 256), Data(128, 256, 10));
    }

    /// <summary>A sound that is narrowed by strides, filtered channel by channel, and widened again.</summary>
    public static (Sequential, NDArray, NDArray) Audio()
    {
        var model = new Sequential([
            new Conv1D(32, 8, strides: 4, padding: "same", activation: "relu", inputShape: [4096, 1]),
            new DepthwiseConv1D(9, padding: "same"), new Conv1D(64, 1, activation: "relu"),
            new DepthwiseConv1D(9, padding: "same"), new Conv1D(32, 1, activation: "relu"),
            new Conv1DTranspose(1, 8, strides: 4, padding: "same"),
        ]);
        model.Compile("adam", "mse");
        NDArray x = Data(256, 4096, 1);
        return (model, x, x);
    }

    /// <summary>Images that are changed at random before a convolution.</summary>
    public static (Sequential, NDArray, NDArray) Augmented()
    {
        var model = new Sequential([
            new RandomFlip("horizontal", inputShape: [64, 64, 3]), new RandomRotation(0.1), new RandomZoom(0.1),
            new RandomContrast(0.2),
            new Conv2D(16, 3, strides: 2, activation: "relu"),
            new GlobalAveragePooling2D(),
            new Dense(10),
        ]);
        model.Compile("adam", "mse");
        return (model, Data(1024, 64, 64, 3), Data(1024, 10));
    }

    /// <summary>Labels of a sequence without their places in it.</summary>
    public static (Sequential, NDArray, NDArray) Ctc()
    {
        var model = new Sequential([new Dense(64, "relu", inputShape: [100, 32]), new Dense(29)]);
        model.Compile("adam", "ctc");
        var y = new NDArray(1024, 20);
        for (int i = 0; i < y.Size; i++) y.Span[i] = 1 + i * 7 % 28;
        return (model, Data(1024, 100, 32), y);
    }

    static NDArray Data(params int[] shape)
    {
        var random = new Random(1);
        var array = new NDArray(shape);
        foreach (ref float value in array.Span) value = random.NextSingle();
        return array;
    }
}
