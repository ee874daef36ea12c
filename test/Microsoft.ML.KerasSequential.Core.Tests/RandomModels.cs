using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models of random compatible layers, with random weights.</summary>
internal static class RandomModels
{
    static readonly string[] s_activations = ["linear", "relu", "tanh", "sigmoid", "hard_sigmoid", "elu", "selu",
        "softplus", "softsign", "gelu", "swish", "mish", "exponential"];
    static readonly string[] s_gates = ["tanh", "sigmoid", "relu", "linear", "hard_sigmoid", "softsign"];
    static readonly string[] s_formats = ["channels_last", "channels_last", "channels_first"];
    static readonly string[] s_paddings = ["valid", "same"];

    public static Sequential Make(Random random, out int[] input)
    {
        input = random.Next(3) switch
        {
            0 => [random.Next(2, 9)],
            1 => [random.Next(3, 8), random.Next(1, 5)],
            _ => [random.Next(4, 9), random.Next(4, 9), random.Next(1, 4)],
        };
        K.SetRandomSeed(random.Next());
        var model = new Sequential();
        model.Add(new InputLayer(inputShape: new Shape([.. input.Select(d => (int?)d)])));
        for (int layers = random.Next(1, 7); layers > 0; layers--)
            model.Add(Next(random, [.. model.OutputShape.Skip(1).Select(d => d!.Value)]));
        Randomize(model, random);
        return model;
    }

    public static NDArray Input(Random random, int batch, int[] sample)
    {
        var x = new NDArray([batch, .. sample]);
        foreach (ref float v in x.Span) v = random.NextSingle() * 2 - 1;
        return x;
    }

    /// <summary>Biases and averages that are not 0 and 1, as after training.</summary>
    public static void Randomize(Sequential model, Random random)
    {
        foreach (Variable weight in model.Weights)
        {
            NDArray value = weight.GetValue();
            bool positive = weight.Name.EndsWith("variance", StringComparison.Ordinal);
            foreach (ref float v in value.Span) v = positive ? random.NextSingle() + 0.1f : random.NextSingle() - 0.4f;
            weight.SetValue(value);
        }
    }

    public static string Describe(Sequential model) =>
        string.Join(
            "\n", model.Layers.Select(
                l => $"{l.OutputShape} {l.GetType().Name} {(l is Lambda ? "" : l.GetConfig().ToJsonString())}"));

    static Layer Next(Random random, int[] shape) => random.Next(4) == 0 ? Anywhere(random, shape) : shape.Length switch
    {
        1 => OnVectors(random, shape[0]),
        2 => OnSequences(random, shape[0], shape[1]),
        _ => OnImages(random, shape),
    };

    static T Pick<T>(Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    static string Activation(Random random) => Pick(random, s_activations);

    static Layer Anywhere(Random random, int[] shape) => random.Next(14) switch
    {
        0 => new Activation(Activation(random)),
        1 => new Dropout(0.3),
        2 => new BatchNormalization(axis: random.Next(2) == 0 ? -1 : 1, center: random.Next(3) > 0,
            scale: random.Next(3) > 0),
        3 => new LayerNormalization(center: random.Next(2) == 0, scale: random.Next(2) == 0),
        4 => new LeakyReLU(0.2),
        5 => new ELU(0.7),
        6 => new PReLU("uniform"),
        7 => new ReLU(random.Next(2) == 0 ? null : 0.8, 0.1, random.Next(2) * 0.3),
        8 => new ThresholdedReLU(0.2),
        9 => new Softmax(axis: shape.Length > 1 && random.Next(2) == 0 ? 1 : -1),
        10 => new Flatten(),
        11 => new Lambda(x => K.Square(x) + K.Where(x > 0, x, 0.5)),
        12 => new Residual([new Activation(Activation(random)), new Dense(shape[^1])]),
        _ => new Branches([new Dense(3), new Dense(2, activation: Activation(random))], "concat"),
    };

    static Layer OnVectors(Random random, int size) => random.Next(6) switch
    {
        0 => new RepeatVector(random.Next(2, 5)),
        1 when size % 2 == 0 => new Reshape([2, size / 2]),
        2 => new GaussianNoise(0.1),
        _ => new Dense(random.Next(1, 9), activation: Activation(random), useBias: random.Next(3) > 0),
    };

    static Layer OnSequences(Random random, int steps, int size)
    {
        bool sequences = random.Next(2) == 0, backwards = random.Next(3) == 0, bias = random.Next(3) > 0;
        string gate = Pick(random, s_gates), recurrent = random.Next(2) == 0 ? "sigmoid" : "hard_sigmoid";
        return random.Next(18) switch
        {
            0 => new SimpleRNN(random.Next(1, 5), activation: gate, returnSequences: sequences, goBackwards: backwards,
                useBias: bias),
            1 or 2 => new LSTM(random.Next(1, 5), activation: gate, recurrentActivation: recurrent,
                returnSequences: sequences, goBackwards: backwards, useBias: bias),
            3 => new GRU(random.Next(1, 5), activation: gate, recurrentActivation: recurrent,
                returnSequences: sequences, goBackwards: backwards, useBias: bias, resetAfter: random.Next(2) == 0),
            4 => new Bidirectional(new LSTM(2, returnSequences: sequences),
                mergeMode: Pick(random, (string[])["concat", "sum", "mul", "ave"])),
            5 => new TimeDistributed(new Dense(3, activation: Activation(random))),
            6 when steps > 2 => new Conv1D(random.Next(1, 4), 2,
                padding: Pick(random, (string[])["valid", "same", "causal"]), dilationRate: random.Next(1, 3),
                activation: Activation(random)),
            7 when steps > 1 => new MaxPooling1D(2, strides: random.Next(1, 3), padding: Pick(random, s_paddings)),
            8 when steps > 1 => new AveragePooling1D(2, strides: random.Next(1, 3), padding: Pick(random, s_paddings)),
            9 => new GlobalMaxPooling1D(Pick(random, s_formats)),
            10 => new GlobalAveragePooling1D(Pick(random, s_formats)),
            11 => new Permute([2, 1]),
            12 => new UpSampling1D(2),
            13 => new ZeroPadding1D((1, 2)),
            14 when steps > 2 => new Cropping1D(1),
            15 when steps > 1 => new LocallyConnected1D(2, 2, activation: Activation(random)),
            16 => new MultiHeadAttention(2, 2, useCausalMask: random.Next(2) == 0),
            17 when steps > 1 =>
                new SeparableConv1D(2, 2, padding: Pick(random, s_paddings), depthMultiplier: random.Next(1, 3)),
            _ => new Dense(random.Next(1, 6), activation: Activation(random)),
        };
    }

    static Layer OnImages(Random random, int[] shape)
    {
        string format = Pick(random, s_formats), padding = Pick(random, s_paddings);
        int[] places = format == "channels_first" ? shape[1..] : shape[..2];
        bool two = places.All(p => p > 1);
        return random.Next(16) switch
        {
            0 or 1 when two => new Conv2D(random.Next(1, 5), 2, strides: (random.Next(1, 3), 1), padding: padding,
                dataFormat: format, activation: Activation(random), useBias: random.Next(3) > 0),
            2 when places.All(p => p > 2) => new Conv2D(2, 2, dilationRate: 2, dataFormat: format),
            3 when two =>
                new DepthwiseConv2D(2, depthMultiplier: random.Next(1, 3), padding: padding, dataFormat: format),
            4 when two =>
                new SeparableConv2D(2, 2, padding: padding, dataFormat: format, activation: Activation(random)),
            5 => new Conv2DTranspose(2, random.Next(1, 4), strides: random.Next(1, 3), padding: padding,
                dataFormat: format),
            6 when two => new MaxPooling2D(2, strides: random.Next(1, 3), padding: padding, dataFormat: format),
            7 when two => new AveragePooling2D(2, strides: random.Next(1, 3), padding: padding, dataFormat: format),
            8 => new UpSampling2D((2, 1), format, interpolation: random.Next(2) == 0 ? "nearest" : "bilinear"),
            9 => new ZeroPadding2D(((1, 0), (0, 2)), format),
            10 when places.All(p => p > 2) => new Cropping2D(((1, 0), (0, 1)), format),
            11 => new GlobalMaxPooling2D(format),
            12 => new GlobalAveragePooling2D(format),
            13 => new PReLU("uniform", sharedAxes: [1, 2]),
            14 => new SpatialDropout2D(0.2),
            15 when two => new LocallyConnected2D(2, 2, dataFormat: format),
            _ => new Dense(random.Next(1, 5), activation: Activation(random)),
        };
    }
}
