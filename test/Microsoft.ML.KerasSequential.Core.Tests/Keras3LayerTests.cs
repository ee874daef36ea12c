using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What the layers of Keras 3 do beyond their recorded numbers: errors, training, seeds.</summary>
[TestClass]
public sealed class Keras3LayerTests
{
    [TestMethod]
    public void Invalid_arguments_are_rejected_with_their_values()
    {
        Rejects("2 filters", () => new Conv2D(2, 1, groups: 3));
        Rejects("causal", () => new Conv1DTranspose(2, 3, padding: "causal"));
        Rejects("causal", () => new DepthwiseConv1D(2, padding: "causal"));
        Rejects("given 0", () => new SpectralNormalization(new Dense(2), 0));
        Rejects("abc,cd", () => new EinsumDense("abc,cd", [2]));
        Rejects("given 5 and 4", () => new STFTSpectrogram(frameLength: 4, frameStep: 5));
        Rejects("loud", () => new STFTSpectrogram("loud"));
        Rejects("square", () => new STFTSpectrogram(window: "square"));
        Rejects("given 9 and 8", () => new MelSpectrogram(8, sequenceLength: 9));
        Rejects("cubic", () => new UpSampling2D(interpolation: "cubic"));
        Rejects("diagonal", () => new OrthogonalRegularizer(mode: "diagonal"));
        Rejects("given 0", () => new AdaptiveMaxPooling1D(0));
        Rejects("given 0", () => new ReversibleEmbedding(2, 2, logitSoftCap: 0));
        Rejects("middle", () => new STFT("middle"));
        Rejects("different directions", () => new Bidirectional(new LSTM(2), backwardLayer: new GRU(2)));
        Rejects("3 groups", () => new Sequential([new Conv1D(3, 1, groups: 3, inputShape: [4, 2])]));
        Rejects("has none", () => new Sequential([new SpectralNormalization(new Flatten(), inputShape: [2, 2])]));
        Rejects("more than 4 samples", () => new Sequential([new MelSpectrogram(8, inputShape: [4])]));
        Rejects("occurs twice", () => new Sequential([new EinsumDense("aab,bc->ac", [2], inputShape: [2, 2])]));
        Rejects("alpha", () => K.Celu(K.Placeholder(2, 2), 0));
        Rejects("even", () => K.Glu(K.Placeholder(2, 3)));
    }

    [TestMethod]
    public void A_frozen_spectral_normalization_keeps_its_weights_but_divides_the_kernel()
    {
        var layer = new SpectralNormalization(new Dense(2, useBias: false), powerIterations: 50);
        using var model = new Sequential([layer]);
        model.Build([null, 2]);
        // The singular values are 3 and 1.
        layer.SetWeights([new float[,] { { 3, 0 }, { 0, 1 } }, new float[,] { { 0.6f, 0.8f } }]);
        layer.Trainable = false;
        model.Compile(new SGD(0.1), "mse");
        NDArray x = new float[,] { { 3, 6 } };
        Assert.AreEqual((9 + 4) / 2.0, model.TrainOnBatch(x, new NDArray(1, 2)).Loss, 1e-4);
        CollectionAssert.AreEqual(new[] { 3f, 0, 0, 1 }, layer.GetWeights()[0].ToArray());
        CollectionAssert.AreEqual(new[] { 9f, 6 }, model.Predict(x).ToArray());
    }

    [TestMethod]
    public void A_training_step_starts_from_the_divided_kernel()
    {
        var layer = new SpectralNormalization(new Dense(2, useBias: false), powerIterations: 50);
        using var model = new Sequential([layer]);
        model.Build([null, 2]);
        layer.SetWeights([new float[,] { { 3, 0 }, { 0, 1 } }, new float[,] { { 0.6f, 0.8f } }]);
        model.Compile(new SGD(0.5), "mse");
        model.TrainOnBatch(new float[,] { { 1, 3 } }, new float[,] { { 0, 0 } });
        // The divided kernel is diag(1, 1/3), so the output is (1, 1), and the gradient is xᵀ·(1, 1).
        float[] kernel = layer.GetWeights()[0].ToArray();
        double[] expected = [1 - 0.5, -0.5, -1.5, 1 / 3.0 - 1.5];
        for (int i = 0; i < 4; i++) Assert.AreEqual(expected[i], kernel[i], 1e-5);
        Assert.AreEqual(1, Math.Abs(layer.GetWeights()[1][0, 0]), 1e-5);
    }

    [TestMethod]
    public void A_reversible_embedding_maps_vectors_to_scores()
    {
        var tied = new ReversibleEmbedding(3, 2, logitSoftCap: 2);
        using var model = new Sequential([tied, new Lambda(tied.Reverse)]);
        model.Build([null, 1]);
        tied.SetWeights([new float[,] { { 1, 2 }, { 0, -1 }, { 3, 1 } }]);
        float[] scores = model.Predict(new float[,] { { 0 } }).ToArray();
        double[] expected = [2 * Math.Tanh(5 / 2.0), 2 * Math.Tanh(-2 / 2.0), 2 * Math.Tanh(5 / 2.0)];
        for (int i = 0; i < 3; i++) Assert.AreEqual(expected[i], scores[i], 1e-5);
    }

    [TestMethod]
    public void The_orthogonal_regularizer_averages_cosines_of_pairs()
    {
        NDArray w = new float[,] { { 3, 4 }, { 4, 3 }, { 0, 2 } };
        // cos(1, 2) = 24/25, cos(1, 3) = 4/5, cos(2, 3) = 3/5.
        Assert.AreEqual(0.5 * (0.96 + 0.8 + 0.6) / 3, Value(new OrthogonalRegularizer(0.5)), 1e-6);
        Assert.AreEqual(24 / Math.Sqrt(25 * 29.0), Value(new OrthogonalRegularizer(1, "columns")), 1e-6);

        double Value(Regularizer regularizer)
        {
            Tensor x = K.Placeholder(3, 2);
            using Function function = K.Function([x], [regularizer.Call(x)]);
            return function.Run(w)[0].Span[0];
        }
    }

    [TestMethod]
    public void The_inputs_and_outputs_of_an_einsum_kernel_follow_from_its_equation()
    {
        K.SetRandomSeed(1);
        var layer = new EinsumDense("abc,cde->abde", [null, 40, 50], kernelInitializer: "he_uniform");
        using var model = new Sequential([layer]);
        model.Build([null, 2, 6]);
        // 6 inputs: uniform within √(6/6); a usual kernel of this shape would have 240.
        float largest = layer.GetWeights()[0].ToArray().Max();
        Assert.IsTrue(largest is > 0.99f and <= 1, $"{largest}");
    }

    [TestMethod]
    public void A_seed_as_Keras_3_writes_it_is_read()
    {
        string json = """
            {"class_name": "Dropout", "config": {"name": "d", "rate": 0.5, "seed": {"module": "keras.random",
            "class_name": "SeedGenerator", "config": {"seed": 7}}}}
            """;
        Layer layer = Layer.FromConfig(System.Text.Json.JsonDocument.Parse(json).RootElement);
        Assert.AreEqual(7, layer.GetConfig()["seed"]!.GetValue<int>());
    }

    [TestMethod]
    public void Noise_with_a_seed_is_the_same_in_every_model()
    {
        foreach (Func<Layer> make in new Func<Layer>[] { () => new GaussianNoise(1, 3), () => new GaussianDropout(0.5,
        3),
            () => new SpatialDropout1D(0.5, 3), () => new LSTM(3, dropout: 0.5, seed: 3, kernelInitializer: "ones",
            recurrentInitializer: "ones") })
        {
            Assert.AreEqual(Loss(make, 1), Loss(make, 2));
            string config = make().GetConfig().ToJsonString();
            Assert.Contains("\"seed\":3", config);
        }

        static double Loss(Func<Layer> make, int seed)
        {
            K.SetRandomSeed(seed);
            using var model = new Sequential([make()]);
            model.Build([null, 4, 5]);
            model.Compile("sgd", "mse");
            var x = new NDArray(8, 4, 5);
            x.Span.Fill(1);
            return model.TrainOnBatch(x, new NDArray([8, .. model.OutputShape.Skip(1).Select(d => d!.Value)])).Loss;
        }
    }

    [TestMethod]
    public void An_einsum_agrees_with_the_sum_of_its_products()
    {
        foreach ((string equation, int[] a, int[] b) in new (string, int[], int[])[]
        {
            ("ab,bc->ac", [2, 3], [3, 4]), ("abc,dc->adb", [2, 3, 4], [2, 4]), ("ab,cd->dabc", [2, 3], [2, 2]),
            ("abc,cb->a", [2, 3, 4], [4, 3]), ("abc,bcd->bda", [2, 3, 4], [3, 4, 2]), ("ab,ab->ba", [2, 3], [2, 3]),
            ("abc,d->ad", [2, 3, 2], [2]),
        })
        {
            NDArray x = Numbers(a), y = Numbers(b);
            Tensor p = K.Placeholder([.. a.Select(d => (int?)d)]), q = K.Placeholder([.. b.Select(d => (int?)d)]);
            using Function function = K.Function([p, q], [K.Einsum(equation, p, q)]);
            NDArray got = function.Run(x, y)[0];
            double[] expected = Sums(equation, x, y, out int[] shape);
            CollectionAssert.AreEqual(shape, got.Shape.ToArray(), equation);
            for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], got.Span[i], 1e-4, equation);
        }
    }

    static double[] Sums(string equation, NDArray x, NDArray y, out int[] shape)
    {
        string[] parts = equation.Replace("->", ",").Split(',');
        var sizes = parts[0].Zip(x.Shape.ToArray()).Concat(parts[1].Zip(y.Shape.ToArray())).DistinctBy(s => s.First)
            .ToDictionary(s => s.First, s => s.Second);
        shape = [.. parts[2].Select(l => sizes[l])];
        var result = new double[shape.Aggregate(1, (n, d) => n * d)];
        char[] labels = [.. sizes.Keys];
        int count = sizes.Values.Aggregate(1, (n, d) => n * d);
        for (int i = 0; i < count; i++)
        {
            var at = new Dictionary<char, int>();
            int rest = i;
            foreach (char l in labels) (at[l], rest) = (rest % sizes[l], rest / sizes[l]);
            int Place(string part) => part.Aggregate(0, (place, l) => place * sizes[l] + at[l]);
            result[Place(parts[2])] += (double)x.Span[Place(parts[0])] * y.Span[Place(parts[1])];
        }
        return result;
    }

    static NDArray Numbers(int[] shape)
    {
        var random = new Random(5);
        var array = new NDArray(shape);
        foreach (ref float v in array.Span) v = random.NextSingle() * 2 - 1;
        return array;
    }

    static void Rejects(string word, Func<object> make)
    {
        try
        {
            make();
        }
        catch (ArgumentException e)
        {
            Assert.Contains(word, e.Message);
            return;
        }
        Assert.Fail($"Nothing was rejected; expected an error with \"{word}\".");
    }
}
