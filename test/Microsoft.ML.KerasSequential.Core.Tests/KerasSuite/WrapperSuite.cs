using Microsoft.ML.KerasSequential.Layers;
using static Microsoft.ML.KerasSequential.Tests.KerasSuite.LayerCheck;

namespace Microsoft.ML.KerasSequential.Tests.KerasSuite;

/// <summary>The facts of Keras 2.3.1's tests of wrappers.</summary>
[TestClass]
public sealed class WrapperSuite
{
    [TestMethod]
    public void Any_layer_trains_when_applied_to_each_step()
    {
        Trains([new TimeDistributed(new Dense(2), inputShape: [3, 4]), new Activation("relu")], Random(1, 10, 3, 4),
            [10, 3, 2]);
        Trains([new TimeDistributed(new Embedding(5, 6), batchInputShape: [10, 3, 4])], Integers(0, 5, 10, 3, 4),
            [10, 3, 4, 6]);
        Trains([new TimeDistributed(new Conv2D(5, (2, 2), padding: "same"), inputShape: [2, 4, 4, 3]),
            new Activation("relu")], Random(1, 1, 2, 4, 4, 3), [1, 2, 4, 4, 5]);
        Trains([new TimeDistributed(new Dense(2), inputShape: [3, 4]), new TimeDistributed(new Dense(3)),
            new Activation("relu")], Random(1, 10, 3, 4), [10, 3, 3]);
        Trains([new TimeDistributed(new Sequential([new Dense(3, inputShape: [2])]), inputShape: [3, 2])],
            Random(1, 10, 3, 2), [10, 3, 3]);
    }

    static void Trains(Layer[] layers, NDArray x, int[] target)
    {
        using var model = new Sequential(layers);
        model.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(model.Fit(x, Random(1, target), batchSize: 10, verbose: 0)["loss"][0]));
        using Sequential copy = Sequential.FromJson(model.ToJson());
        copy.SetWeights(model.GetWeights());
        Close(model.Predict(x, batchSize: 10), copy.Predict(x, batchSize: 10), 0, 1e-5);
    }

    [TestMethod]
    public void A_fixed_batch_size_makes_no_difference_to_steps()
    {
        NDArray x = Random(1, 1, 3, 4);
        using var free = new Sequential([new TimeDistributed(new Dense(2), inputShape: [3, 4])]);
        using var fixedSize = new Sequential([new TimeDistributed(new Dense(2), batchInputShape: [1, 3, 4])]);
        fixedSize.Layers[0].SetWeights(free.Layers[0].GetWeights());
        Close(free.Predict(x), fixedSize.Predict(x), 0, 1e-5);
    }

    [TestMethod]
    public void A_normalization_of_steps_starts_at_0_and_1_and_moves()
    {
        var layer = new TimeDistributed(new BatchNormalization(), name: "bn", inputShape: [10, 2]);
        using var model = new Sequential([layer]);
        model.Compile("rmsprop", "mse");
        CollectionAssert.AreEqual(new float[] { 0, 0 }, layer.GetWeights()[2].ToArray());
        CollectionAssert.AreEqual(new float[] { 1, 1 }, layer.GetWeights()[3].ToArray());
        model.TrainOnBatch(Normal(2, 2, 1, 10, 2), Random(1, 1, 10, 2));
        CollectionAssert.AreNotEqual(new float[] { 0, 0 }, layer.GetWeights()[2].ToArray());
        CollectionAssert.AreNotEqual(new float[] { 1, 1 }, layer.GetWeights()[3].ToArray());

        Assert.HasCount(2, layer.TrainableWeights);
        layer.Trainable = false;
        Assert.HasCount(0, layer.TrainableWeights);
        layer.Trainable = true;
        Assert.HasCount(2, layer.TrainableWeights);
    }

    [TestMethod]
    public void Masks_of_embeddings_inside_steps_pass_from_layer_to_layer()
    {
        NDArray x = Integers(1, 5, 10, 3, 4);
        for (int i = 0; i < 4; i++)
            for (int step = i; step < 3; step++)
                for (int place = i; place < 4; place++) x[i, step, place] = 0;
        using var model = new Sequential([
            new TimeDistributed(new Embedding(5, 6, maskZero: true), inputShape: [null, null]),
            new TimeDistributed(new SimpleRNN(7, returnSequences: true)),
            new TimeDistributed(new SimpleRNN(8)),
            new SimpleRNN(1),
        ]);
        model.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(model.Fit(x, Random(1, 10, 1), batchSize: 10, verbose: 0)["loss"][0]));

        Tensor signal = K.Placeholder(null, 3, 4), input = signal;
        var masks = new List<Tensor?>();
        Tensor? mask = null;
        foreach (Layer layer in model.Layers)
        {
            masks.Add(layer.ComputeMask(signal, mask));
            (signal, mask) = (layer.Apply(signal, mask), masks[^1]);
        }
        Assert.IsNull(masks[3]);
        using Function function = K.Function([input], [masks[0]!, masks[1]!, masks[2]!]);
        NDArray[] values = function.Run(x);
        float[] tokens = [.. x.ToArray().Select(v => v > 0 ? 1f : 0)];
        CollectionAssert.AreEqual(tokens, values[0].ToArray());
        CollectionAssert.AreEqual(tokens, values[1].ToArray());
        CollectionAssert.AreEqual(tokens.Chunk(4).Select(step => step.Max()).ToArray(), values[2].ToArray());
    }

    [TestMethod]
    public void A_masking_layer_inside_steps_masks_like_one_outside()
    {
        NDArray x = Integers(1, 5, 10, 3, 4);
        for (int i = 0; i < 4; i++)
            for (int step = i; step < 3; step++) x.Span.Slice((i * 3 + step) * 4, 4).Clear();
        using var model = new Sequential([new Masking(inputShape: [null, 4]), new TimeDistributed(new Dense(5))]);
        model.Compile("rmsprop", "mse");
        Assert.IsTrue(double.IsFinite(model.Fit(x, Random(1, 10, 3, 5), batchSize: 6, verbose: 0)["loss"][0]));
    }

    [TestMethod]
    [DataRow("sum")]
    [DataRow("concat")]
    public void Both_directions_train_alone_stacked_stateful_and_at_any_length(string mode)
    {
        int outputs = mode == "concat" ? 4 : 2;
        NDArray x = Random(1, 2, 2, 2), y = Random(1, 2, outputs);
        void Fits(params Layer[] layers)
        {
            using var model = new Sequential(layers);
            model.Compile("sgd", "mse");
            Assert.IsTrue(double.IsFinite(model.Fit(x, y, batchSize: 1, verbose: 0)["loss"][0]));
            using Sequential copy = Sequential.FromJson(model.ToJson());
            Assert.AreEqual(model.ToJson(), copy.ToJson());
        }

        Fits(new Bidirectional(new SimpleRNN(2, dropout: 0.2, recurrentDropout: 0.2), mode, inputShape: [2, 2]));
        Fits(new Bidirectional(new SimpleRNN(2, returnSequences: true), mode, inputShape: [2, 2]),
            new Bidirectional(new SimpleRNN(2), mode));
        Fits(new Bidirectional(new SimpleRNN(2, stateful: true), mode, batchInputShape: [1, 2, 2]));
        Fits(new Bidirectional(new SimpleRNN(2, dropout: 0.2, recurrentDropout: 0.2), mode, inputShape: [null, 2]));
    }

    [TestMethod]
    [DataRow("sum")]
    [DataRow("mul")]
    [DataRow("ave")]
    [DataRow("concat")]
    public void Two_directions_are_merged_according_to_the_mode(string mode)
    {
        NDArray x = Random(1, 2, 3, 5);
        foreach (bool sequences in new[] { true, false })
        {
            var layer = new Bidirectional(new LSTM(3, returnSequences: sequences), mode, inputShape: [3, 5]);
            using var model = new Sequential([layer]);
            Tensor input = K.Placeholder(2, 3, 5);
            Tensor back = layer.BackwardLayer.Call(input);
            using Function both =
                K.Function([input], [layer.ForwardLayer.Call(input), sequences ? K.Reverse(back, 1) : back]);
            NDArray[] parts = both.Run(x);
            NDArray merged = model.Predict(x);
            int units = 3;
            for (int i = 0; i < parts[0].Size; i++)
            {
                float a = parts[0].Span[i], b = parts[1].Span[i];
                if (mode == "concat")
                {
                    int row = i / units * 2 * units + i % units;
                    Assert.AreEqual(a, merged.Span[row], 1e-5);
                    Assert.AreEqual(b, merged.Span[row + units], 1e-5);
                }
                else
                {
                    Assert.AreEqual(mode switch { "sum" => a + b, "mul" => a * b, _ => (a + b) / 2 },
                        merged.Span[i], 1e-5);
                }
            }
        }
    }

    [TestMethod]
    public void Predictions_of_two_directions_apply_no_dropout()
    {
        using var model =
            new Sequential([new Bidirectional(new LSTM(3, dropout: 0.2, recurrentDropout: 0.2), inputShape: [3, 5])]);
        NDArray x = Random(1, 2, 3, 5);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), model.Predict(x).ToArray());
        Bidirectional layer = (Bidirectional)model.Layers[0];
        Assert.HasCount(6, layer.TrainableWeights);
        layer.Trainable = false;
        Assert.HasCount(0, layer.TrainableWeights);
        layer.Trainable = true;
        Assert.HasCount(6, layer.TrainableWeights);
    }
}
