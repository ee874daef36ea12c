using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Optimizers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Policies of layers and models: which products have which precision, and what is saved of it.</summary>
[TestClass]
public sealed class DTypePolicyTests
{
    [TestMethod]
    [DataRow("float32", "float32")]
    [DataRow("mixed_bfloat16", "bfloat16")]
    [DataRow("mixed_float16", "float16")]
    public void A_policy_has_the_types_of_Keras(string name, string compute)
    {
        DTypePolicy policy = name;
        Assert.AreEqual((name, compute, "float32"), (policy.Name, policy.ComputeDtype, policy.VariableDtype));
        Assert.AreEqual($"<DTypePolicy \"{name}\">", policy.ToString());
        JsonObject config = policy.GetConfig();
        Assert.AreEqual($$"""{"name":"{{name}}"}""", config.ToJsonString());
        foreach (JsonNode given in new JsonNode[] { config, JsonValue.Create(name)!,
            Saving.Config.Wrap("DTypePolicy", (JsonObject)config.DeepClone()) })
            Assert.AreEqual(policy, DTypePolicy.FromConfig(Saving.Config.Parse(given)));
        var layer = new Dense(2) { Dtype = name };
        Assert.AreEqual((policy, compute, "float32", "float32"),
            (layer.DtypePolicy, layer.ComputeDtype, layer.VariableDtype, layer.Dtype));
        Assert.AreEqual(policy, new Dense(2) { DtypePolicy = policy }.DtypePolicy);
    }

    [TestMethod]
    [DataRow("float16", "mixed_float16")]
    [DataRow("bfloat16", "mixed_bfloat16")]
    [DataRow("float64", "always float32")]
    [DataRow("int32", "always float32")]
    [DataRow("mixed", "Unknown dtype policy")]
    public void Another_policy_is_refused_with_what_is_here_instead(string name, string expected)
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => new DTypePolicy(name));
        Assert.Contains(expected, e.Message);
        Assert.ThrowsExactly<ArgumentException>(() => new Dense(2) { Dtype = name });
        Assert.ThrowsExactly<ArgumentException>(() => K.SetDtypePolicy(name));
    }

    [TestMethod]
    [DoNotParallelize]
    public void The_global_policy_is_that_of_layers_and_models_created_from_then_on()
    {
        var before = new Dense(2);
        K.SetDtypePolicy("mixed_float16");
        try
        {
            Assert.AreEqual("mixed_float16", K.DtypePolicy().Name);
            Assert.AreEqual("mixed_float16", new DTypePolicy().Name);
            Assert.AreEqual("mixed_float16", new Dense(2).DtypePolicy.Name);
            Assert.AreEqual("float32", new Dense(2) { Dtype = "float32" }.DtypePolicy.Name);
            Assert.AreEqual("mixed_float16", new Sequential().DtypePolicy.Name);
            // A configuration says the policy.
            Assert.AreEqual("float32", Layer.FromConfig(Saving.Config.Parse(before.Serialize())).DtypePolicy.Name);
        }
        finally
        {
            K.SetDtypePolicy("float32");
        }
        Assert.AreEqual("float32", before.DtypePolicy.Name);
        Assert.AreEqual("float32", new Dense(2).DtypePolicy.Name);
    }

    static IEnumerable<object[]> Products =>
    [
        ["Dense", (Func<Layer>)(() => new Dense(3) { Dtype = "mixed_bfloat16" }), 1],
        ["Conv1D", (Func<Layer>)(() => new Conv1D(3, 2) { Dtype = "mixed_bfloat16" }), 1],
        ["Conv1D, strides", (Func<Layer>)(() => new Conv1D(3, 2, strides: 2) { Dtype = "mixed_bfloat16" }), 1],
        ["LSTM", (Func<Layer>)(() => new LSTM(3) { Dtype = "mixed_bfloat16" }), 2],
        ["GRU", (Func<Layer>)(() => new GRU(3) { Dtype = "mixed_bfloat16" }), 2],
        ["TimeDistributed", (Func<Layer>)(() => new TimeDistributed(new Dense(3) { Dtype = "mixed_bfloat16" })), 1],
        ["MultiHeadAttention", (Func<Layer>)(() =>
            new MultiHeadAttention(2, 2) { Dtype = "mixed_bfloat16" }), 4],
        ["TransformerEncoder", (Func<Layer>)(() =>
            new TransformerEncoder(6, 2) { Dtype = "mixed_bfloat16" }), 6],
        ["Sequential", (Func<Layer>)(() => new Sequential([new Dense(3) { Dtype = "mixed_bfloat16" }])), 1],
    ];

    [TestMethod]
    [DynamicData(nameof(Products))]
    public void Products_and_their_gradients_have_the_precision_of_the_layer(string name, Func<Layer> create, int least)
    {
        using TraceScope scope = TraceScope.Begin(training: true, seed: 0);
        Layer layer = create();
        Tensor x = K.Placeholder(null, 4, 4), y = layer.Apply(x);
        IProductOp[] forward = ProductsOf([y]);
        Assert.IsGreaterThanOrEqualTo(least, forward.Length, name);
        IProductOp[] all = ProductsOf([y, .. K.Gradients(K.Sum(y * y), [x, .. layer.TrainableWeights])]);
        Assert.IsGreaterThan(forward.Length, all.Length, name);
        foreach (IProductOp op in all) Assert.AreEqual(FloatPrecision.BFloat16, op.Precision, op.ToString());

        // The model's precision applies to a layer without a policy.
        var plain = (Layer)new Dense(3);
        Tensor z = plain.Apply(x);
        foreach (IProductOp op in ProductsOf([z, .. K.Gradients(K.Sum(z * z), [x])])) Assert.IsNull(op.Precision);
    }

    /// <summary>As in Keras, a layer in a wrapper has its own policy, and so has a layer in a model.</summary>
    [TestMethod]
    public void A_layer_does_not_follow_its_wrapper()
    {
        using TraceScope scope = TraceScope.Begin(training: false, seed: 0);
        Tensor x = K.Placeholder(null, 4, 4);
        foreach (Layer outer in new Layer[] { new TimeDistributed(new Dense(3)) { Dtype = "mixed_float16" },
            new Sequential([new Dense(3)]) { Dtype = "mixed_float16" } })
            foreach (IProductOp op in ProductsOf([outer.Apply(x)])) Assert.IsNull(op.Precision);
        var both = new Bidirectional(new LSTM(3) { Dtype = "mixed_float16" });
        IProductOp[] products = ProductsOf([both.Apply(x)]);
        Assert.HasCount(4, products);
        foreach (IProductOp op in products) Assert.AreEqual(FloatPrecision.Float16, op.Precision);
    }

    [TestMethod]
    public void The_CPU_computes_in_float32_and_the_plan_says_so()
    {
        using Sequential model = Small("mixed_bfloat16"), plain = Small("float32");
        foreach (Sequential each in new[] { model, plain })
        {
            each.SetWeights([.. plain.GetWeights()]);
            each.Compile("sgd", "mse");
        }
        var x = new NDArray([0.123456f, -1.234567f, 2.345678f, 3.456789f], [2, 2]);
        CollectionAssert.AreEqual(plain.Predict(x).ToArray(), model.Predict(x).ToArray());
        model.Fit(x, new float[] { 1, 2 }, verbose: 0);
        Assert.Contains("(bfloat16: float32 on this device)", model.ExplainPlan());
        plain.Fit(x, new float[] { 1, 2 }, verbose: 0);
        Assert.DoesNotContain("float16", plain.ExplainPlan());
        for (int i = 0; i < 2; i++)
            CollectionAssert.AreEqual(plain.GetWeights()[i].ToArray(), model.GetWeights()[i].ToArray());
    }

    [TestMethod]
    public void A_configuration_states_the_policy_as_Keras_3_does()
    {
        Assert.AreEqual("""{"module":"keras","class_name":"DTypePolicy","config":{"name":"mixed_bfloat16"},"""
            + "\"registered_name\":null}",
            new Dense(3) { Dtype = "mixed_bfloat16" }.GetConfig()["dtype"]!.ToJsonString());
        Assert.AreEqual("float32", new Dense(3).GetConfig()["dtype"]!.ToString());
    }

    [TestMethod]
    public void A_configuration_keeps_policies()
    {
        using var model = new Sequential([
            new TimeDistributed(new Dense(3) { Dtype = "mixed_bfloat16" }, inputShape: [4, 2]),
            new Bidirectional(new LSTM(2) { Dtype = "mixed_float16" }),
            new Dense(1),
        ])
        { Dtype = "mixed_float16" };
        foreach (Sequential again in new[] { Sequential.FromJson(model.ToJson()), model.Clone(),
            Sequential.FromYaml(model.ToYaml()) })
        {
            using (again)
            {
                Assert.AreEqual("mixed_float16", again.DtypePolicy.Name);
                CollectionAssert.AreEqual(
                    new[] { "float32", "mixed_bfloat16", "float32", "mixed_float16", "mixed_float16", "float32" },
                    again.Layers.SelectMany(l => l is Bidirectional or TimeDistributed
                        ? l.Inner.Select(i => i.DtypePolicy.Name).Prepend(l.DtypePolicy.Name)
                        : [l.DtypePolicy.Name]).ToArray());
            }
        }
        string code = model.ToCSharp();
        Assert.Contains("new Dense(3) { Dtype = \"mixed_bfloat16\" }", code);
        Assert.Contains("{ Dtype = \"mixed_float16\" };", code);
    }

    /// <summary>Files of other versions state the type of values, which are float32 here.</summary>
    [TestMethod]
    [DataRow("\"float64\"", "float32")]
    [DataRow("\"float32\"", "float32")]
    [DataRow("\"mixed_float16\"", "mixed_float16")]
    [DataRow("""{"class_name": "Policy", "config": {"name": "mixed_bfloat16"}}""", "mixed_bfloat16")]
    [DataRow("""{"class_name": "DTypePolicy", "config": {"name": "float32"}}""", "float32")]
    public void A_layer_has_the_policy_of_its_configuration(string dtype, string expected)
    {
        using JsonDocument config = JsonDocument.Parse(
            $$$"""{"class_name": "Dense", "config": {"name": "a", "units": 2, "dtype": {{{dtype}}}}}""");
        Assert.AreEqual(expected, Layer.FromConfig(config.RootElement).DtypePolicy.Name);
    }

    /// <summary>Recorded: Keras 3.15's <c>model.optimizer</c> is a LossScaleOptimizer around the one given, with 32768
    /// and 2000, if the model's own policy is mixed_float16.</summary>
    [TestMethod]
    public void Mixed_float16_scales_the_loss()
    {
        using Sequential model = Small("mixed_float16");
        model.Compile("adam", "mse");
        var scaled = (LossScaleOptimizer)model.Optimizer!;
        Assert.IsInstanceOfType<Adam>(scaled.InnerOptimizer);
        Assert.AreEqual(32768, scaled.DynamicScale);
        Assert.AreEqual(2000, scaled.GetConfig()["dynamic_growth_steps"]!.GetValue<int>());
        var given = new LossScaleOptimizer(new SGD(), 8);
        model.Compile(given, "mse");
        Assert.AreSame(given, model.Optimizer);
        using Sequential other = Small("mixed_bfloat16");
        other.Compile("adam", "mse");
        Assert.IsInstanceOfType<Adam>(other.Optimizer);
        using var inLayers = new Sequential([new Dense(1, inputShape: [2]) { Dtype = "mixed_float16" }]);
        inLayers.Compile("adam", "mse");
        Assert.IsInstanceOfType<Adam>(inLayers.Optimizer, "as in Keras, the model's policy counts");
    }

    [TestMethod]
    public void Without_scaling_the_optimizer_stays_as_it_was_given()
    {
        using Sequential model = Small("mixed_float16");
        model.Compile("adam", "mse", autoScaleLoss: false);
        Assert.IsInstanceOfType<Adam>(model.Optimizer);
        using Sequential twin = model.Twin();
        Assert.IsInstanceOfType<Adam>(twin.Optimizer);
        JsonObject config = model.GetCompileConfig()!;
        Assert.IsFalse(config["auto_scale_loss"]!.GetValue<bool>());
        twin.CompileFromConfig(config);
        Assert.IsInstanceOfType<Adam>(twin.Optimizer);
        Assert.Contains("autoScaleLoss: false", model.ToCSharp());

        model.Compile("adam", "mse");
        twin.CompileFromConfig(model.GetCompileConfig()!);
        Assert.IsInstanceOfType<Adam>(((LossScaleOptimizer)twin.Optimizer!).InnerOptimizer);
    }

    /// <summary>An overflow halves the scale and changes nothing else.</summary>
    [TestMethod]
    public void A_gradient_that_is_not_finite_halves_the_scale()
    {
        using Sequential model = Small("mixed_float16");
        model.Compile(new SGD(0.1), "mse");
        float[] before = model.GetWeights()[0].ToArray();
        model.TrainOnBatch(new NDArray([1e30f, 1e30f], [1, 2]), new float[] { 0 });
        var scaled = (LossScaleOptimizer)model.Optimizer!;
        Assert.AreEqual((16384.0, 0L), (scaled.DynamicScale, scaled.Iterations));
        CollectionAssert.AreEqual(before, model.GetWeights()[0].ToArray());
        model.TrainOnBatch(new NDArray([1, 1], [1, 2]), new float[] { 0 });
        Assert.AreEqual((16384.0, 1L), (scaled.DynamicScale, scaled.Iterations));
        CollectionAssert.AreNotEqual(before, model.GetWeights()[0].ToArray());
    }

    [TestMethod]
    public void After_2000_finite_steps_the_scale_doubles()
    {
        using Sequential model = Small("mixed_float16");
        model.Compile(new SGD(0), "mse");
        var (x, y) = (new NDArray(2000, 2), new NDArray(2000, 1));
        model.Fit(x, y, batchSize: 1, epochs: 1, verbose: 0);
        Assert.AreEqual(65536, ((LossScaleOptimizer)model.Optimizer!).DynamicScale);
    }

    static Sequential Small(string policy) => new([new Dense(1, inputShape: [2]) { Dtype = policy }])
    {
        Dtype = policy
    };

    static IProductOp[] ProductsOf(IReadOnlyList<Tensor> roots) =>
        [.. Topology.Order(roots).Select(t => t.Op).OfType<IProductOp>()];
}
