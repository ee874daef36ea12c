using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// The architecture as text, without weights.
public sealed partial class Sequential
{
    static readonly JsonDocumentOptions s_jsonOptions = new() { MaxDepth = 256 };

    /// <summary>The architecture under Keras' keys.</summary>
    /// <returns>A JSON object with the model's name and its layers.</returns>
    /// <exception cref="InvalidOperationException">A layer contains a function, which cannot be written.</exception>
    public override JsonObject GetConfig()
    {
        RequireAlive();
        var config = new JsonObject
        {
            ["name"] = Name,
            ["layers"] = new JsonArray([.. _layers.Select(l => (JsonNode)l.Serialize())])
        };
        if (_input is not null && _layers.Count > 0 && _layers[0].BatchInputShape is null)
            config["build_input_shape"] = Config.Sizes(_input.Shape);
        // Keras 2 does not save that a model is frozen, and ignores the key.
        if (!Trainable) config["trainable"] = false;
        if (DtypePolicy.Precision is not null) config["dtype"] = DtypePolicy.Serialize();
        return config;
    }

    /// <summary>Creates a model from a configuration from <see cref="GetConfig"/> or Keras.</summary>
    /// <param name="config">The settings, or <c>{"class_name", "config"}</c>, or Keras' older list of layers.</param>
    /// <returns>A model with new weights.</returns>
    /// <exception cref="ArgumentException">A class is unknown or a setting is wrong.</exception>
    public static new Sequential FromConfig(JsonElement config)
    {
        config = Keras3Names.Translated(config);
        if (config.ValueKind == JsonValueKind.Object && config.TryGetProperty("class_name", out JsonElement name))
        {
            if (name.ValueKind != JsonValueKind.String || name.GetString() != "Sequential")
                throw new ArgumentException($"The configuration has class {name.GetRawText()}, not \"Sequential\".",
                    nameof(config));
            if (!config.TryGetProperty("config", out config))
                throw new ArgumentException("The configuration of the model lacks \"config\".", nameof(config));
        }
        string? modelName = null;
        bool trainable = true;
        Shape? input = null;
        JsonElement layers = config;
        if (config.ValueKind == JsonValueKind.Object)
        {
            var settings = new Config(config, "model Sequential");
            modelName = settings.String("name");
            trainable = settings.Bool("trainable", true);
            layers = settings.Element("layers") ?? throw settings.Missing("layers");
            input = settings.Sizes("build_input_shape") is { } sizes ? new Shape(sizes) : null;
        }
        if (layers.ValueKind != JsonValueKind.Array)
            throw new ArgumentException("The configuration of a Sequential must contain a list of layers.",
                nameof(config));
        Layer[] made = [.. layers.EnumerateArray().Select(LayerRegistry.FromConfig)];
        // The input of Keras is the text; here it is the numbers that the layer makes of it.
        if (made is [InputLayer, var first, ..] && TextPart(first) is { KeepsShape: false } text)
        {
            made = made[1..];
            input = text.NumbersShape;
        }
        var model = new Sequential(made, modelName);
        if (!model.Built && input is not null && model._layers.Count > 0) model.Build(input);
        model.Trainable = trainable;
        if (DTypePolicy.OfLayer(config) is { } policy) model.SetPolicy(policy);
        return model;
    }

    /// <summary>The architecture as Keras' <c>to_json</c> writes it.</summary>
    /// <returns>JSON text.</returns>
    /// <exception cref="InvalidOperationException">A layer contains a function, which cannot be written.</exception>
    public string ToJson() => Description().ToJsonString();

    /// <summary>The architecture, or null if a layer contains a function, which cannot be written.</summary>
    JsonObject? DescriptionOrNull()
    {
        try
        {
            return Description();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    internal JsonObject Description()
    {
        JsonObject description = Config.Wrap("Sequential", GetConfig());
        description["keras_version"] = "2.3.1";
        description["backend"] = "tensorflow";
        return description;
    }

    /// <summary>The architecture as Keras' <c>to_yaml</c> writes it.</summary>
    /// <returns>YAML text.</returns>
    /// <exception cref="InvalidOperationException">A layer contains a function, which cannot be written.</exception>
    public string ToYaml() => Yaml.Write(Description());

    /// <summary>Creates a model from the output of Keras' <c>to_yaml</c> (<c>model_from_yaml</c>). Python objects in it
    /// are rejected.</summary>
    /// <param name="yaml">The text.</param>
    /// <returns>A model with new weights.</returns>
    /// <exception cref="ArgumentException">The text is not YAML, or not the configuration of a Sequential.</exception>
    public static Sequential FromYaml(string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        return FromConfig(
            Config.Parse(Yaml.Read(yaml) ?? throw new ArgumentException("The text is empty.", nameof(yaml))));
    }

    /// <summary>Creates a model from the output of Keras' <c>to_json</c>.</summary>
    /// <param name="json">JSON text.</param>
    /// <returns>A model with new weights.</returns>
    /// <exception cref="ArgumentException">The text is not JSON, a class is unknown, or a setting is wrong.</exception>
    public static Sequential FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, s_jsonOptions);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The text is not JSON: {e.Message}", nameof(json), e);
        }
        using (document) return FromConfig(document.RootElement);
    }
}
