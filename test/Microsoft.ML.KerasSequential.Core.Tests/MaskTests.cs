using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Masks on their way through the layers to the loss and metrics.</summary>
[TestClass]
public sealed class MaskTests
{
    /// <summary>Layers that pass on the input's mask.</summary>
    static readonly HashSet<string> s_pass =
    [
        "Dense", "Activation", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
            "ActivityRegularization", "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU",
        "Softmax", "ReLU", "BatchNormalization", "GaussianNoise", "GaussianDropout", "AlphaDropout",
            "LayerNormalization", "GroupNormalization", "MultiHeadAttention", "GroupedQueryAttention", "Attention",
            "AdditiveAttention",
        "TransformerEncoder", "Residual", "Sequential", "Identity", "UnitNormalization", "Rescaling", "Normalization",
    ];

    /// <summary>Layers that drop the mask or change it, as the tests below specify.</summary>
    static readonly HashSet<string> s_other =
    [
        "GlobalAveragePooling1D", "Lambda", "Masking", "Embedding", "SimpleRNN", "GRU", "LSTM", "RNN", "ConvLSTM2D",
            "ConvRNN2D", "TimeDistributed", "Bidirectional", "Branches",
        "CuDNNLSTM", "CuDNNGRU", "SpectralNormalization", "ReversibleEmbedding", "Pipeline", "ConvLSTM1D", "ConvLSTM3D",
    ];

    [TestMethod]
    [DynamicData(nameof(LayerCases))]
    public void A_layer_passes_a_mask_on_or_rejects_it(int index, string name)
    {
        Layer layer = LayerTests.Make(index);
        using TraceScope scope = TraceScope.Begin(training: false, 0);
        Tensor x = K.Placeholder([2, .. LayerTests.InputOf(index)]),
            mask = K.Placeholder([.. x.Shape.Take(Math.Max(1, Math.Min(2, x.Rank - 1)))]);
        if (s_pass.Contains(name))
        {
            Assert.AreSame(mask, layer.Apply(new Masked(x, mask)).Mask);
            Assert.IsNull(layer.Apply(new Masked(x, null)).Mask);
        }
        else if (!s_other.Contains(name))
        {
            string message = Assert.ThrowsExactly<ArgumentException>(() => layer.Apply(new Masked(x, mask))).Message;
            Assert.Contains(layer.Name, message);
            Assert.Contains("does not support masking", message);
        }
    }

    [TestMethod]
    public void A_model_with_a_layer_that_does_not_support_masking_is_rejected()
    {
        using var model = new Sequential([new Masking(inputShape: [3, 2])]);
        string message = Assert.ThrowsExactly<ArgumentException>(() => model.Add(new Flatten())).Message;
        Assert.Contains("Layer flatten_1 does not support masking, but was passed an input_mask", message);
        Assert.HasCount(1, model.Layers);
        model.Add(new GlobalAveragePooling1D());
        model.Add(new Reshape([1, 2]));
        Assert.Contains(
            "CuDNN", Assert.ThrowsExactly<ArgumentException>(
                () => new Sequential([new Masking(inputShape: [3, 2]), new CuDNNLSTM(2)])).Message);
    }

    [TestMethod]
    public void Masked_steps_have_no_weight_in_loss_and_metrics()
    {
        using var model = new Sequential([new Masking(inputShape: [3, 2]), new Dense(1, kernelInitializer: "ones")]);
        model.Compile(new SGD(0), "mse", metrics: ["mae"], weightedMetrics: ["mse"],
            sampleWeightMode: SampleWeightMode.Temporal);
        NDArray x = new float[,,] { { { 1, 1 }, { 0, 0 }, { 2, 2 } }, { { 0, 0 }, { 0, 0 }, { 0, 3 } } },
            y = new float[2, 3, 1];
        // Errors of the time steps that count: 2, 4 and 3. The loss is divided by all six steps, the metrics by the
        // three that count.
        Evaluation plain = model.Evaluate(x, y, verbose: 0);
        Assert.AreEqual((4 + 16 + 9) / 6.0, plain["loss"], 1e-5);
        Assert.AreEqual((2 + 4 + 3) / 3.0, plain["mae"], 1e-5);
        NDArray weights = new float[,] { { 1, 5, 0.5f }, { 5, 5, 2 } };
        Evaluation weighted = model.Evaluate(x, y, sampleWeight: weights, verbose: 0);
        Assert.AreEqual((4 + 16 * 0.5 + 9 * 2) / 6.0, weighted["loss"], 1e-5);
        Assert.AreEqual((2 + 4 + 3) / 3.0, weighted["mae"], 1e-5);
        Assert.AreEqual((4 + 16 * 0.5 + 9 * 2) / 3.5, weighted["mse"], 1e-5);

        model.Compile(new SGD(0), "mse");
        Assert.AreEqual((2 * 4 + 2 * 16 + 3 * 9) / 6.0,
            model.Evaluate(x, y, sampleWeight: new float[] { 2, 3 }, verbose: 0)["loss"], 1e-5);
    }

    [TestMethod]
    public void Zeros_of_an_embedding_are_padding()
    {
        K.SetRandomSeed(1);
        using var model = new Sequential([new Embedding(9, 4, maskZero: true), new GlobalAveragePooling1D()]);
        NDArray table = model.GetWeights()[0], p = model.Predict(new float[,] { { 3, 0, 5, 0 }, { 1, 2, 3, 4 } });
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual((table[3, i] + table[5, i]) / 2, p[0, i], 1e-6);
            Assert.AreEqual((table[1, i] + table[2, i] + table[3, i] + table[4, i]) / 4, p[1, i], 1e-6);
        }
    }

    [TestMethod]
    public void Attention_does_not_look_at_masked_steps()
    {
        K.SetRandomSeed(2);
        using var model = new Sequential(
            [new Embedding(9, 6, maskZero: true), new TransformerEncoder(8, 2), new MultiHeadAttention(3, 2)]);
        float[] longer = model.Predict(new float[,] { { 4, 7, 2, 0, 0 } }).ToArray(),
            shorter = model.Predict(new float[,] { { 4, 7, 2 } }).ToArray();
        for (int i = 0; i < shorter.Length; i++) Assert.AreEqual(shorter[i], longer[i], 1e-5);
    }

    [TestMethod]
    public void A_causal_step_sees_no_later_one()
    {
        K.SetRandomSeed(3);
        using var model = new Sequential([new Embedding(9, 6), new MultiHeadAttention(2, 3, useCausalMask: true)]);
        float[] longer = model.Predict(new float[,] { { 4, 7, 2, 5, 8 } }).ToArray(),
            shorter = model.Predict(new float[,] { { 4, 7, 2 } }).ToArray();
        for (int i = 0; i < shorter.Length; i++) Assert.AreEqual(shorter[i], longer[i], 1e-5);
    }

    [TestMethod]
    public void A_masked_step_repeats_the_output_before_it()
    {
        K.SetRandomSeed(4);
        foreach (Layer layer in new Layer[]
            { new LSTM(3, returnSequences: true), new GRU(3, returnSequences: true),
                new SimpleRNN(3, returnSequences: true, activation: "softsign"),
                new RNN(new GRUCell(3, activation: "softsign"), returnSequences: true) })
        {
            using var model = new Sequential([new Masking(inputShape: [4, 2]), layer]);
            NDArray p = model.Predict(new float[,,] { { { 0, 0 }, { 1, 2 }, { 0, 0 }, { 3, 4 } } });
            for (int i = 0; i < 3; i++)
            {
                Assert.AreEqual(0, p[0, 0, i]);
                Assert.AreNotEqual(0, p[0, 1, i]);
                Assert.AreEqual(p[0, 1, i], p[0, 2, i]);
            }
        }
    }

    [TestMethod]
    public void Wrappers_and_merges_create_their_own_masks()
    {
        using TraceScope scope = TraceScope.Begin(training: false, 0);
        Tensor x = K.Placeholder(2, 3, 4), mask = K.Placeholder(2, 3);
        var input = new Masked(x, mask);
        Assert.IsNull(new Bidirectional(new LSTM(2)).Apply(input).Mask);
        Assert.AreSame(mask, new Bidirectional(new LSTM(2, returnSequences: true)).Apply(input).Mask);
        Assert.AreSame(mask, new TimeDistributed(new LSTM(2)).Apply(new Masked(K.Placeholder(2, 3, 5, 4), mask)).Mask);
        Assert.Contains("does not support masking",
            Assert.ThrowsExactly<ArgumentException>(
                () => new TimeDistributed(new Flatten()).Apply(new Masked(K.Placeholder(2, 3, 5, 4), mask))).Message);

        // A Masking layer per time step masks inside the step: the masks have one more dimension.
        float[] inner = Run(new TimeDistributed(new Masking()),
            new float[,,,] { { { { 1, 0 }, { 0, 0 } }, { { 0, 0 }, { 0, 2 } } } });
        CollectionAssert.AreEqual(new float[] { 1, 0, 0, 1 }, inner);

        // In elementwise merges, a time step counts if it counts everywhere; in concatenation, the masks are
        // concatenated too.
        float[] both = Run(new Branches([new Masking(), new Masking(5)], "add"),
            new float[,,] { { { 0, 0 }, { 5, 5 }, { 1, 1 } } });
        CollectionAssert.AreEqual(new float[] { 0, 0, 1 }, both);
        float[] behind = Run(new Branches([new Masking(), new Lambda(v => v)], new Concatenate(1)),
            new float[,,] { { { 0, 0 }, { 1, 1 } } });
        CollectionAssert.AreEqual(new float[] { 0, 1, 1, 1 }, behind);
        Assert.IsNull(new Branches([new Masking(), new Masking()], new Dot(1)).Apply(new Masked(x, null)).Mask);
        Assert.AreSame(mask, new Lambda(v => v, mask: (_, m) => m).Apply(input).Mask);

        static float[] Run(Layer layer, NDArray values)
        {
            Tensor x = K.Placeholder([.. values.Shape.ToArray().Select(d => (int?)d)]);
            using Function function = K.Function([x], [layer.Apply(new Masked(x, null)).Mask!]);
            return function.Run(values)[0].ToArray();
        }
    }

    static IEnumerable<object[]> LayerCases => LayerTests.Cases;
}
