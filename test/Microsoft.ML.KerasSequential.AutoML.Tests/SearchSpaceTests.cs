global using Microsoft.VisualStudio.TestTools.UnitTesting;
using Microsoft.ML.KerasSequential.AutoML;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>The search space, and pruning of training runs.</summary>
[TestClass]
public sealed class SearchSpaceTests
{
    [TestMethod]
    public void Every_point_of_the_space_round_trips_through_ML_NET()
    {
        SearchSpace<KerasSequentialNetwork> space = new KerasSequentialSearchSpace().ToSearchSpace();
        var random = new Random(1);
        for (int i = 0; i < 200; i++)
        {
            KerasSequentialNetwork network =
                space.SampleFromFeatureSpace([.. Enumerable.Range(0, space.FeatureSpaceDim)
                    .Select(_ => random.NextDouble())]);
            Assert.IsTrue(
                network is
                {
                    HiddenLayers: >= 0 and <= 3, Width: >= 8 and <= 256, Taper: >= 0.5 and <= 1,
                    Dropout: >= 0 and <= 0.5, L2: >= 1e-8 and <= 0.01, Epochs: >= 20 and <= 200, Patience: 10,
                    MinUpdates: 1000
                });
            Assert.IsTrue(network.LearningRate is > 2.9e-4 and <= 0.0301 && network.BatchSize is 16 or 32 or 64 or 128);
            KerasSequentialNetwork back = Parameter.FromObject(network).AsType<KerasSequentialNetwork>();
            foreach (System.Reflection.PropertyInfo property in typeof(KerasSequentialNetwork).GetProperties())
                Assert.AreEqual(property.GetValue(network), property.GetValue(back), property.Name);
            KerasSequentialNetwork mapped = space.SampleFromFeatureSpace(space.MappingToFeatureSpace(network));
            foreach (System.Reflection.PropertyInfo property in typeof(KerasSequentialNetwork).GetProperties())
            {
                if (property.GetValue(network) is double number)
                    Assert.AreEqual(number, (double)property.GetValue(mapped)!, 1e-9, property.Name);
                else Assert.AreEqual(property.GetValue(network), property.GetValue(mapped), property.Name);
            }
        }
    }

    [TestMethod]
    public void The_first_point_is_the_start_and_fixed_values_are_not_dimensions()
    {
        var ranges = new KerasSequentialSearchSpace
        {
            HiddenLayers = 2,
            Width = new(16, 64, 20),
            Activations = ["tanh"],
            Dropout = 0.25,
            Optimizers = ["nadam", "adam"],
            LearningRate = 0.01
        };
        SearchSpace<KerasSequentialNetwork> space = ranges.ToSearchSpace();
        CollectionAssert.AreEquivalent(
            new[] { "Width", "Taper", "L2", "BatchNormalization", "Optimizer", "BatchSize", "Epochs" },
            space.Keys.ToArray());
        KerasSequentialNetwork start = space.SampleFromFeatureSpace(
            space.MappingToFeatureSpace(space.SampleFromFeatureSpace([.. space.Default])));
        Assert.AreEqual((2, 20, "tanh", 0.25, "nadam", 0.01, 32, 60),
            (start.HiddenLayers, start.Width, start.Activation, start.Dropout, start.Optimizer, start.LearningRate,
                start.BatchSize, start.Epochs));
    }

    [TestMethod]
    public void Ranges_out_of_order_and_unknown_names_are_clear_errors()
    {
        static void Refused(string named, KerasSequentialSearchSpace space) =>
            Assert.Contains(named, Assert.Throws<ArgumentException>(() => space.ToSearchSpace()).Message);
        Refused("Width", new() { Width = new(64, 8, 16) });
        Refused("Width", new() { Width = new(8, 64, 128) });
        Refused("L2", new() { L2 = new(0, 1, 0.5, LogScale: true) });
        Refused("Dropout", new() { Dropout = 1 });
        Refused("LearningRate", new() { LearningRate = -1 });
        Refused("Activations", new() { Activations = [] });
        Refused("rellu", new() { Activations = ["relu", "rellu"] });
        Refused("adamm", new() { Optimizers = ["adamm"] });
        Refused("batch size", new() { BatchSizes = [0] });
    }

    sealed class Told(TrialPruner pruner)
    {
        public int RunsFor(params double[] losses)
        {
            var seen = new List<double>();
            foreach (double loss in losses)
            {
                seen.Add(loss);
                if (pruner.EndsAfter(seen)) break;
            }
            pruner.Close(seen);
            return seen.Count;
        }
    }

    [TestMethod]
    public void Training_below_the_median_is_ended_after_the_warmup()
    {
        var pruner = new MedianPruner(startupTrials: 3, warmupEpochs: 2);
        var told = new Told(pruner);
        // Running averages: 4, 3, 2.33 · 5, 4, 3.33 · 9, 9, 9: the median after two epochs is 4.
        Assert.AreEqual(3, told.RunsFor(4, 2, 1));
        Assert.AreEqual(3, told.RunsFor(5, 3, 2));
        Assert.AreEqual(3, told.RunsFor(9, 9, 9));
        Assert.AreEqual(2, told.RunsFor(6, 4.5, 0));
        Assert.AreEqual(3, told.RunsFor(6, 3.9, 3));
        Assert.AreEqual(1, pruner.Pruned);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MedianPruner(0));
    }

    [TestMethod]
    public void One_of_three_trainings_passes_a_rung()
    {
        var pruner = new SuccessiveHalvingPruner(firstRung: 2, reductionFactor: 3);
        var told = new Told(pruner);
        Assert.AreEqual(7, told.RunsFor(9, 5, 5, 5, 5, 4, 4));
        Assert.AreEqual(2, told.RunsFor(9, 6, 0));
        Assert.AreEqual(2, told.RunsFor(9, 7, 0));
        // Four have reached the first rung, and two of them may pass; at the second, it is worse than the one before
        // it.
        Assert.AreEqual(6, told.RunsFor(9, 5.5, 5, 5, 5, 5, 0));
        Assert.AreEqual(3, told.RunsFor(9, 1, 1));
        Assert.AreEqual(3, pruner.Pruned);
    }
}
