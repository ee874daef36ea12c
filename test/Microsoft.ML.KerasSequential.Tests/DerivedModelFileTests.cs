using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>ML.NET's model files can contain networks with derived parts, which must be known when they are
/// loaded.</summary>
[TestClass]
public sealed class DerivedModelFileTests
{
    static readonly MLContext s_ml = new(seed: 1);
    static readonly IDataView s_data = DataSets.Iris(s_ml);

    sealed class Stretch(int units, double factor) : Dense(units)
    {
        public override Tensor Call(Tensor x) => factor * base.Call(x);

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["factor"] = factor;
            return config;
        }
    }

    sealed class Steep(double power) : Loss("steep")
    {
        public override Tensor Call(Tensor yTrue, Tensor yPred) => K.Mean(K.Pow(K.Abs(yTrue - yPred), power), axis: -1);

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["power"] = power;
            return config;
        }
    }

    sealed class Total : Metric
    {
        readonly double _factor;

        public Total(double factor) : base("total")
        {
            _factor = factor;
            AddState("sum");
        }

        protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
            [States[0] + K.Sum(yPred)];

        protected internal override Tensor Value(IReadOnlyList<Tensor> states) => _factor * states[0];

        public override JsonObject GetConfig()
        {
            JsonObject config = base.GetConfig();
            config["factor"] = _factor;
            return config;
        }
    }

    sealed class Plain(double learningRate) : Optimizer(learningRate)
    {
        protected override Tensor Apply(Variable weight, Tensor gradient, Tensor rate) => weight - rate * gradient;
    }

    static double Number(JsonElement config, string name) => config.GetProperty(name).GetDouble();

    static Dictionary<string, object> Known() => new()
    {
        ["Stretch"] = (Func<JsonElement, Layer>)(c =>
            new Stretch(c.GetProperty("units").GetInt32(), Number(c, "factor"))),
        ["Steep"] = (Func<JsonElement, Loss>)(c => new Steep(Number(c, "power"))),
        ["Total"] = (Func<JsonElement, Metric>)(c => new Total(Number(c, "factor"))),
        ["Plain"] = (Func<JsonElement, Optimizer>)(c => new Plain(Number(c, "learning_rate"))),
    };

    static KerasSequentialTransformer Trained(Func<Layer> last, Optimizer optimizer, Loss loss, Metric metric) =>
        s_ml.Transforms.KerasSequential(
        () => new Sequential([new Dense(5, activation: "tanh", inputShape: [4]), last()]),
        new()
        {
            LabelColumnName = "Features",
            Optimizer = optimizer,
            Loss = loss,
            Metrics = [metric],
            Epochs = 2,
            Seed = 3
        }).Fit(s_data);

    static MemoryStream Saved(KerasSequentialTransformer transformer)
    {
        var file = new MemoryStream();
        s_ml.Model.Save(transformer, s_data.Schema, file);
        return file;
    }

    static KerasSequentialTransformer Loaded(MemoryStream file)
    {
        file.Position = 0;
        return (KerasSequentialTransformer)new MLContext(seed: 1).Model.Load(file, out _);
    }

    static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner && e is not ArgumentException) e = inner;
        return e.Message;
    }

    [TestMethod]
    public void A_network_of_derived_parts_is_restored_if_they_are_registered()
    {
        KerasSequentialTransformer transformer = Trained(() => new Stretch(4, 2), new Plain(0.05), new Steep(4),
            new Total(0.5));
        float[] scores = FreshProcess.Scores(transformer.Transform(s_data), "Score");
        Evaluation expected = transformer.Evaluate(s_data);
        // The metric is half the sum of all outputs.
        Assert.AreEqual(0.5 * scores.Sum(s => (double)s), expected["total"], 1e-2);
        using MemoryStream file = Saved(transformer);
        using var scope = new CustomObjectScope(Known());
        KerasSequentialTransformer loaded = Loaded(file);
        Assert.IsInstanceOfType<Stretch>(loaded.Model.Layers[1]);
        Assert.IsInstanceOfType<Plain>(loaded.Model.Optimizer);
        CollectionAssert.AreEqual(scores, FreshProcess.Scores(loaded.Transform(s_data), "Score"));
        CollectionAssert.AreEqual(expected.Keys.ToArray(), loaded.Evaluate(s_data).Keys.ToArray());
        CollectionAssert.AreEqual(expected.Values.ToArray(), loaded.Evaluate(s_data).Values.ToArray());
        using MemoryStream again = Saved(loaded);
        CollectionAssert.AreEqual(scores, FreshProcess.Scores(Loaded(again).Transform(s_data), "Score"));
    }

    [TestMethod]
    public void An_unknown_layer_is_an_error_that_names_it()
    {
        using MemoryStream file = Saved(Trained(() => new Stretch(4, 2), new SGD(0.01), "mse", "mae"));
        string message = Innermost(Assert.Throws<Exception>(() => Loaded(file)));
        Assert.Contains("\"Stretch\"", message);
        Assert.Contains("CustomObjectScope", message);
    }

    [TestMethod]
    [DataRow("Steep")]
    [DataRow("Total")]
    [DataRow("Plain")]
    public void What_only_training_needs_is_named_on_use(string name)
    {
        KerasSequentialTransformer transformer = Trained(() => new Stretch(4, 2), new Plain(0.05), new Steep(4),
            new Total(0.5));
        using MemoryStream file = Saved(transformer);
        Dictionary<string, object> known = Known();
        known.Remove(name);
        using var scope = new CustomObjectScope(known);
        KerasSequentialTransformer loaded = Loaded(file);
        CollectionAssert.AreEqual(FreshProcess.Scores(transformer.Transform(s_data), "Score"),
            FreshProcess.Scores(loaded.Transform(s_data), "Score"));
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => loaded.Evaluate(s_data)).Message;
        Assert.Contains("not compiled", message);
        Assert.Contains($"\"{name}\"", message);
        Assert.Contains("CustomObjectScope", message);
        loaded.Model.Compile("sgd", new Steep(4), metrics: [new Total(0.5)]);
        CollectionAssert.AreEqual(transformer.Evaluate(s_data).Values.ToArray(),
            loaded.Evaluate(s_data).Values.ToArray());
    }
}
