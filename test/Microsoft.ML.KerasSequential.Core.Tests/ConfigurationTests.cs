using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Architectures as other programs wrote them: Keras 2.3.1 in JSON and YAML, Keras 1, tf.keras, Keras
/// 3.</summary>
[TestClass]
public sealed class ConfigurationTests
{
    static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden", "configurations");

    static string Recorded(string name) => File.ReadAllText(Path.Combine(s_folder, name));

    [TestMethod]
    [DataRow("mlp_adam")]
    [DataRow("conv_bn_sgd")]
    [DataRow("lstm_rmsprop")]
    [DataRow("embed_nadam")]
    public void YAML_and_JSON_of_Keras_are_equivalent(string name)
    {
        string yaml = Recorded($"{name}.yaml");
        using Sequential fromYaml = Sequential.FromYaml(yaml), fromJson = Sequential.FromJson(Recorded($"{name}.json"));
        Assert.AreEqual(fromJson.ToJson(), fromYaml.ToJson());

        // Identical text, except for the backend and for tuples that were one object in Python.
        string written = fromYaml.ToYaml();
        string expected = yaml.Replace("backend: theano", "backend: tensorflow", StringComparison.Ordinal);
        if (!expected.Contains("&id", StringComparison.Ordinal)) Assert.AreEqual(expected, written);
        Assert.IsTrue(JsonNode.DeepEquals(Saving.Yaml.Read(expected), Saving.Yaml.Read(written)), written);
        using Sequential again = Sequential.FromYaml(written);
        Assert.AreEqual(fromJson.ToJson(), again.ToJson());
    }

    [TestMethod]
    public void Every_layer_is_restored_from_YAML()
    {
        foreach (LayerTests.TestModel made in LayerTests.Models.Where(m => m.Name != "Lambda"))
        {
            using Sequential model = made.Make();
            using Sequential copy = Sequential.FromYaml(model.ToYaml());
            Assert.AreEqual(model.ToJson(), copy.ToJson(), made.Name);
        }
    }

    [TestMethod]
    [DataRow("mlp_adamw", "Dense LayerNormalization Dropout Dense", 2)]
    [DataRow("conv_bn", "Conv2D BatchNormalization MaxPooling2D DepthwiseConv2D Flatten Dense", 4)]
    [DataRow("lstm_gru", "Bidirectional GRU Dense", 3)]
    [DataRow("embed", "Embedding Conv1D GlobalMaxPooling1D Dense", 2)]
    public void Configurations_of_Keras_3_are_read(string name, string layers, int rank)
    {
        string json = Recorded($"{name}.keras3.json");
        using Sequential model = Sequential.FromJson(json);
        Assert.AreEqual(layers, string.Join(" ", model.Layers.Select(l => l.GetType().Name)));
        Assert.AreEqual(name, model.Name);
        JsonNode config = JsonNode.Parse(json)!["config"]!;
        int?[] shape = [.. config["build_input_shape"]!.AsArray().Select(d => (int?)d)];
        Assert.HasCount(rank, shape);
        CollectionAssert.AreEqual(shape, model.InputShape.ToArray());
        string[] names = [.. config["layers"]!.AsArray().Skip(1).Select(l => (string)l!["config"]!["name"]!)];
        CollectionAssert.AreEqual(names, model.Layers.Select(l => l.Name).ToArray());
    }

    [TestMethod]
    public void Configurations_of_Keras_1_are_read()
    {
        const string old = """
            {"class_name": "Sequential", "keras_version": "1.2.2", "config": [
              {"class_name": "Convolution2D", "config": {"name": "a", "trainable": true, "batch_input_shape": [null, 3,
                8, 8], "input_dtype": "float32", "nb_filter": 4, "nb_row": 3, "nb_col": 2, "init": "he_normal",
                "activation": "relu",
                "border_mode": "same", "subsample": [2, 1], "dim_ordering": "th",
                "W_regularizer": {"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.01}, "b_regularizer": null,
                "activity_regularizer": null, "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0},
                "b_constraint": null, "bias": true}},
              {"class_name": "MaxPooling2D", "config": {"name": "b", "trainable": true, "pool_size": [2, 2],
                "strides": [2, 2], "border_mode": "valid", "dim_ordering": "th"}},
              {"class_name": "BatchNormalization", "config": {"name": "c", "trainable": true, "epsilon": 0.001,
                "mode": 0, "axis": 1, "momentum": 0.99, "gamma_regularizer": null, "beta_regularizer": null}},
              {"class_name": "Flatten", "config": {"name": "d", "trainable": true}},
              {"class_name": "Dropout", "config": {"name": "e", "trainable": true, "p": 0.5}},
              {"class_name": "RepeatVector", "config": {"name": "f", "trainable": true, "n": 3}},
              {"class_name": "LSTM", "config": {"name": "g", "trainable": true, "output_dim": 5,
                "init": "glorot_uniform", "inner_init": "orthogonal", "forget_bias_init": "one", "activation": "tanh",
                "inner_activation": "hard_sigmoid", "dropout_W": 0.1, "dropout_U": 0.2,
                "return_sequences": false, "go_backwards": false, "stateful": false, "unroll": false,
                "consume_less": "cpu", "W_regularizer": null, "U_regularizer": null, "b_regularizer": null,
                "input_dim": 64, "input_length": null}},
              {"class_name": "Dense", "config": {"name": "h", "trainable": true, "output_dim": 2, "init": "uniform",
                "activation": "linear", "W_regularizer": null, "b_regularizer": null, "activity_regularizer": null,
                "W_constraint": null, "b_constraint": null, "bias": false, "input_dim": null}}]}
            """;
        using Sequential model = Sequential.FromJson(old);
        using var expected = new Sequential([
            new Conv2D(4, (3, 2), strides: (2, 1), padding: "same", dataFormat: "channels_first", activation: "relu",
                kernelInitializer: "he_normal", kernelRegularizer: new Regularizers.L1L2(0, 0.01),
                kernelConstraint: new Constraints.MaxNorm(2, 0), name: "a", inputShape: [3, 8, 8]),
            new MaxPooling2D(dataFormat: "channels_first", name: "b"),
            new BatchNormalization(axis: 1, name: "c"),
            new Flatten(name: "d"),
            new Dropout(0.5, name: "e"),
            new RepeatVector(3, name: "f"),
            new LSTM(5, recurrentActivation: "hard_sigmoid", dropout: 0.1, recurrentDropout: 0.2, name: "g"),
            new Dense(2, useBias: false, kernelInitializer: "uniform", name: "h"),
        ], name: model.Name);
        Assert.AreEqual(expected.ToJson(), model.ToJson());
    }

    [TestMethod]
    [DataRow("Conv2DTranspose", "\"filters\": 2, \"kernel_size\": [1, 1], \"groups\": 2", "groups")]
    [DataRow("Conv2DTranspose", "\"filters\": 2, \"kernel_size\": [1, 1], \"lora_rank\": 4", "lora_rank")]
    [DataRow("Embedding", "\"input_dim\": 2, \"output_dim\": 2, \"quantization_config\": {}", "quantization_config")]
    [DataRow("BatchNormalization", "\"mode\": 1", "mode")]
    [DataRow("LSTM", "\"units\": 2, \"time_major\": true", "time_major")]
    public void What_another_version_computes_differently_is_rejected(string layer, string settings, string word) =>
        Assert.Contains($"\"{word}\"",
            Assert.ThrowsExactly<ArgumentException>(() => Layer.FromConfig(Described(layer, settings))).Message);

    [TestMethod]
    public void Settings_of_tf_keras_are_read()
    {
        static string Config(string layer, string settings) =>
            Layer.FromConfig(Described(layer, settings)).GetConfig().ToJsonString();
        Assert.Contains("\"axis\":3", Config("BatchNormalization", "\"axis\": [3], \"renorm\": false"));
        Assert.Contains("\"alpha\":0.5", Config("LeakyReLU", "\"negative_slope\": 0.5"));
        Assert.Contains("\"negative_slope\":0.5", Config("ReLU", "\"negative_slope\": 0.5"));
        Assert.Contains("\"l2\":0.25",
            Config("Dense",
                "\"units\": 2, \"kernel_regularizer\": {\"class_name\": \"L2\", \"config\": {\"l2\": 0.25}}"));
        Assert.Contains(
            "fan_in",
            Config("Dense",
                "\"units\": 2, \"kernel_initializer\": {\"module\": \"keras.initializers\", \"class_name\": "
                + "\"HeNormal\", \"config\": {\"seed\": null}, \"registered_name\": null}"));
    }

    static JsonElement Described(string layer, string settings) =>
        JsonDocument.Parse($"{{\"class_name\": \"{layer}\", \"config\": {{{settings}}}}}").RootElement;

    [TestMethod]
    public void YAML_scalars_are_read_as_in_Python()
    {
        JsonNode? values = Saving.Yaml.Read(
            "[1, -2, 1.5, 1.0e-07, 1_000, .5, yes, No, ~, null, on, 'yes', \"1\", text, 1e, 0x, ' ', !!str 5, "
            + "!!python/unicode u, !!python/tuple [1], .inf, 2024-01-01]");
        const string expected = """
            [1,-2,1.5,1E-07,1000,0.5,true,false,null,null,true,"yes","1","text","1e","0x"," ","5","u",[1],".inf",
            "2024-01-01"]
            """;
        Assert.AreEqual(expected.Replace("\n", "", StringComparison.Ordinal), values!.ToJsonString());
        // What must not change in a round trip.
        var all = new JsonObject
        {
            ["words"] = new JsonArray("yes", "null", "1", "1.5", "", " a", "a: b", "- c", "ü", "a\nb", "'", "#", "{}",
                "~", "3e5", "&a", "*a", "!x", "relu", "2024-01-01"),
            ["numbers"] = new JsonArray(1, -5, 1.0, 0.1, 1e-7, 1e300, -0.0, 12345678901L),
            ["empty"] = new JsonObject(),
            ["none"] = new JsonArray(),
            ["strides"] = new JsonArray(1, new JsonArray(2, null)),
            ["flag"] = true,
        };
        string text = Saving.Yaml.Write(all);
        Assert.IsTrue(JsonNode.DeepEquals(all, Saving.Yaml.Read(text)), text);
        Assert.Contains("- 1.0e-07\n", text);
        Assert.Contains("strides: !!python/tuple\n- 1\n- !!python/tuple\n", text);
    }

    [TestMethod]
    [DataRow("a: !!python/object/apply:os.system ['true']", "python/object/apply:os.system")]
    [DataRow("a: !!python/name:builtins.exec x", "python/name:builtins.exec")]
    [DataRow("a: !own {}", "own")]
    [DataRow("a: *b", "b")]
    [DataRow("a: [", "not YAML")]
    [DataRow("? [a]\n: b", "key")]
    [DataRow("a\n---\nb", "more than one")]
    [DataRow("", "not YAML")]
    public void Malicious_YAML_is_rejected(string text, string word) =>
        Assert.Contains(word, Assert.Throws<ArgumentException>(() => Sequential.FromYaml(text)).Message);

    [TestMethod]
    public void Exponential_anchors_and_unlimited_depth_are_rejected()
    {
        var bomb = new System.Text.StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++)
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        Assert.Contains("values", Assert.ThrowsExactly<ArgumentException>(() => Sequential.FromYaml(bomb.ToString()))
            .Message);
        Assert.Contains(
            "deeper", Assert.ThrowsExactly<ArgumentException>(
                () => Sequential.FromYaml(new string('[', 300) + new string(']', 300))).Message);
        // An anchor within itself has no end.
        Assert.ThrowsExactly<ArgumentException>(() => Sequential.FromYaml("a: &b [*b]"));
    }
}
