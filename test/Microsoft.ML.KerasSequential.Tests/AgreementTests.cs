using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>ML.NET's evaluators and Keras' <c>evaluate</c> agree, and the networks are not worse than ML.NET's own
/// linear trainers on the same folds.</summary>
[TestClass]
public sealed class AgreementTests
{
    const int Folds = 3;

    readonly MLContext _ml = new(seed: 1);

    static KerasSequentialOptions Options(string label, int epochs, double learningRate) =>
        new()
        {
            LabelColumnName = label,
            Epochs = epochs,
            BatchSize = 16,
            Optimizer = new Optimizers.Adam(learningRate),
            Seed = 2
        };

    static Regularizers.L1L2 Decay(double l2) => new(l2: l2);

    IDataView Prepared(IDataView data, string? key = null)
    {
        IEstimator<ITransformer> pipeline = _ml.Transforms.NormalizeMeanVariance("Features", fixZero: false);
        if (key is not null) pipeline = pipeline.Append(_ml.Transforms.Conversion.MapValueToKey("Label", key));
        return pipeline.Fit(data).Transform(data);
    }

    [TestMethod]
    [DataRow("iris")]
    [DataRow("wine")]
    [DataRow("digits")]
    public void On_classes(string name)
    {
        (Layer[] layers, int epochs, double learningRate) = name switch
        {
            "iris" => (
                new Layer[] { new Dense(16, activation: "tanh", kernelRegularizer: Decay(0.001)),
                    new Dense(3, activation: "softmax", kernelRegularizer: Decay(0.001)) }, 80, 0.005),
            "wine" => ([new Dense(3, activation: "softmax", kernelRegularizer: Decay(0.01))], 150, 0.005),
            _ => ([new Dense(64, activation: "relu"), new Dropout(0.3), new Dense(10, activation: "softmax")], 12,
                0.002),
        };
        IDataView data = Prepared(
            name switch { "iris" => DataSets.Iris(_ml), "wine" => DataSets.Wine(_ml), _ => DataSets.Digits(_ml) },
            "Species");
        KerasSequentialTrainer trainer = _ml.MulticlassClassification.Trainers.KerasSequential(layers,
            Options("Label", epochs, learningRate));
        MulticlassClassificationCatalog catalog = _ml.MulticlassClassification;
        double ours = 0;
        foreach (var fold in catalog.CrossValidate(data, trainer, Folds, seed: 1))
        {
            (double loss, double accuracy) = Keras(fold.Model, fold.ScoredHoldOutSet);
            Assert.AreEqual(accuracy, fold.Metrics.MicroAccuracy, 1e-5);
            Assert.AreEqual(loss, fold.Metrics.LogLoss, 1e-5);
            ours += fold.Metrics.MicroAccuracy / Folds;
        }
        double linear = new IEstimator<ITransformer>[] { catalog.Trainers.LbfgsMaximumEntropy(),
            catalog.Trainers.SdcaMaximumEntropy(
                new SdcaMaximumEntropyMulticlassTrainer.Options { MaximumNumberOfIterations = 50,
                    NumberOfThreads = 1 }) }
            .Max(t => catalog.CrossValidate(data, t, Folds, seed: 1).Average(f => f.Metrics.MicroAccuracy));
        Assert.IsTrue(ours >= linear - 1e-9, $"{name}: {ours:P2} against {linear:P2} of the best linear trainer.");
        Console.WriteLine($"{name}: accuracy {ours:P2}, best linear trainer {linear:P2}");
    }

    [TestMethod]
    public void On_binary_labels()
    {
        IDataView data = Prepared(DataSets.BreastCancer(_ml));
        KerasSequentialTrainer trainer = _ml.BinaryClassification.Trainers.KerasSequential(
            [new Dense(16, activation: "tanh", kernelRegularizer: Decay(0.003)),
                new Dense(1, activation: "sigmoid", kernelRegularizer: Decay(0.003))], Options("Yes", 80, 0.002));
        BinaryClassificationCatalog catalog = _ml.BinaryClassification;
        double ours = 0;
        foreach (var fold in catalog.CrossValidate(data, trainer, Folds, "Yes", seed: 1))
        {
            (double loss, double accuracy) = Keras(fold.Model, fold.ScoredHoldOutSet);
            Assert.AreEqual(accuracy, fold.Metrics.Accuracy, 1e-5);
            // ML.NET's log-loss is in bits, Keras' in nats.
            Assert.AreEqual(loss, fold.Metrics.LogLoss * Math.Log(2), 1e-5);
            ours += fold.Metrics.Accuracy / Folds;
        }
        double linear = Math.Max(
            catalog.CrossValidate(data, catalog.Trainers.LbfgsLogisticRegression("Yes"), Folds, "Yes", seed: 1)
            .Average(f => f.Metrics.Accuracy),
            catalog.CrossValidate(data,
                catalog.Trainers.SdcaLogisticRegression(
                    new SdcaLogisticRegressionBinaryTrainer.Options
                    {
                        LabelColumnName = "Yes",
                        MaximumNumberOfIterations = 50,
                        NumberOfThreads = 1
                    }), Folds, "Yes", seed: 1)
                            .Average(f => f.Metrics.Accuracy));
        Assert.IsTrue(ours >= linear - 1e-9,
            $"breast cancer: {ours:P2} against {linear:P2} of the best linear trainer.");
        Console.WriteLine($"breast cancer: accuracy {ours:P2}, best linear trainer {linear:P2}");
    }

    [TestMethod]
    public void On_numbers()
    {
        IDataView data = Prepared(DataSets.Diabetes(_ml));
        KerasSequentialOptions options = Options("Label", 100, 0.1);
        (options.BatchSize, options.Loss, options.Metrics, options.Optimizer) = (64, "poisson", ["mse", "mae"],
            new Optimizers.Adam(new Optimizers.CosineDecay(0.1, 500)));
        KerasSequentialTrainer trainer =
            _ml.Regression.Trainers.KerasSequential([
                new Dense(1, activation: "exponential", kernelRegularizer: new Regularizers.L1L2(l1: 0.1))], options);
        double ours = 0;
        foreach (var fold in _ml.Regression.CrossValidate(data, trainer, Folds, seed: 1))
        {
            Evaluation keras = ((KerasSequentialTransformer)fold.Model).Evaluate(fold.ScoredHoldOutSet);
            Assert.AreEqual(keras["mse"], fold.Metrics.MeanSquaredError, 1e-5 * fold.Metrics.MeanSquaredError);
            Assert.AreEqual(keras["mae"], fold.Metrics.MeanAbsoluteError, 1e-5 * fold.Metrics.MeanAbsoluteError);
            ours += fold.Metrics.MeanSquaredError / Folds;
        }
        double linear =
            new IEstimator<ITransformer>[] { _ml.Regression.Trainers.Sdca(
                new SdcaRegressionTrainer.Options { MaximumNumberOfIterations = 50, NumberOfThreads = 1 }),
                _ml.Regression.Trainers.LbfgsPoissonRegression(),
                    _ml.Regression.Trainers.OnlineGradientDescent(numberOfIterations: 50) }
            .Min(t => _ml.Regression.CrossValidate(data, t, Folds, seed: 1).Average(f => f.Metrics.MeanSquaredError));
        Assert.IsTrue(ours <= linear,
            $"diabetes: mean squared error {ours:F1} against {linear:F1} of the best linear trainer.");
        Console.WriteLine($"diabetes: mean squared error {ours:F1}, best linear trainer {linear:F1}");
    }

    /// <summary>Keras' loss, without the regularization that it includes, and accuracy.</summary>
    static (double Loss, double Accuracy) Keras(ITransformer model, IDataView rows)
    {
        var transformer = (KerasSequentialTransformer)model;
        Evaluation keras = transformer.Evaluate(rows);
        double penalty = 0;
        foreach (Dense layer in transformer.Model.Layers.OfType<Dense>())
        {
            double decay = layer.GetConfig()["kernel_regularizer"]?["config"]?["l2"]?.GetValue<double>() ?? 0;
            penalty += decay * layer.GetWeights()[0].ToArray().Sum(w => (double)w * w);
        }
        return (keras["loss"] - penalty, keras["accuracy"]);
    }
}
