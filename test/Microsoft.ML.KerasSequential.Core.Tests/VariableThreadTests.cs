using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Single variables are read and written on one thread while a model is trained on another.</summary>
[TestClass]
public sealed class VariableThreadTests
{
    const int Inputs = 512, Units = 256;

    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>All its weights are equal and stay so: each step subtracts 1/256 from all of them, without
    /// rounding.</summary>
    static Sequential Equals(Optimizer optimizer, Metric? metric = null)
    {
        var model =
            new Sequential([new Dense(Units, useBias: false, kernelInitializer: "zeros", inputShape: [Inputs])]);
        model.Compile(optimizer, (t, p) => K.Mean(p, axis: -1), metrics: metric is null ? [] : [metric]);
        return model;
    }

    /// <summary>Trains until the work on other threads is done, which may fail.</summary>
    static void Beside(Sequential model, params Action[] work)
    {
        NDArray x = Ones(4, Inputs), y = Ones(4, Units);
        using var begun = new ManualResetEventSlim();
        Task[] others = [.. work.Select(w => Task.Factory.StartNew(
            () =>
            {
                Assert.IsTrue(begun.Wait(s_patience));
                w();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        model.Fit(x, y, batchSize: 4, epochs: 1_000_000, verbose: 0,
            callbacks: [new LambdaCallback(onEpochEnd: (_, _) =>
        {
            begun.Set();
            model.StopTraining = others.All(o => o.IsCompleted);
        })]);
        Assert.IsTrue(Task.WaitAll(others, s_patience), "A thread hangs.");
    }

    static NDArray Ones(params int[] shape)
    {
        var ones = new NDArray(shape);
        ones.Span.Fill(1);
        return ones;
    }

    static float Single(NDArray value)
    {
        ReadOnlySpan<float> values = value.Span;
        Assert.AreEqual(-1, values.IndexOfAnyExcept(values[0]), "The value is from the middle of a step.");
        return values[0];
    }

    [TestMethod]
    public void A_variable_is_read_between_two_steps()
    {
        using Sequential model = Equals(new SGD(1));
        Variable weight = model.Layers[0].Weights[0];
        var found = new HashSet<float>();
        Beside(model, () =>
        {
            for (int i = 0; i < 300; i++)
            {
                found.Add(Single(weight.GetValue()));
                Single(K.GetValue(weight));
                Single(K.Eval(weight));
                Single(K.BatchGetValue([weight])[0]);
            }
        });
        Assert.IsGreaterThan(1, found.Count);
        Assert.AreEqual(-model.Optimizer!.Iterations / (float)Units, Single(weight.GetValue()));
    }

    [TestMethod]
    public void A_variable_is_replaced_between_two_steps()
    {
        using Sequential model = Equals(new SGD(1));
        Variable weight = model.Layers[0].Weights[0];
        var found = new HashSet<float>();
        Beside(model, () =>
        {
            NDArray other = new(Inputs, Units);
            for (int i = 1; i <= 300; i++)
            {
                other.Span.Fill(1000 * (i % 3));
                if (i % 2 == 0) K.SetValue(weight, other);
                else K.BatchSetValue([(weight, other)]);
                found.Add(Single(weight.GetValue()));
            }
        });
        Assert.IsGreaterThan(2, found.Count);
        Single(weight.GetValue());
    }

    [TestMethod]
    public void An_optimizer_and_its_slots_are_read_between_two_steps()
    {
        using Sequential model = Equals(new SGD(0.5, momentum: 0.5));
        Optimizer optimizer = model.Optimizer!;
        Variable weight = model.Layers[0].Weights[0];
        Beside(model, () =>
        {
            long last = 0;
            for (int i = 0; i < 200; i++)
            {
                IReadOnlyList<NDArray> kept = optimizer.GetWeights();
                if (kept.Count > 0) Single(kept[1]);
                Assert.IsGreaterThanOrEqualTo(last, optimizer.Iterations);
                last = optimizer.Iterations;
                Single(weight.GetValue());
                // Writing the same value changes nothing except what steps have done meanwhile.
                if (i % 10 == 0)
                    optimizer.SetWeights(optimizer.GetWeights() is { Count: > 0 } state
                        ? [new NDArray([last]), .. state.Skip(1)] : []);
            }
        });
        Single(weight.GetValue());
    }

    /// <summary>Counts steps in many elements at once, which differ only in the middle of a step.</summary>
    sealed class Spread : Metric
    {
        public Spread() : base("spread") => AddState("steps", Inputs, Units);

        protected internal override IReadOnlyList<Tensor> Update(Tensor yTrue, Tensor yPred, Tensor? sampleWeight) =>
            [States[0] + 1];

        protected internal override Tensor Value(IReadOnlyList<Tensor> states) => K.Max(states[0]) - K.Min(states[0]);
    }

    [TestMethod]
    public void A_metric_is_read_and_reset_between_two_steps()
    {
        using Sequential model = Equals(new SGD(1), new Spread());
        Beside(model, () =>
        {
            for (int i = 0; i < 200; i++)
            {
                Assert.AreEqual(0f, model.Metrics[0].Result().Span[0], "The value is from the middle of a step.");
                if (i % 7 == 0) model.Metrics[0].ResetStates();
            }
        });
    }

    [TestMethod]
    public void Models_that_share_an_optimizer_and_metrics_do_not_deadlock()
    {
        for (int round = 0; round < 20; round++)
        {
            var optimizer = new SGD(new ExponentialDecay(0.1, 10, 0.9), momentum: 0.5);
            Metric[] metrics = [new Spread(), new Metrics.MeanSquaredError()];
            Sequential[] models =
                [.. Enumerable.Range(0, 2).Select(_ => new Sequential([new Dense(2, inputShape: [3])]))];
            models[0].Compile(optimizer, "mse", metrics: metrics);
            models[1].Compile(optimizer, "mse", metrics: [metrics[1], metrics[0]]);
            // An optimizer is traced by one thread at a time.
            foreach (Sequential model in models) model.TrainOnBatch(Ones(2, 3), Ones(2, 2));
            Task[] trainings = [.. models.Select(m => Task.Factory.StartNew(
                () => m.Fit(Ones(8, 3), Ones(8, 2), batchSize: 2, epochs: 10, verbose: 0,
                    callbacks: [new LambdaCallback(onEpochEnd: (_, _) => optimizer.GetWeights())]),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
            Assert.IsTrue(Task.WaitAll(trainings, s_patience), "A thread hangs.");
            foreach (Sequential model in models) model.Dispose();
        }
    }

    [TestMethod]
    public void A_variable_is_read_within_a_hook_and_within_an_operation_of_the_step()
    {
        Variable? weight = null;
        int inside = 0;
        var look = new CustomOp("Look", forward: a =>
        {
            if (weight is not null && weight.GetValue().Size > 0) inside++;
            a.Input(0).CopyTo(a.Output);
        }, backward: a => a.OutputGradient.CopyTo(a.Gradient));
        using var model = new Sequential([new Dense(3, inputShape: [2]), new Lambda(v => look.Call(v))]);
        model.Compile("sgd", "mse");
        weight = model.Layers[0].Weights[0];
        float[] before = weight.GetValue().ToArray();
        Task training = Task.Run(
            () => model.Fit(Ones(8, 2), Ones(8, 3), batchSize: 4, verbose: 0,
                callbacks: [new LambdaCallback(onBatchEnd: (_, _) =>
        {
            NDArray[] values = new NDArray[4];
            Parallel.For(0, 4, i => values[i] = weight.GetValue());
            foreach (NDArray value in values) CollectionAssert.AreNotEqual(before, value.ToArray());
        })]));
        Assert.IsTrue(training.Wait(s_patience), "A thread hangs.");
        Assert.AreEqual(2, inside);
    }
}
