using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Configurations as Keras 3 writes them: each object with its module, the input as a separate layer,
/// <c>compile_config</c> alongside the model's.</summary>
internal static class Keras3Config
{
    /// <summary>The version used for comparison.</summary>
    public const string Version = "3.15.1";

    /// <summary>Settings of layers that Keras 3 no longer has; each with the value that can be omitted.</summary>
    static readonly HashSet<string> s_gone = ["batch_input_shape", "implementation", "input_length", "dtype",
        "activity_regularizer"];

    /// <summary>The whole <c>config.json</c>.</summary>
    public static JsonObject Of(Sequential model, JsonObject? training)
    {
        JsonObject two = model.GetConfig();
        if (!Keras3Names.TryTranslateBack(two))
            throw new NotSupportedException($"The model {model.Name} uses Keras 2's hard_sigmoid, x/5 + 1/2 within [0, "
                + "1], which Keras 3 does not have: its function of that name is x/6 + 1/2, here \"hardsigmoid\". "
                + "Save it as .h5.");
        // The input of Keras is the text itself.
        bool isText = model.FirstText is not null;
        int?[] input = model.FirstText is { KeepsShape: false } ? [null, 1] : [.. model.InputShape];
        var layers = new JsonArray(Wrap("keras.layers", "InputLayer", new JsonObject
        {
            ["batch_shape"] = Config.Sizes(input),
            ["dtype"] = isText ? "string" : "float32",
            ["sparse"] = false,
            ["name"] = model.Inputs[0].Name,
        }));
        foreach (JsonNode? layer in two["layers"]!.AsArray()) layers.Add(Layer(layer!.AsObject()));
        JsonObject file = Wrap("keras", "Sequential", new JsonObject
        {
            ["name"] = model.Name,
            ["trainable"] = model.Trainable,
            ["dtype"] = Policy(model.DtypePolicy.Name),
            ["layers"] = layers,
            ["build_input_shape"] = Config.Sizes(input),
        });
        file["build_config"] = new JsonObject { ["input_shape"] = Config.Sizes(input) };
        if (training is not null)
        {
            bool isBinary = model.Loss is Losses.BinaryCrossentropy;
            file["compile_config"] = new JsonObject
            {
                ["optimizer"] = Optimizer(training["optimizer_config"]!.AsObject()),
                ["loss"] = Known("keras.losses", training["loss"]),
                ["loss_weights"] = LossWeight(training["loss_weights"]),
                ["metrics"] = Metrics(training["metrics"], isBinary),
                ["weighted_metrics"] = Metrics(training["weighted_metrics"], isBinary),
                ["run_eagerly"] = false,
                ["steps_per_execution"] = training["steps_per_execution"]?.DeepClone() ?? 1,
                ["jit_compile"] = false,
            };
            if (training[Sequential.AutoScaleLoss] is { } flag)
                file["compile_config"]![Sequential.AutoScaleLoss] = flag.DeepClone();
        }
        return file;
    }

    /// <summary>Keras takes a float, which in JSON has a decimal point, or nothing.</summary>
    static JsonNode? LossWeight(JsonNode? weight)
    {
        if (weight is null || weight.GetValue<double>() is 1) return null;
        string number = weight.GetValue<double>().ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(number.AsSpan().ContainsAny('.', 'E') ? number : $"{number}.0");
    }

    /// <summary>The arguments of <c>compile</c> under the names of version 2.</summary>
    public static JsonElement Training(JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object) return arguments;
        JsonObject two = JsonSerializer.SerializeToNode(arguments)!.AsObject();
        if (two["optimizer"] is JsonObject moved)
        {
            two.Remove("optimizer");
            two["optimizer_config"] = moved;
        }
        if (two["optimizer"] is JsonValue name)
        {
            two.Remove("optimizer");
            two["optimizer_config"] = name;
        }
        foreach (string list in new[] { "metrics", "weighted_metrics" })
            if (two[list] is JsonArray given)
                two[list] =
                new JsonArray([.. given.SelectMany(m => m is JsonArray inner ? inner.ToArray() : [m]).Select(Metric)]);
        if (two["loss"] is JsonObject wrapped && wrapped["config"] is JsonObject loss
            && loss["reduction"]?.ToString() is "auto")
            loss["reduction"] = "sum_over_batch_size";
        return JsonSerializer.SerializeToElement(two);
    }

    /// <summary>tf.keras wraps the function of a metric, whose name identifies it.</summary>
    static JsonNode? Metric(JsonNode? metric) =>
        metric is JsonObject wrapped && wrapped["class_name"]?.ToString() == "MeanMetricWrapper"
        && wrapped["config"]?["fn"] is JsonValue function
        ? wrapped["config"]!["name"]?.ToString() is "accuracy" or "acc" ? wrapped["config"]!["name"]!.DeepClone()
        : function.DeepClone()
        : metric?.DeepClone();

    static JsonObject Layer(JsonObject layer)
    {
        string name = layer["class_name"]!.GetValue<string>();
        if (name == "Sequential") return Wrap("keras", name, Nested(layer["config"]!.AsObject()));
        var settings = new JsonObject { ["dtype"] = Policy() };
        foreach ((string key, JsonNode? value) in layer["config"]!.AsObject())
        {
            if (key == "activity_regularizer" ? value is not null : !s_gone.Contains(key)
                && !Keras3Names.IsRule(key))
                settings[key] = Setting(key, value);
        }
        if (layer["config"]!["dtype"] is { } other && other.ToString() != "float32")
            settings["dtype"] = other.DeepClone();
        JsonObject wrapped = Wrap("keras.layers", name, settings);
        if (Keras3Names.Noted(name, layer["config"]!.AsObject()) is { } rules) wrapped[Keras3Names.Followed] = rules;
        return wrapped;
    }

    static JsonObject Nested(JsonObject config)
    {
        var settings = new JsonObject { ["dtype"] = Policy() };
        foreach ((string key, JsonNode? value) in config)
        {
            if (key != "layers")
            {
                settings[key] = value?.DeepClone();
                continue;
            }
            var layers = new JsonArray();
            if (value!.AsArray() is [JsonObject first, ..] && first["config"]?["batch_input_shape"] is { } shape)
                layers.Add(
                    Wrap("keras.layers", "InputLayer",
                        new JsonObject
                        {
                            ["batch_shape"] = shape.DeepClone(),
                            ["dtype"] = "float32",
                            ["name"] = $"{config["name"]}_input"
                        }));
            foreach (JsonNode? layer in value.AsArray()) layers.Add(Layer(layer!.AsObject()));
            settings[key] = layers;
        }
        return settings;
    }

    static JsonNode? Setting(string key, JsonNode? value)
    {
        if (value is JsonArray list && list.All(i => i is JsonObject))
            return new JsonArray([.. list.Select(i => Setting(key, i))]);
        if (value is not JsonObject { } part || !part.ContainsKey("class_name")) return value?.DeepClone();
        if (key is "layer" or "backward_layer" or "cell" or "cells") return Layer(part);
        string module = key.EndsWith("initializer", StringComparison.Ordinal) ? "keras.initializers"
            : key.EndsWith("regularizer", StringComparison.Ordinal) ? "keras.regularizers"
            : key.EndsWith("constraint", StringComparison.Ordinal) ? "keras.constraints" : "keras.layers";
        return Wrap(module, part["class_name"]!.GetValue<string>(), part["config"]?.DeepClone() as JsonObject ?? []);
    }

    static JsonObject Optimizer(JsonObject optimizer)
    {
        string name = optimizer["class_name"]!.GetValue<string>();
        var settings = new JsonObject { ["name"] = TreeFile.Snake(name) };
        // Only a custom class knows which settings it needs.
        bool isKeras = OptimizerWeights.Known.Contains(name);
        JsonObject own = optimizer["config"]!.AsObject();
        if (isKeras && FollowsThree(name, own))
        {
            foreach ((string key, JsonNode? value) in s_common) settings[key] = value?.DeepClone();
        }
        foreach ((string key, JsonNode? value) in own)
        {
            if (key == "learning_rate" && value is JsonObject schedule)
                settings[key] = Wrap("keras.optimizers.schedules", schedule["class_name"]!.GetValue<string>(),
                    schedule["config"]!.DeepClone().AsObject());
            else if (key == "clipnorm" && isKeras) settings["global_clipnorm"] = value?.DeepClone();
            else if (key == "variable_clipnorm" && isKeras) settings["clipnorm"] = value?.DeepClone();
            else if (key == "inner_optimizer" && isKeras) settings[key] = Optimizer(value!.AsObject());
            else if (key == "optimizer_map" && isKeras) settings[key] = Map(value!.AsObject());
            // Keras 3 uses schedules instead.
            else if (!isKeras || key is not ("decay" or "schedule_decay" or "epsilon_in_root"))
                settings[key] = value?.DeepClone();
        }
        return Wrap("keras.optimizers", name, settings);
    }

    /// <summary>The settings of all optimizers of Keras 3, which all of its configurations have.</summary>
    static readonly JsonObject s_common = new()
    {
        ["weight_decay"] = null,
        ["clipnorm"] = null,
        ["global_clipnorm"] = null,
        ["clipvalue"] = null,
        ["use_ema"] = false,
        ["ema_momentum"] = 0.99,
        ["ema_overwrite_frequency"] = null,
        ["loss_scale_factor"] = null,
        ["gradient_accumulation_steps"] = null,
    };

    /// <summary>
    /// Whether an optimizer computes what Keras 3 does. If its formula is that of Keras 2, the configuration is left
    /// without the settings by which those of Keras 3 are recognized, so that it is the same when it is read here.
    /// </summary>
    static bool FollowsThree(string name, JsonObject own) => own.ContainsKey("variable_clipnorm") || name switch
    {
        nameof(RMSprop) or nameof(Adagrad) => own["epsilon_in_root"] is not null,
        nameof(Nadam) => own["schedule_decay"]!.GetValue<double>() == 1,
        nameof(LossScaleOptimizer) or nameof(MultiOptimizer) => false,
        _ => true,
    };

    static JsonObject Map(JsonObject map)
    {
        JsonObject settings = map["config"]!.AsObject();
        return Wrap("keras.optimizers", map["class_name"]!.GetValue<string>(), new JsonObject
        {
            ["default_optimizer"] = Optimizer(settings["default_optimizer"]!.AsObject()),
            ["optimizer_map"] = new JsonObject(settings["optimizer_map"]!.AsObject()
                .Select(e => KeyValuePair.Create<string, JsonNode?>(e.Key, Optimizer(e.Value!.AsObject())))),
        });
    }

    /// <summary>The metrics; Keras 3 chooses the kind of accuracy without regard to the loss, so it is named.</summary>
    static JsonNode? Metrics(JsonNode? metrics, bool isBinary) => metrics is JsonArray { Count: > 0 } list
        ? new JsonArray([.. list.Select(m => isBinary && m is JsonValue && m.ToString() is "accuracy" or "acc"
            ? Wrap("keras.metrics", "BinaryAccuracy", new JsonObject { ["name"] = m!.DeepClone() })
            : Known("keras.metrics", m))])
        : null;

    static JsonNode? Known(string module, JsonNode? value) =>
        value is JsonObject part && part["class_name"] is { } name
        ? Wrap(module, name.GetValue<string>(), WithoutRules(part["config"]?.DeepClone() as JsonObject ?? []))
        : value?.DeepClone();

    static JsonObject WithoutRules(JsonObject settings)
    {
        foreach (string key in settings.Select(s => s.Key).Where(Keras3Names.IsRule).ToArray()) settings.Remove(key);
        return settings;
    }

    static JsonObject Policy(string name = "float32") =>
        Wrap("keras", "DTypePolicy", new JsonObject { ["name"] = name });

    static JsonObject Wrap(string module, string name, JsonObject settings) =>
        new() { ["module"] = module, ["class_name"] = name, ["config"] = settings, ["registered_name"] = null };
}
