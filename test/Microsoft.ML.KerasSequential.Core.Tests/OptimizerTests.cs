using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Each optimizer against its formula in float64, over several steps with known gradients.</summary>
[TestClass]
public sealed class OptimizerTests
{
    const int Steps = 6;

    static readonly double[] s_gradients = [0.5, -1.25, 0.03, 2, -0.7, 0];

    /// <summary>From weight, gradient and step (from 0) to the next weight; the closure keeps the state.</summary>
    delegate double Rule(double w, double g, int step);

    static Dictionary<string, (Func<Optimizer> Make, Func<Rule> Reference)> Table => new()
    {
        ["sgd"] = (() => new SGD(0.1), () => (w, g, _) => w - 0.1 * g),
        ["sgd, momentum, decay"] = (() => new SGD(0.1, momentum: 0.9, decay: 0.2), () =>
        {
            double v = 0;
            return (w, g, t) => w + (v = 0.9 * v - 0.1 / (1 + 0.2 * t) * g);
        }
        ),
        ["sgd, nesterov"] = (() => new SGD(0.1, momentum: 0.9, nesterov: true), () =>
        {
            double v = 0;
            return (w, g, _) => w + 0.9 * (v = 0.9 * v - 0.1 * g) - 0.1 * g;
        }
        ),
        ["sgd, clipvalue"] = (() => new SGD(0.1, clipvalue: 0.4),
            () => (w, g, _) => w - 0.1 * Math.Clamp(g, -0.4, 0.4)),
        ["sgd, clipnorm"] = (() => new SGD(0.1, clipnorm: 0.4), () => (w, g, _) => w - 0.1 * Math.Clamp(g, -0.4, 0.4)),
        ["rmsprop"] = (() => new RMSprop(0.01, rho: 0.8), () =>
        {
            double a = 0;
            return (w, g, _) => w - 0.01 * g / (Math.Sqrt(a = 0.8 * a + 0.2 * g * g) + 1e-7);
        }
        ),
        ["adagrad"] = (() => new Adagrad(0.1), () =>
        {
            double a = 0;
            return (w, g, _) => w - 0.1 * g / (Math.Sqrt(a += g * g) + 1e-7);
        }
        ),
        ["adadelta"] = (() => new Adadelta(1, rho: 0.9), () =>
        {
            double a = 0, d = 0;
            return (w, g, _) =>
            {
                a = 0.9 * a + 0.1 * g * g;
                double step = g * Math.Sqrt(d + 1e-7) / Math.Sqrt(a + 1e-7);
                d = 0.9 * d + 0.1 * step * step;
                return w - step;
            };
        }
        ),
        ["adam"] = (() => new Adam(0.01), () => AdamRule(0, amsgrad: false)),
        ["adam, amsgrad"] = (() => new Adam(0.01, amsgrad: true), () => AdamRule(0, amsgrad: true)),
        ["adamw"] = (() => new AdamW(0.01, weightDecay: 0.3), () => AdamRule(0.3, amsgrad: false)),
        ["adamax"] = (() => new Adamax(0.02), () =>
        {
            double m = 0, u = 0;
            return (w, g, t) =>
            {
                m = 0.9 * m + 0.1 * g;
                u = Math.Max(0.999 * u, Math.Abs(g));
                return w - 0.02 / (1 - Math.Pow(0.9, t + 1)) * m / (u + 1e-7);
            };
        }
        ),
        ["nadam"] = (() => new Nadam(0.02), () =>
        {
            double m = 0, v = 0, product = 1;
            return (w, g, t) =>
            {
                double now = 0.9 * (1 - 0.5 * Math.Pow(0.96, (t + 1) * 0.004)),
                    next = 0.9 * (1 - 0.5 * Math.Pow(0.96, (t + 2) * 0.004));
                product *= now;
                m = 0.9 * m + 0.1 * g;
                v = 0.999 * v + 0.001 * g * g;
                double ahead = (1 - now) * g / (1 - product) + next * m / (1 - product * next);
                return w - 0.02 * ahead / (Math.Sqrt(v / (1 - Math.Pow(0.999, t + 1))) + 1e-7);
            };
        }
        ),
        ["lion"] = (() => new Lion(0.01, weightDecay: 0.1), () =>
        {
            double m = 0;
            return (w, g, _) =>
            {
                double next = w - w * 0.1 * 0.01 - 0.01 * Math.Sign(0.9 * m + 0.1 * g);
                m = 0.99 * m + 0.01 * g;
                return next;
            };
        }
        ),
        ["ftrl"] = (() => new Ftrl(0.1, l1: 0.01, l2: 0.02, l2Shrinkage: 0.03, beta: 0.04), () =>
        {
            double a = 0.1, z = 0;
            return (w, g, _) =>
            {
                double next = a + g * g;
                z += g + 2 * 0.03 * w - (Math.Sqrt(next) - Math.Sqrt(a)) / 0.1 * w;
                a = next;
                return (Math.Clamp(z, -0.01, 0.01) - z) / (Math.Sqrt(a) / 0.1 + 2 * (0.02 + 0.04 / 0.2));
            };
        }
        ),
        ["ftrl, another power"] = (() => new Ftrl(0.1, learningRatePower: -0.7), () =>
        {
            double a = 0.1, z = 0;
            return (w, g, _) =>
            {
                double next = a + g * g;
                z += g - (Math.Pow(next, 0.7) - Math.Pow(a, 0.7)) / 0.1 * w;
                a = next;
                return -z / (Math.Pow(a, 0.7) / 0.1);
            };
        }
        ),
        ["sgd, schedule"] = (() => new SGD(new ExponentialDecay(0.5, 2, 0.25)),
            () => (w, g, t) => w - 0.5 * Math.Pow(0.25, t / 2.0) * g),
    };

    static IEnumerable<object[]> Names => Table.Keys.Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void An_optimizer_follows_its_formula(string name)
    {
        (Func<Optimizer> make, Func<Rule> reference) = Table[name];
        // The loss is the prediction itself, so that the gradient with respect to the weight is the mean of the inputs.
        using var model = new Sequential(
            [new Dense(1, useBias: false, kernelInitializer: new Initializers.Constant(0.8), inputShape: [1])]);
        model.Compile(make(), Loss.FromFunction((_, p) => K.Sum(p, axis: -1)));
        for (int pass = 0; pass < 2; pass++)
        {
            Rule rule = reference();
            double w = model.GetWeights()[0][0, 0];
            for (int step = 0; step < Steps; step++)
            {
                w = rule(w, s_gradients[step], step);
                model.TrainOnBatch(new[,] { { (float)s_gradients[step] }, { (float)s_gradients[step] } }, new float[2]);
                Assert.AreEqual(w, model.GetWeights()[0][0, 0], 2e-5 * (1 + Math.Abs(w)),
                    $"{name}, pass {pass}, step {step}");
            }
            // Compiling again discards slots and steps.
            model.Compile(model.Optimizer!, Loss.FromFunction((_, p) => K.Sum(p, axis: -1)));
        }
    }

    [TestMethod]
    public void Every_optimizer_is_tested_and_restored_from_its_configuration()
    {
        string[] tested = [.. Table.Values.Select(t => t.Make().GetType().Name).Concat(Golden3OptimizerTests.Classes)
            .Distinct().Order()];
        string[] all = [.. typeof(Optimizer).Assembly.GetExportedTypes().Where(t => t.IsSubclassOf(typeof(Optimizer)))
            .Select(t => t.Name).Order()];
        CollectionAssert.AreEqual(all, tested);
        CollectionAssert.AreEqual(all.Select(n => n.ToLowerInvariant()).Order().ToArray(),
            OptimizerRegistry.Known.Names.Order().ToArray());
        foreach ((Func<Optimizer> make, _) in Table.Values)
        {
            Optimizer optimizer = make();
            string config = optimizer.GetConfig().ToJsonString();
            Optimizer copy = Optimizer.FromConfig(
                Parse($$"""{"class_name": "{{optimizer.GetType().Name}}", "config": {{config}}}"""));
            Assert.AreEqual(optimizer.GetType(), copy.GetType());
            Assert.AreEqual(config, copy.GetConfig().ToJsonString());
        }
    }

    [TestMethod]
    [DataRow("clipvalue")]
    [DataRow("global_clipnorm")]
    [DataRow("clipnorm")]
    public void Every_optimizer_reads_the_limit_of_gradients(string key)
    {
        // These two wrap others, which have limits of their own.
        foreach (string name in OptimizerRegistry.Known.Names.Except(["lossscaleoptimizer", "multioptimizer"]))
        {
            var settings = new JsonObject { ["use_ema"] = false, ["global_clipnorm"] = null };
            settings[key] = 0.25;
            Optimizer of3 = Optimizer.FromConfig(
                Parse($$"""{"class_name": "{{name}}", "config": {{settings.ToJsonString()}}}"""));
            AssertLimits(of3);
            AssertLimits(Optimizer.FromConfig(
                Parse($$"""{"class_name": "{{name}}", "config": {{of3.GetConfig().ToJsonString()}}}""")));

            void AssertLimits(Optimizer optimizer) => Assert.AreEqual(
                (key == "clipvalue" ? 0.25 : null, key == "global_clipnorm" ? 0.25 : (double?)null,
                    key == "clipnorm" ? 0.25 : (double?)null),
                (optimizer.Clipvalue, optimizer.GlobalClipnorm, optimizer.VariableClipnorm), name);
        }
    }

    [TestMethod]
    public void Schedules_follow_their_formulas_and_are_restored_from_their_configurations()
    {
        Check(new ExponentialDecay(0.1, 100, 0.5), (0, 0.1), (50, 0.1 * Math.Sqrt(0.5)), (200, 0.025));
        Check(new ExponentialDecay(0.1, 100, 0.5, staircase: true), (99, 0.1), (100, 0.05), (350, 0.0125));
        Check(new InverseTimeDecay(0.1, 10, 0.5), (0, 0.1), (10, 0.1 / 1.5), (40, 0.1 / 3));
        Check(new InverseTimeDecay(0.1, 10, 0.5, staircase: true), (9, 0.1), (19, 0.1 / 1.5));
        Check(new PolynomialDecay(0.1, 100, 0.01), (0, 0.1), (50, 0.055), (100, 0.01), (1000, 0.01));
        Check(new PolynomialDecay(0.1, 100, 0.01, power: 2), (50, 0.09 * 0.25 + 0.01));
        Check(new PolynomialDecay(0.1, 100, 0.01, cycle: true), (0, 0.1), (100, 0.01), (150, 0.09 * 0.25 + 0.01));
        Check(new PiecewiseConstantDecay([10, 20], [1, 0.5, 0.1]), (0, 1), (10, 1), (11, 0.5), (20, 0.5), (21, 0.1));
        Check(new CosineDecay(0.1, 100), (0, 0.1), (50, 0.05), (100, 0), (500, 0));
        Check(new CosineDecay(0.1, 100, alpha: 0.2), (100, 0.02));
        Check(new CosineDecay(0, 100, warmupTarget: 0.1, warmupSteps: 10), (0, 0), (5, 0.05), (10, 0.1), (60, 0.05),
            (110, 0));
        Check(new CosineDecayRestarts(0.1, 10), (0, 0.1), (5, 0.05), (10, 0.1), (20, 0.05), (30, 0.1));
        Check(new CosineDecayRestarts(0.1, 10, tMul: 1, mMul: 0.5, alpha: 0.1), (0, 0.1), (10, 0.055), (15, 0.0325));
        CollectionAssert.AreEquivalent(
            typeof(LearningRateSchedule).Assembly.GetExportedTypes()
            .Where(t => t.IsSubclassOf(typeof(LearningRateSchedule))).Select(t => t.Name).ToArray(),
            LearningRateSchedule.Names.ToArray());

        static void Check(LearningRateSchedule schedule, params (long Step, double Rate)[] expected)
        {
            string config = $$"""
                {"class_name": "{{schedule.GetType().Name}}", "config": {{schedule.GetConfig().ToJsonString()}}}
                """;
            foreach (LearningRateSchedule s in new[] { schedule, LearningRateSchedule.FromConfig(Parse(config)) })
                foreach ((long step, double rate) in expected)
                    Assert.AreEqual(rate, s.At(step), 1e-9, $"{schedule.GetType().Name} at {step}");
        }
    }

    [TestMethod]
    public void A_schedule_advances_with_each_update_and_cannot_be_overridden()
    {
        using var model = new Sequential([new Dense(1, inputShape: [1])]);
        model.Compile(new Adam(LearningRateSchedule.FromFunction(step => 0.1 / (1 + step))), "mse");
        model.Fit(new float[6], new float[6], batchSize: 2, verbose: 0);
        Assert.AreEqual(3, model.Optimizer!.Iterations);
        Assert.AreEqual(0.025, model.Optimizer.LearningRate);
        Assert.ThrowsExactly<InvalidOperationException>(() => model.Optimizer.LearningRate = 1);
    }

    static Rule AdamRule(double weightDecay, bool amsgrad)
    {
        double m = 0, v = 0, largest = 0;
        return (w, g, t) =>
        {
            w -= w * weightDecay * 0.01;
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            largest = Math.Max(largest, v);
            double rate = 0.01 * Math.Sqrt(1 - Math.Pow(0.999, t + 1)) / (1 - Math.Pow(0.9, t + 1));
            return w - rate * m / (Math.Sqrt(amsgrad ? largest : v) + 1e-7);
        };
    }

    static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
