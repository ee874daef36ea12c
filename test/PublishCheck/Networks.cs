using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace PublishCheck;

/// <summary>Networks of all kinds of layers, trained for a few steps, evaluated, and used for prediction.</summary>
static class Networks
{
    public static IEnumerable<(string Name, float[] Values)> All()
    {
        yield return ("dense", Train([6],
            new Dense(9, activation: "relu"), new BatchNormalization(), new Dropout(0.2), new LayerNormalization(),
            new Dense(7, activation: "gelu"), new LeakyReLU(), Classes()));
        yield return ("images", Train([8, 8, 2],
            new Conv2D(5, 3, padding: "same", activation: "relu"), new MaxPooling2D(2), new SeparableConv2D(4, 3),
            new UpSampling2D(2), new DepthwiseConv2D(2), new AveragePooling2D(2), new Flatten(), Classes()));
        yield return ("transposed", Train([4, 4, 2],
            new Conv2DTranspose(3, 3, strides: 2), new GlobalAveragePooling2D(), Classes()));
        foreach (string gate in new[] { "sigmoid", "hard_sigmoid" })
        {
            yield return ($"lstm with {gate}", Train([5, 3],
                new LSTM(4, recurrentActivation: gate, returnSequences: true), new LSTM(3), Classes()));
            yield return ($"gru with {gate}", Train([5, 3], new GRU(4, recurrentActivation: gate), Classes()));
        }
        yield return ("sequences", Train([5, 3],
            new Bidirectional(new SimpleRNN(4, returnSequences: true)),
            new TimeDistributed(new Dense(3, activation: "tanh")), new Conv1D(4, 2),
            new GlobalMaxPooling1D(), Classes()));
        yield return ("attention", Train([5, 4],
            new MultiHeadAttention(2, 2), new GlobalAveragePooling1D(), Classes()));
        yield return ("words", Words());
    }

    public static Sequential Small()
    {
        K.SetRandomSeed(3);
        var model = new Sequential([new Dense(5, activation: "tanh", inputShape: [6]), new Dense(2)]);
        model.Compile(new Adam(0.01), "mse", metrics: ["mae"]);
        return model;
    }

    static Dense Classes() => new(3, activation: "softmax");

    static float[] Train(int?[] shape, params Layer[] layers)
    {
        int size = shape.Aggregate(1, (a, b) => a * b!.Value);
        NDArray x = new(Program.Some(20, size).ToArray(), [20, .. shape.Select(s => s!.Value)]);
        K.SetRandomSeed(2);
        using var model = new Sequential([new InputLayer(shape), .. layers]);
        return Results(model, x);
    }

    static float[] Words()
    {
        K.SetRandomSeed(2);
        using var model = new Sequential([new Embedding(11, 4, maskZero: true), new LSTM(5), Classes()]);
        return Results(model, Program.Some(20, 6, classes: 11));
    }

    static float[] Results(Sequential model, NDArray x)
    {
        NDArray y = Program.Some(20, 1, classes: 3);
        model.Compile("sgd", "sparse_categorical_crossentropy", metrics: ["accuracy"]);
        History history = model.Fit(x, y, batchSize: 8, epochs: 2, verbose: 0, validationSplit: 0.2);
        Evaluation result = model.Evaluate(x, y, verbose: 0);
        return [.. history["loss"].Select(v => (float)v), (float)result["loss"], .. model.Predict(x).ToArray()];
    }
}
