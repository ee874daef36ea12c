using Microsoft.ML.KerasSequential.Constraints;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Utils;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Custom parts: functions over tensors, operations on values, losses and metrics without targets,
/// names.</summary>
[TestClass]
public sealed class CustomTests
{
    static readonly NDArray s_x = Ramp(12, 3), s_y = Ramp(12, 2);

    [TestMethod]
    public void A_custom_operation_computes_and_trains_like_the_built_in_one()
    {
        var square = new CustomOp("MySquare",
            forward: a =>
            {
                for (int i = 0; i < a.Output.Length; i++) a.Output[i] = a.Input(0)[i] * a.Input(0)[i];
            },
            backward: a =>
            {
                for (int i = 0; i < a.Gradient.Length; i++) a.Gradient[i] = 2 * a.Input(0)[i] * a.OutputGradient[i];
            });
        using Sequential custom = Model(x => square.Call(x)), builtIn = Model(x => K.Square(x));
        History a = custom.Fit(s_x, s_y, epochs: 3, batchSize: 5, verbose: 0, shuffle: false),
            b = builtIn.Fit(s_x, s_y, epochs: 3, batchSize: 5, verbose: 0, shuffle: false);
        for (int i = 0; i < 3; i++) Assert.AreEqual(b["loss"][i], a["loss"][i], 1e-6);
        Assert.Contains("MySquare", custom.ExplainPlan());
    }

    [TestMethod]
    public void A_custom_operation_can_have_several_inputs_and_a_different_shape()
    {
        var dot = new CustomOp("RowDot",
            forward: a =>
            {
                int columns = a.InputShape(0)[1];
                for (int r = 0; r < a.OutputShape[0]; r++)
                {
                    float sum = 0;
                    for (int c = 0; c < columns; c++) sum += a.Input(0)[r * columns + c] * a.Input(1)[r * columns + c];
                    a.Output[r] = sum;
                }
            },
            backward: a =>
            {
                int columns = a.InputShape(0)[1];
                for (int i = 0; i < a.Gradient.Length; i++)
                    a.Gradient[i] = a.Input(1 - a.Index)[i] * a.OutputGradient[i / columns];
            },
            outputShape: shapes => new Shape([shapes[0][0], 1]));
        Tensor x = K.Placeholder(null, 3), y = K.Placeholder(null, 3), z = dot.Call(x, y);
        using Function function = K.Function([x, y], [z, .. K.Gradients(K.Sum(z), [x, y])]);
        NDArray p = Ramp(4, 3), q = Ramp(4, 3).Reshape(4, 3);
        q.Span[2] = 5;
        NDArray[] result = function.Run(p, q);
        CollectionAssert.AreEqual(new[] { 4, 1 }, result[0].Shape.ToArray());
        Assert.AreEqual(p[0, 0] * q[0, 0] + p[0, 1] * q[0, 1] + p[0, 2] * q[0, 2], result[0][0, 0], 1e-6);
        CollectionAssert.AreEqual(q.ToArray(), result[1].ToArray());
        CollectionAssert.AreEqual(p.ToArray(), result[2].ToArray());
    }

    [TestMethod]
    public void A_custom_operation_without_backward_reports_it_and_its_exceptions_propagate()
    {
        var forward = new CustomOp("OneWay", a => a.Input(0).CopyTo(a.Output));
        using Sequential model = Model(x => forward.Call(x));
        Assert.AreEqual(12, model.Predict(s_x).Shape[0]);
        Assert.Contains("OneWay", Assert.Throws<ArgumentException>(() => model.Fit(s_x, s_y, verbose: 0)).Message);
        var failing = new CustomOp("Fails", _ => throw new TimeoutException());
        using Sequential other = Model(x => failing.Call(x));
        Assert.ThrowsExactly<TimeoutException>(() => other.Predict(s_x));
    }

    [TestMethod]
    public void Losses_and_metrics_can_be_added_from_the_tensors_of_the_model()
    {
        using Sequential plain = Model(x => x), added = Model(x => x);
        added.AddLoss(0.5 * K.Mean(K.Square(added.Outputs[0])));
        added.AddMetric(K.Mean(added.Outputs[0]), "mean_output");
        added.AddMetric(K.Sum(added.Outputs[0]), new Sum("sum_output"));
        CollectionAssert.AreEqual(new[] { "loss", "mae", "mean_output", "sum_output" }, added.MetricsNames.ToArray());
        NDArray p = plain.Predict(s_x);
        Evaluation expected = plain.Evaluate(s_x, s_y, verbose: 0),
            actual = added.Evaluate(s_x, s_y, batchSize: 12, verbose: 0);
        double squares = p.ToArray().Average(v => (double)v * v);
        Assert.AreEqual(expected["loss"] + 0.5 * squares, actual["loss"], 1e-5);
        Assert.AreEqual(p.ToArray().Average(), actual["mean_output"], 1e-5);
        Assert.AreEqual(p.ToArray().Sum(), actual["sum_output"], 1e-4);
        double before = actual["loss"];
        added.Fit(s_x, s_y, epochs: 20, verbose: 0);
        Assert.IsLessThan(before, added.Evaluate(s_x, s_y, verbose: 0)["loss"]);
        Assert.Throws<ArgumentException>(() => added.AddLoss(K.Placeholder(null, 2)));
    }

    [TestMethod]
    public void A_model_can_learn_from_added_losses_alone_and_a_layer_can_add_them()
    {
        using var model = new Sequential([new Dense(2, kernelInitializer: "ones", inputShape: [3]), new Penalty()]);
        model.Compile(new SGD(0.1));
        CollectionAssert.AreEqual(new[] { "loss", "size" }, model.MetricsNames.ToArray());
        History history = model.Fit(s_x, epochs: 10, verbose: 0);
        Assert.IsLessThan(history["loss"][0] / 2, history["loss"][9]);
        Assert.AreEqual(history["loss"][9], history["size"][9], 1e-5);
    }

    [TestMethod]
    public void Custom_objects_are_resolved_by_name_only_inside_their_scope()
    {
        var objects = new Dictionary<string, object>
        {
            ["double_it"] = (Func<Tensor, Tensor>)(x => 2 * x),
            ["my_loss"] = (Func<Tensor, Tensor, Tensor>)((t, p) => K.Mean(K.Abs(t - p), axis: -1)),
            ["small"] = (Func<Tensor, Tensor>)(x => 0.1 * K.Sum(K.Square(x))),
            ["positive"] = new NonNeg(),
            ["Penalty"] = (Func<Layer>)(() => new Penalty()),
        };
        string json;
        NDArray expected;
        string file = Path.GetTempFileName();
        using (new CustomObjectScope(objects))
        {
            using var model = new Sequential(
            [
                new Dense(2, activation: "double_it", kernelRegularizer: "small", kernelConstraint: "positive",
                    inputShape: [3]),
                new Penalty(),
                new Layers.Activation(Activations.Activation.FromFunction(x => 2 * x, "double_it")),
            ]);
            model.Compile("sgd", "my_loss", metrics: "my_loss");
            model.Fit(s_x, s_y, verbose: 0);
            expected = model.Predict(s_x);
            json = model.ToJson();
            model.Save(file);
            using Sequential read = Sequential.FromJson(json);
            read.SetWeights(model.GetWeights());
            CollectionAssert.AreEqual(expected.ToArray(), read.Predict(s_x).ToArray());
            using Sequential loaded = Sequential.Load(file);
            CollectionAssert.AreEqual(expected.ToArray(), loaded.Predict(s_x).ToArray());
            Assert.AreEqual(model.TrainOnBatch(s_x, s_y)["loss"], loaded.TrainOnBatch(s_x, s_y)["loss"]);
        }
        File.Delete(file);
        Assert.Contains("Unknown", Assert.Throws<ArgumentException>(() => Sequential.FromJson(json)).Message);
        Assert.Throws<ArgumentException>(() => new CustomObjectScope(new() { ["seven"] = 7 }));
        using (new CustomObjectScope(new() { ["relu"] = new NonNeg() }))
            Assert.Contains("not an activation",
                Assert.Throws<ArgumentException>(() => { Activation_("relu"); }).Message);

        static void Activation_(Activations.Activation _)
        {
        }
    }

    [TestMethod]
    public void A_custom_metric_consists_of_states_an_update_and_a_value()
    {
        using Sequential model = Model(x => x);
        model.Compile("sgd", "mse", metrics: new LargestError());
        NDArray p = model.Predict(s_x);
        double expected = p.ToArray().Zip(s_y.ToArray()).Max(v => Math.Abs(v.First - v.Second));
        Assert.AreEqual(expected, model.Evaluate(s_x, s_y, batchSize: 5, verbose: 0)["largest_error"], 1e-6);
    }

    static Sequential Model(Func<Tensor, Tensor> last)
    {
        var model = new Sequential(
            [new Dense(2, kernelInitializer: new Initializers.RandomNormal(seed: 3), inputShape: [3]),
                new Lambda(last)]);
        model.Compile(new SGD(0.05), "mse", metrics: "mae");
        return model;
    }

    static NDArray Ramp(int rows, int columns)
    {
        var array = new NDArray(rows, columns);
        for (int i = 0; i < array.Size; i++) array.Span[i] = (i * 7 % 13) / 10f;
        return array;
    }

    sealed class Penalty : Layer
    {
        public override Tensor Call(Tensor x)
        {
            AddLoss(K.Mean(K.Square(x)));
            AddMetric(K.Mean(K.Square(x)), "size");
            return x;
        }
    }

    sealed class LargestError : Metric
    {
        public LargestError() : base("largest_error") => AddState("largest");

        protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
            [K.Maximum(States[0], K.Max(K.Abs(yTrue - yPred)))];

        protected internal override Tensor Value(IReadOnlyList<Tensor> states) => states[0];
    }
}
