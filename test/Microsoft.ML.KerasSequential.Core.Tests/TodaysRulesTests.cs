using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Rules that differ between current Keras and 2.3.1: the old one by default, the new one by option.</summary>
[TestClass]
public sealed class TodaysRulesTests
{
    static readonly NDArray s_x = new float[,] { { 1, 2 }, { 3, 4 } }, s_y = new float[] { 1, 5 };

    /// <summary>The second of four epochs is the best by a value that a callback reports; patience is not used
    /// up.</summary>
    [TestMethod]
    [DataRow(true, false, false)]
    [DataRow(true, true, true)]
    [DataRow(false, true, true)]
    public void EarlyStopping_restores_the_best_weights_at_the_end_on_request(
        bool whenStopped, bool atEnd, bool restored)
    {
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        model.Compile(new SGD(0.01), "mse");
        double[] values = [3, 1, 2, 2];
        var weights = new List<float[]>();
        var stopping = new EarlyStopping("value", patience: 10, restoreBestWeights: whenStopped, restoreAtEnd: atEnd);
        model.Fit(s_x, s_y, epochs: 4, verbose: 0, callbacks: [new LambdaCallback(onEpochEnd: (epoch, logs) =>
        {
            logs["value"] = values[epoch];
            weights.Add(model.GetWeights()[0].ToArray());
        }), stopping]);
        Assert.AreEqual(0, stopping.StoppedEpoch);
        Assert.AreNotEqual(weights[1][0], weights[3][0]);
        CollectionAssert.AreEqual(weights[restored ? 1 : 3], model.GetWeights()[0].ToArray());
    }

    [TestMethod]
    [DataRow(true, false)]
    [DataRow(true, true)]
    [DataRow(false, true)]
    public void EarlyStopping_restores_the_best_weights_when_it_stops(bool whenStopped, bool atEnd)
    {
        using var model = new Sequential([new Dense(1, inputShape: [2])]);
        model.Compile(new SGD(0.01), "mse");
        double[] values = [3, 1, 2, 2];
        var weights = new List<float[]>();
        model.Fit(s_x, s_y, epochs: 9, verbose: 0, callbacks: [new LambdaCallback(onEpochEnd: (epoch, logs) =>
        {
            logs["value"] = values[epoch];
            weights.Add(model.GetWeights()[0].ToArray());
        }), new EarlyStopping("value", patience: 2, restoreBestWeights: whenStopped, restoreAtEnd: atEnd)]);
        Assert.HasCount(4, weights);
        CollectionAssert.AreEqual(weights[1], model.GetWeights()[0].ToArray());
    }

    /// <summary>Rate 0.1, decay 0.5, two updates per epoch: the next update uses 0.1/(1 + 0.5·2), then 0.1/(1 +
    /// 0.5·4).</summary>
    [TestMethod]
    public void The_logged_rate_is_the_decayed_one_on_request()
    {
        Check(new LearningRateScheduler(_ => 0.1), 0.1, 0.1);
        Check(new LearningRateScheduler(_ => 0.1, logDecayedRate: true), 0.05, 0.1 / 3);
        Check(new LearningRateScheduler((_, rate) => rate, logDecayedRate: true), 0.05, 0.1 / 3);
        Check(new ReduceLROnPlateau("loss"), 0.1, 0.1);
        Check(new ReduceLROnPlateau("loss", logDecayedRate: true), 0.05, 0.1 / 3);
        Check(Callback.FromConfig(
            System.Text.Json.JsonDocument.Parse(
                """{"class_name": "ReduceLROnPlateau", "config": {"monitor": "loss", "log_decayed_rate": true}}""")
            .RootElement), 0.05, 0.1 / 3);

        static void Check(Callback callback, params double[] expected)
        {
            using var model = new Sequential([new Dense(1, inputShape: [2])]);
            model.Compile(new SGD(0.1, decay: 0.5), "mae");
            History history = model.Fit(s_x, s_y, batchSize: 1, epochs: 2, verbose: 0, callbacks: callback);
            for (int i = 0; i < 2; i++) Assert.AreEqual(expected[i], history["lr"][i], 1e-9);
            Assert.AreEqual(0.1 / 3, model.Optimizer!.DecayedLearningRate, 1e-9);
        }
    }

    /// <summary>A column of 1 and 3: by the batch −1 and 1 (mean 2, variance 1), by the first moving values 1 and
    /// 3.</summary>
    [TestMethod]
    public void A_frozen_BatchNormalization_uses_its_moving_values_on_request()
    {
        NDArray x = new float[,] { { 1 }, { 3 } }, y = new float[,] { { 0 }, { 0 } };
        const double batch = 1 / 1.001, moving = (1 + 9) / 2 / 1.001;
        Check(batch, x, y, new BatchNormalization(inputShape: [1]) { Trainable = false });
        Check(batch, x, y, new BatchNormalization(inferenceWhenFrozen: true, inputShape: [1]));
        Check(moving, x, y, new BatchNormalization(inferenceWhenFrozen: true, inputShape: [1]) { Trainable = false });
        Check(moving, x, y, new Sequential([new BatchNormalization(inferenceWhenFrozen: true, inputShape: [1])])
        { Trainable = false });
        Check(moving, x, y,
            new Sequential([new Sequential([new BatchNormalization(inferenceWhenFrozen: true, inputShape: [1])])])
            { Trainable = false });
        Check(moving, x.Reshape(2, 1, 1), y.Reshape(2, 1, 1),
            new TimeDistributed(new BatchNormalization(inferenceWhenFrozen: true), inputShape: [1, 1])
            { Trainable = false });

        static void Check(double expected, NDArray x, NDArray y, Layer layer)
        {
            // A trainable weight that has no effect yet.
            using var model = new Sequential([layer, new PReLU(alphaInitializer: "ones")]);
            model.Compile("sgd", "mse");
            float[][] before = [.. layer.GetWeights().Select(w => w.ToArray())];
            Assert.AreEqual(expected, model.TrainOnBatch(x, y).Loss, 1e-5);
            if (layer.Trainable) return;
            for (int i = 0; i < before.Length; i++)
                CollectionAssert.AreEqual(before[i], layer.GetWeights()[i].ToArray());
        }
    }

    /// <summary>1, 3, 5 and a masked 0: mean 3 and variance 8/3 of three values; with the masked one 9/4 and 59/16 of
    /// four.</summary>
    [TestMethod]
    [DataRow(false, 2.25, 3.6875, 4)]
    [DataRow(true, 3, 8 / 3d, 3)]
    public void Masked_steps_count_in_BatchNormalization_unless_ignored(
        bool ignored, double mean, double variance, int n)
    {
        NDArray x = new float[,,] { { { 1 }, { 3 } }, { { 5 }, { 0 } } }, y = new NDArray(2, 2, 1);
        var layer = new BatchNormalization(momentum: 0.5, center: false, scale: false, ignoreMaskedSteps: ignored);
        using var model = new Sequential([new Masking(inputShape: [2, 1]), layer, new PReLU(alphaInitializer: "ones")]);
        model.Compile("sgd", "mse");
        double squares = new[] { 1, 3, 5 }.Sum(v => Math.Pow(v - mean, 2)) / (variance + 0.001);
        Assert.AreEqual(squares / 4, model.TrainOnBatch(x, y).Loss, 1e-5);
        Assert.AreEqual(0.5 * mean, layer.GetWeights()[0][0], 1e-5);
        Assert.AreEqual(0.5 + 0.5 * variance * n / (n - 1.001), layer.GetWeights()[1][0], 1e-5);
        if (!ignored) return;
        float[] moving = [layer.GetWeights()[0][0], layer.GetWeights()[1][0]];
        model.TrainOnBatch(new NDArray(2, 2, 1), y);
        CollectionAssert.AreEqual(moving, new[] { layer.GetWeights()[0][0], layer.GetWeights()[1][0] });
    }

    [TestMethod]
    public void A_fully_masked_row_averages_to_0_on_request()
    {
        NDArray x = new float[,,] { { { 0 }, { 0 } }, { { 1 }, { 3 } }, { { 4 }, { 0 } } };
        CollectionAssert.AreEqual(new[] { 0f, 2, 4 }, Averages(new GlobalAveragePooling1D(zeroForMaskedRows: true)));
        CollectionAssert.AreEqual(new[] { 0f, 2, 4 }, Averages(new GlobalAvgPool1D(zeroForMaskedRows: true)));
        CollectionAssert.AreEqual(new[] { float.NaN, 2, 4 }, Averages(new GlobalAveragePooling1D()));

        float[] Averages(Layer pooling)
        {
            using var model = new Sequential([new Masking(inputShape: [2, 1]), pooling]);
            return model.Predict(x).ToArray();
        }
    }

    /// <summary>Keras rejects unknown keys, so they are in a configuration only if they have an effect.</summary>
    [TestMethod]
    public void The_options_are_restored_from_a_configuration_and_absent_by_default()
    {
        string[] keys = ["inference_when_frozen", "ignore_masked_steps", "zero_for_masked_rows"];
        Check(new BatchNormalization(), []);
        Check(new BatchNormalization(inferenceWhenFrozen: true), [keys[0]]);
        Check(new BatchNormalization(ignoreMaskedSteps: true), [keys[1]]);
        Check(new GlobalAveragePooling1D(), []);
        Check(new GlobalAveragePooling1D(zeroForMaskedRows: true), [keys[2]]);

        void Check(Layer layer, string[] expected)
        {
            System.Text.Json.JsonElement written = System.Text.Json.JsonSerializer.SerializeToElement(
                new System.Text.Json.Nodes.JsonObject
                { ["class_name"] = layer.ClassName, ["config"] = layer.GetConfig() });
            System.Text.Json.Nodes.JsonObject again = Layer.FromConfig(written).GetConfig();
            CollectionAssert.AreEqual(expected, keys.Where(again.ContainsKey).ToArray());
            CollectionAssert.AreEqual(expected, keys.Where(layer.GetConfig().ContainsKey).ToArray());
        }
    }
}
