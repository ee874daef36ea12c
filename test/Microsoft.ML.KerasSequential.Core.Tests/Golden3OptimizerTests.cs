using System.Text.Json;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Training runs and schedules recorded from Keras 3.15 (<c>Golden/keras3/optimizers.json</c>).</summary>
[TestClass]
public sealed class Golden3OptimizerTests
{
    static readonly JsonElement s_recorded = JsonDocument.Parse(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Golden", "keras3", "optimizers.json"))).RootElement;

    static IEnumerable<JsonElement> Cases => s_recorded.GetProperty("cases").EnumerateArray();

    /// <summary>The classes of the recorded optimizers.</summary>
    public static IEnumerable<string> Classes =>
        Cases.Select(c => c.GetProperty("optimizer").GetProperty("class_name").GetString()!);

    static IEnumerable<object[]> Names => Cases.Select(c => new object[] { c.GetProperty("name").GetString()! });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void The_first_updates_are_those_of_Keras_3(string name)
    {
        (JsonElement c, JsonElement net) = Case(name);
        using Sequential model = Compiled(c, net);
        NDArray x = GoldenCase.Array(net.GetProperty("x")), y = GoldenCase.Array(net.GetProperty("y"));
        int step = 0;
        foreach (JsonElement expected in c.GetProperty("steps").EnumerateArray())
        {
            model.TrainOnBatch(Rows(x, 4 * step, 4), Rows(y, 4 * step, 4));
            Close(model, expected, 1e-5, 2e-6, $"step {step++}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Training_gives_the_weights_of_Keras_3(string name)
    {
        (JsonElement c, JsonElement net) = Case(name);
        using Sequential model = Compiled(c, net);
        History history = Fit(model, c, net, c.GetProperty("epochs").GetInt32());
        Close(model, c.GetProperty("fitted"), 1e-3, 1e-5, "fitted");
        double[] losses = GoldenCase.Numbers(c.GetProperty("losses"));
        for (int i = 0; i < losses.Length; i++)
            Assert.AreEqual(losses[i], history["loss"][i], 1e-4 * losses[i], $"loss of epoch {i}");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_configuration_and_a_state_from_training_go_on_where_they_were(string name)
    {
        (JsonElement c, JsonElement net) = Case(name);
        using Sequential model = Compiled(c, net);
        string config = Config(model.Optimizer!);
        Assert.AreEqual(config, Config(Optimizer.FromConfig(JsonDocument.Parse(config).RootElement)));
        Fit(model, c, net, 1);
        if (c.Optional("exclude") is not null) return;
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        try
        {
            model.Save(path);
            using Sequential again = Sequential.Load(path);
            Assert.AreEqual(config, Config(again.Optimizer!));
            Fit(model, c, net, 1);
            Fit(again, c, net, 1);
            for (int i = 0; i < model.GetWeights().Count; i++)
                CollectionAssert.AreEqual(model.GetWeights()[i].ToArray(), again.GetWeights()[i].ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Schedules_are_those_of_Keras_3()
    {
        foreach (JsonElement recorded in s_recorded.GetProperty("schedules").EnumerateArray())
        {
            JsonElement config = recorded.GetProperty("config");
            LearningRateSchedule schedule = LearningRateSchedule.FromConfig(config);
            double[] rates = GoldenCase.Numbers(recorded.GetProperty("rates"));
            for (int i = 0; i < rates.Length; i++)
                Assert.AreEqual(rates[i], schedule.At(i), 1e-6, $"{config.GetRawText()} at {i}");
        }
    }

    static (JsonElement Case, JsonElement Net) Case(string name)
    {
        JsonElement c = Cases.Single(c => c.GetProperty("name").GetString() == name);
        return (c, s_recorded.GetProperty("nets").GetProperty(c.GetProperty("net").GetString()!));
    }

    static Sequential Compiled(JsonElement c, JsonElement net)
    {
        var model = Sequential.FromJson(net.GetProperty("model").GetRawText());
        model.SetWeights(GoldenCase.Arrays(net.GetProperty("weights")));
        var optimizer = Optimizer.FromConfig(c.GetProperty("optimizer"));
        if (c.Optional("exclude") is { } names)
            optimizer.ExcludeFromWeightDecay(varNames: names.EnumerateArray().Select(n => n.GetString()!));
        model.Compile(optimizer, c.GetProperty("loss").GetString()!);
        return model;
    }

    static History Fit(Sequential model, JsonElement c, JsonElement net, int epochs) =>
        model.Fit(GoldenCase.Array(net.GetProperty("x")), GoldenCase.Array(net.GetProperty("y")), batchSize: 4,
            epochs: epochs, shuffle: false, verbose: 0);

    static NDArray Rows(NDArray array, int start, int count)
    {
        int each = array.Size / array.Shape[0];
        return new NDArray(array.ToArray().AsSpan(start * each, count * each).ToArray(),
            [count, .. array.Shape[1..]]);
    }

    static string Config(Optimizer optimizer) =>
        $$"""{"class_name": "{{optimizer.GetType().Name}}", "config": {{optimizer.GetConfig().ToJsonString()}}}""";

    static void Close(Sequential model, JsonElement expected, double relative, double absolute, string what)
    {
        IReadOnlyList<NDArray> weights = model.GetWeights();
        Assert.AreEqual(expected.GetArrayLength(), weights.Count);
        for (int i = 0; i < weights.Count; i++)
            GoldenCase.AssertClose(weights[i].Span, GoldenCase.Array(expected[i]).Span, relative, absolute,
                $"{what}, weight {i}");
    }
}
