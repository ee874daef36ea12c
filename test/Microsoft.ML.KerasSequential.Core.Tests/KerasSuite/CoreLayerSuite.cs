using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Regularizers;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of core layers, advanced activations, noise, embeddings and local
/// layers.</summary>
[TestClass]
public sealed class CoreLayerSuite
{
    [TestMethod]
    public void Core_layers_meet_the_requirements_of_every_layer()
    {
        Run(() => new Masking(), [3, 2, 3]);
        Run(() => new Dropout(0.5), [3, 2]);
        Run(() => new Dropout(0.5, noiseShape: [3, 1]), [3, 2]);
        Run(() => new Dropout(0.5, noiseShape: [null, 1]), [3, 2]);
        Run(() => new SpatialDropout1D(0.5), [2, 3, 4]);
        Run(() => new Activation("relu"), [3, 2]);
        Run(() => new Reshape([8, 1]), [3, 2, 4]);
        Run(() => new Reshape([-1, 1]), [3, 2, 4]);
        Run(() => new Reshape([1, -1]), [3, 2, 4]);
        Run(() => new Reshape([-1, 1]), [null, null, 4]);
        Run(() => new Permute([2, 1]), [3, 2, 4]);
        Run(() => new RepeatVector(3), [3, 2]);
        Run(() => new Dense(3), [3, 2]);
        Run(() => new Dense(3), [3, 4, 2]);
        Run(() => new Dense(3), [null, null, 2]);
        Run(() => new Dense(3), [3, 4, 5, 2]);
        Run(() => new Dense(3, kernelRegularizer: new L1L2(l2: 0.01), biasRegularizer: new L1L2(0.01),
            activityRegularizer: new L1L2(0.01, 0.01), kernelConstraint: new Constraints.MaxNorm(1),
            biasConstraint: new Constraints.MaxNorm(1)), [3, 2]);
        Run(() => new ActivityRegularization(0.01, 0.01), [2, 3]);
    }

    [TestMethod]
    [DataRow("channels_last")]
    [DataRow("channels_first")]
    public void Spatial_dropout_accepts_both_data_formats(string dataFormat)
    {
        Run(() => new SpatialDropout2D(0.5, dataFormat), dataFormat == "channels_last" ? [2, 4, 5, 3] : [2, 3, 4, 5]);
        Run(() => new SpatialDropout3D(0.5, dataFormat),
            dataFormat == "channels_last" ? [2, 4, 5, 6, 3] : [2, 3, 4, 5, 6]);
    }

    [TestMethod]
    public void Spatial_dropout_rejects_other_data_formats()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new SpatialDropout2D(0.5, "channels_middle"));
        Assert.ThrowsExactly<ArgumentException>(() => new SpatialDropout3D(0.5, "channels_middle"));
    }

    [TestMethod]
    [DataRow(new[] { 1, 4, 3 }, new[] { 0, 2, 1 })]
    [DataRow(new[] { 1, 4, 3, 2 }, new[] { 0, 3, 1, 2 })]
    [DataRow(new[] { 1, 5, 4, 3, 2 }, new[] { 0, 4, 1, 2, 3 })]
    public void Flatten_gives_one_order_for_both_data_formats(int[] shape, int[] channelsFirst)
    {
        NDArray last = Counting(shape), first = Transpose(last, channelsFirst);
        NDArray expected = Run(() => new Flatten("channels_last"), Sizes(last), last);
        Run(() => new Flatten("channels_first"), Sizes(first), first, expected);
    }

    [TestMethod]
    public void A_lambda_computes_trains_and_infers_its_output_shape()
    {
        NDArray x = Random(10, 3, 2);
        using var shifted = new Sequential([new Lambda(t => t * 0.6 + 0.4, inputShape: [2])]);
        for (int i = 0; i < x.Size; i++) Assert.AreEqual(x.Span[i] * 0.6f + 0.4f, shifted.Predict(x).Span[i], 1e-5);

        using var antirectifier = new Sequential([new Lambda(Antirectifier, inputShape: [2])]);
        CollectionAssert.AreEqual(new int?[] { null, 4 }, antirectifier.OutputShape.ToArray());
        antirectifier.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(antirectifier.TrainOnBatch(x, antirectifier.Predict(x))["loss"]));

        using var mean = new Sequential([new Lambda(t => K.Mean(t, axis: -1), inputShape: [2, 4])]);
        CollectionAssert.AreEqual(new int?[] { null, 2 }, mean.OutputShape.ToArray());
        CollectionAssert.AreEqual(new[] { 3, 2 }, mean.Predict(Random(1, 3, 2, 4)).Shape.ToArray());
    }

    static Tensor Antirectifier(Tensor x)
    {
        x = K.L2Normalize(x - K.Mean(x, axis: 1, keepdims: true), axis: 1);
        return K.Concatenate([K.Relu(x), K.Relu(-x)], axis: 1);
    }

    [TestMethod]
    public void A_model_after_a_masking_layer_passes_the_mask_on_by_steps()
    {
        NDArray x = Integers(1, 5, 10, 3, 4);
        for (int i = 0; i < 4; i++)
            for (int step = i; step < 3; step++) x.Span.Slice((i * 3 + step) * 4, 4).Clear();
        using var model = new Sequential([
            new Masking(inputShape: [3, 4]),
            new TimeDistributed(new Sequential([new Dense(5, inputShape: [4]), new Activation("relu")])),
        ]);
        model.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(model.Fit(x, Random(1, 10, 3, 5), batchSize: 6, verbose: 0)["loss"][0]));
        Tensor input = K.Placeholder(null, 3, 4);
        Tensor first = model.Layers[0].ComputeMask(input, null)!;
        using Function masks = K.Function([input], [first, model.Layers[1].ComputeMask(input, first)!]);
        foreach (NDArray mask in masks.Run(x))
            for (int i = 0; i < 30; i++)
                Assert.AreEqual(x.Span.Slice(i * 4, 4).ToArray().Any(v => v != 0) ? 1f : 0, mask.Span[i]);
    }

    [TestMethod]
    public void Advanced_activations_meet_the_requirements_of_every_layer()
    {
        foreach (double alpha in new[] { 0, 0.5, -1 })
        {
            Run(() => new LeakyReLU(alpha), [2, 3, 4]);
            Run(() => new ELU(alpha), [2, 3, 4]);
        }
        Run(() => new PReLU(), [2, 3, 4]);
        Run(() => new PReLU(sharedAxes: [1]), [2, 3, 4]);
        Run(() => new ThresholdedReLU(0.5), [2, 3, 4]);
        Run(() => new Softmax(1), [2, 3, 4]);
        Run(() => new Softmax(-1), [2, 3, 4]);
        Run(() => new ReLU(10, 0.2, 3), [2, 3, 4]);
        Run(() => new ReLU(6), [2, 3, 4]);
        Run(() => new ReLU(negativeSlope: 0.2), [2, 3, 4]);
        Assert.Throws<ArgumentException>(() => new ReLU(-2));
        Assert.Throws<ArgumentException>(() => new ReLU(negativeSlope: -2));
    }

    [TestMethod]
    public void Noise_embedding_and_local_layers_meet_the_requirements_of_every_layer()
    {
        Run(() => new GaussianNoise(1), [3, 2, 3]);
        Run(() => new GaussianDropout(0.5), [3, 2, 3]);
        Run(() => new AlphaDropout(0.1), [3, 2, 3]);
        foreach (int strides in new[] { 1, 2 })
        {
            Run(() => new LocallyConnected1D(2, 3, strides: strides, kernelRegularizer: "l2", biasRegularizer: "l2",
                activityRegularizer: "l2"), [2, 8, 5]);
            foreach (int implementation in new[] { 1, 2 })
            {
                Run(() => new LocallyConnected2D(3, 3, strides: (strides, strides), kernelRegularizer: "l2",
                    biasRegularizer: "l2", activityRegularizer: "l2", dataFormat: "channels_last",
                    implementation: implementation), [5, 6, 8, 4]);
                Run(() => new LocallyConnected2D(3, (3, 3), strides: (strides, strides), kernelRegularizer: "l2",
                    biasRegularizer: "l2", activityRegularizer: "l2", dataFormat: "channels_first",
                    implementation: implementation), [5, 4, 6, 8]);
            }
        }
    }

    [TestMethod]
    public void An_embedding_takes_fixed_and_free_lengths_and_dimensions()
    {
        Run(() => new Embedding(4, 3), [3, 2], Integers(0, 4, 3, 2));
        Run(() => new Embedding(4, 3, maskZero: true), [3, 2], Integers(0, 4, 3, 2));
        Run(() => new Embedding(4, 3, maskZero: true, inputShape: [2, 5]), [3, 2, 5], Integers(0, 4, 3, 2, 5));
        Run(() => new Embedding(4, 3, maskZero: true, inputShape: [null, 5]), [null, null, 5], Integers(0, 4, 3, 2, 5));
        Run(() => new Embedding(4, 3, inputLength: 2), [3, 2], Integers(0, 4, 3, 2));
        // The length says how many dimensions there are.
        Assert.ThrowsExactly<ArgumentException>(
            () => new Sequential([new Embedding(10, 4, inputLength: 2, inputShape: [3, 4, 5])]));
        Assert.ThrowsExactly<ArgumentException>(
            () => new Sequential([new Embedding(10, 4, inputLength: 2, inputShape: [3, 5])]));
    }

    static int?[] Sizes(NDArray x) => [.. x.Shape.ToArray().Select(d => (int?)d)];
}
