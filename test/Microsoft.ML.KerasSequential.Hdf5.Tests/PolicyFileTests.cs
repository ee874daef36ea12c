using System.Text.Json;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models with dtype policies that Keras 3.15 saved (<c>Golden/keras-3/policies</c>).</summary>
[TestClass]
public sealed class PolicyFileTests
{
    static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden", "keras-3", "policies");

    static IEnumerable<object[]> Names => Cases().Select(c => new object[] { c.GetProperty("name").GetString()! });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_file_of_Keras_3_keeps_its_policies_and_predicts_within_bfloat16(string name)
    {
        JsonElement c = Cases().Single(e => e.GetProperty("name").GetString() == name);
        using Sequential described = Sequential.FromJson(c.GetProperty("json").GetString()!);
        CheckPolicies(described, c);
        using Sequential model = Sequential.Load(Path.Combine(s_folder, $"{name}.keras"));
        Check(model, c);
        string again = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.keras");
        try
        {
            model.Save(again);
            using Sequential second = Sequential.Load(again);
            Check(second, c);
        }
        finally
        {
            File.Delete(again);
        }
    }

    /// <summary>Keras does not save the argument; here it is kept.</summary>
    [TestMethod]
    public void A_file_keeps_that_the_loss_is_not_scaled()
    {
        using Sequential model = Sequential.Load(Path.Combine(s_folder, "float16_throughout.keras"), compile: false);
        model.Compile("sgd", "mse", autoScaleLoss: false);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.keras");
        try
        {
            model.Save(path);
            using Sequential again = Sequential.Load(path);
            Assert.IsInstanceOfType<SGD>(again.Optimizer);
        }
        finally
        {
            File.Delete(path);
        }
    }

    static void Check(Sequential model, JsonElement c)
    {
        CheckPolicies(model, c);
        float[] got = model.Predict(Array(c.GetProperty("x"))).ToArray();
        float[] expected = Array(c.GetProperty("output")).ToArray();
        Assert.HasCount(expected.Length, got);
        // Keras rounds inputs, weights, sums, and results of each layer to the 8 significant bits of bfloat16; here
        // they are float32. The rounding errors of several layers add up.
        double tolerance = expected.Max(Math.Abs) * 8 / 256;
        for (int i = 0; i < got.Length; i++) Assert.AreEqual(expected[i], got[i], tolerance, $"[{i}]");

        Optimizer optimizer = model.Optimizer!;
        Assert.AreEqual(c.GetProperty("optimizer").GetString(), optimizer.GetType().Name);
        Assert.AreEqual(c.GetProperty("iterations").GetInt64(), optimizer.Iterations);
        if (optimizer is LossScaleOptimizer scaled)
            Assert.AreEqual(c.GetProperty("dynamic_scale").GetDouble(), scaled.DynamicScale);
    }

    static void CheckPolicies(Sequential model, JsonElement c)
    {
        Assert.AreEqual(c.GetProperty("policy").GetString(), model.DtypePolicy.Name);
        CollectionAssert.AreEqual(Texts(c.GetProperty("policies")),
            model.Layers.Select(l => l.DtypePolicy.Name).ToArray());
        CollectionAssert.AreEqual(Texts(c.GetProperty("compute_dtypes")),
            model.Layers.Select(l => l.ComputeDtype).ToArray());
    }

    static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetString()!)];

    static JsonElement[] Cases()
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "index.json")));
        return [.. index.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.Clone())];
    }

    static NDArray Array(JsonElement e) => new([.. e.GetProperty("data").EnumerateArray().Select(v => v.GetSingle())],
        [.. e.GetProperty("shape").EnumerateArray().Select(v => v.GetInt32())]);
}
