using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Initializers;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Regularizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models as C# code, which compiles and creates the same models.</summary>
[TestClass]
public sealed partial class CodeTests
{
    [GeneratedRegex("\"name\":\"[a-z_0-9]+\",?")]
    private static partial Regex Names();

    static string Told(Sequential model) =>
        Names().Replace(model.ToJson(), "") + (model.Optimizer is null ? "" : model.TrainingConfig().ToJsonString());

    static void AreMadeAgain(params IReadOnlyList<Sequential> models)
    {
        string[] snippets = [.. models.Select(m => m.ToCSharp())];
        Sequential[] made = Compiled.Models(snippets);
        for (int i = 0; i < models.Count; i++)
        {
            Assert.AreEqual(Told(models[i]), Told(made[i]), snippets[i]);
            Assert.DoesNotContain("/*", snippets[i]);
        }
    }

    [TestMethod]
    public void Every_layer_is_recreated() =>
        AreMadeAgain([.. LayerTests.Models.Where(m => m.Name != "Lambda").Select(m => m.Make())]);

    [TestMethod]
    public void Random_models_are_recreated() =>
        AreMadeAgain([.. Enumerable.Range(0, 100).Select(seed => RandomModels.Make(new Random(seed), out _))
        .Where(m => !m.Layers.Any(l => l is Lambda))]);

    [TestMethod]
    public void Every_optimizer_loss_and_metric_is_recreated()
    {
        Optimizer[] optimizers =
        [
            new SGD(0.1, momentum: 0.9, nesterov: true), new SGD(new ExponentialDecay(0.1, 10, 0.5)),
                new SGD(new PiecewiseConstantDecay([1, 2], [0.1, 0.2, 0.3])), new RMSprop(rho: 0.8),
            new Adagrad(), new Adadelta(0.5), new Adam(beta1: 0.8, amsgrad: true, clipnorm: 1),
                new AdamW(weightDecay: 0.1), new Adamax(decay: 0.1), new Nadam(scheduleDecay: 0.1),
                new Lion(beta2: 0.5), new Ftrl(beta: 1), new Adafactor(0.1), new Lamb { WeightDecay = 0.1 },
            new Muon(momentum: 0.9, excludeLayers: ["out", "in"]), new ScheduleFreeAdamW(warmupSteps: 3),
            new RMSprop { EpsilonInRoot = true, Momentum = 0.5, Centered = true, VariableClipnorm = 2 },
            new Adagrad { InitialAccumulatorValue = 0.1, UseEma = true, EmaMomentum = 0.9, EmaOverwriteFrequency = 4 },
            new SGD { GradientAccumulationSteps = 3, LossScaleFactor = 8, GlobalClipnorm = 3 },
            new LossScaleOptimizer(new Adam(0.1), 64),
        ];
        string[] losses = [.. Losses.LossRegistry.Known.Names];
        string[] metrics = [
            .. Metrics.MetricRegistry.Classes.Where(
                n => n is not ("Mean" or "Sum" or "MeanIoU" or "SensitivityAtSpecificity" or "SpecificityAtSensitivity"
                    or "IoU" or "OneHotIoU" or "OneHotMeanIoU" or "PrecisionAtRecall" or "RecallAtPrecision"
                    or "F1Score" or "FBetaScore"))];
        List<Sequential> models = [];
        for (int i = 0; i < Math.Max(optimizers.Length, Math.Max(losses.Length, metrics.Length)); i++)
        {
            var model = new Sequential([new Dense(3, "softmax", inputShape: [2])]);
            Metrics.Metric metric = Metrics.Metric.FromConfig(
                System.Text.Json.JsonDocument.Parse(
                    $$"""{"class_name": "{{metrics[i % metrics.Length]}}", "config": {} }""").RootElement);
            model.Compile(optimizers[i % optimizers.Length], losses[i % losses.Length], [metric, "accuracy"]);
            models.Add(model);
        }
        AreMadeAgain(models);
    }

    [TestMethod]
    public void Settings_that_are_not_the_defaults_are_written()
    {
        var inner = new Sequential([new Dense(2, name: "a \"quoted\" name"), new BatchNormalization()], name: "inner")
        { Trainable = false };
        var model = new Sequential(
        [
            new Dense(4, "tanh", kernelInitializer: new VarianceScaling(2, "fan_out", "normal", seed: 3),
                biasInitializer: new Constant(0.5), kernelRegularizer: new L1L2(0.1, 0.2),
                biasConstraint: new MinMaxNorm(0.1, 2, 0.5), batchInputShape: [8, 3], trainable: false),
            inner,
            new Dense(4, kernelInitializer: new Constant(new float[,] { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } })),
        ]);
        model.Compile(new Adam(0.01), new Losses.Huber(2, Losses.Reduction.Sum),
            [new Metrics.BinaryAccuracy(threshold: 0.7), new Metrics.Precision(thresholds: [0.2], name: "p")],
            lossWeights: 0.5, weightedMetrics: ["mae"]);
        string code = model.ToCSharp();
        AreMadeAgain(model);
        foreach (string expected
            in new[] { "batchInputShape: [8, 3]", "trainable: false", "Trainable = false", "\"inner\"",
                "lossWeights: 0.5", "Losses.Reduction.Sum", "using Losses = " })
            Assert.Contains(expected, code);
        Assert.DoesNotContain("useBias", code);
        Assert.DoesNotContain("dense_", code);
    }

    [TestMethod]
    public void A_simple_model_is_written_as_by_hand()
    {
        var model =
            new Sequential([new Dense(16, "relu", inputShape: [30]), new Dropout(0.25), new Dense(1, "sigmoid")]);
        model.Compile("adam", "binary_crossentropy", ["accuracy"]);
        Assert.AreEqual("""
            using Microsoft.ML.KerasSequential;
            using Microsoft.ML.KerasSequential.Layers;
            using Microsoft.ML.KerasSequential.Optimizers;

            var model = new Sequential([
                new Dense(16, activation: "relu", inputShape: [30]),
                new Dropout(0.25),
                new Dense(1, activation: "sigmoid"),
            ]);
            model.Compile(optimizer: new Adam(), loss: "binary_crossentropy", metrics: ["accuracy"]);

            """.ReplaceLineEndings("\n"), model.ToCSharp());
    }

    [TestMethod]
    public void What_code_cannot_express_is_an_error_or_shown()
    {
        Assert.Contains(
            "lambda", Assert.ThrowsExactly<InvalidOperationException>(
                () => new Sequential([new Lambda(x => x, inputShape: [2])]).ToCSharp()).Message);
        Assert.Contains("new Own(/* {", new Sequential([new Own()]).ToCSharp());
        Assert.Contains("*\\u002f evil", new Sequential([new Own { Name = "*/ evil" }]).ToCSharp());
    }

    sealed class Own : Layer
    {
        public override Tensor Call(Tensor x) => x;
    }
}
