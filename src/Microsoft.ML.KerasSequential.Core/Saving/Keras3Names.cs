using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// What means something else in Keras 3, whose configurations state the module of each object: names of functions, and
/// rules that layers of this library follow by option.
/// </summary>
internal static class Keras3Names
{
    /// <summary>The options by which layers, losses, and metrics follow the rules of Keras 3, which its configurations
    /// do not name.</summary>
    static readonly Dictionary<string, string[]> s_rules = new()
    {
        ["BatchNormalization"] = ["inference_when_frozen", "ignore_masked_steps", "biased_moving_variance"],
        ["TimeDistributed"] = ["statistics_per_step"],
        ["Huber"] = ["per_sample"],
        ["SensitivityAtSpecificity"] = ["best_under_constraint"],
        ["SpecificityAtSensitivity"] = ["best_under_constraint"],
    };

    /// <summary>Options of this library whose default is the rule of Keras 3.</summary>
    static readonly string[] s_options = ["zero_for_masked_rows"];

    /// <summary>The key beside an object's settings, which Keras ignores, for the rules that the object
    /// follows.</summary>
    public const string Followed = "keras_sequential_rules";

    /// <summary>The key of the version that wrote a configuration.</summary>
    public const string Version = "keras_version";

    /// <summary>Keras 3 and Keras 2 use the same name for different functions.</summary>
    const string HardSigmoid = "hard_sigmoid", OursForThat = "hardsigmoid";

    /// <summary>Translates a configuration of any version to this library's names.</summary>
    public static JsonElement Translated(JsonElement config)
    {
        if (config.ValueKind != JsonValueKind.Object || !IsOfThree(config)) return config;
        JsonNode node = JsonText.Node(config)!;
        if (!IsOfTwo(config))
            return Rename(node, HardSigmoid, OursForThat) | AddRules(node) ? JsonText.Element(node) : config;
        AddRules(node);
        // So that parts of it are not taken for those of Keras 3 either.
        RemoveModules(node);
        return JsonText.Element(node);
    }

    /// <summary>Translates this library's names to those of Keras 3.</summary>
    /// <returns>false if the configuration contains a function that Keras 3 does not have.</returns>
    public static bool TryTranslateBack(JsonNode config)
    {
        if (Rename(config, HardSigmoid, HardSigmoid)) return false;
        Rename(config, OursForThat, HardSigmoid);
        return true;
    }

    /// <summary>Whether a key is an option of this library that Keras 3 would reject.</summary>
    public static bool IsRule(string key) =>
        s_options.Contains(key) || s_rules.Values.Any(r => r.Contains(key));

    /// <returns>Whether there was a layer with rules.</returns>
    static bool AddRules(JsonNode? node)
    {
        bool found = false;
        if (node is JsonArray list)
        {
            foreach (JsonNode? item in list) found |= AddRules(item);
        }
        else if (node is JsonObject part)
        {
            foreach ((_, JsonNode? value) in part) found |= AddRules(value);
            if (part["config"] is JsonObject settings && (part.ContainsKey("module")
                || (settings["dtype"] is JsonObject policy && policy.ContainsKey("module"))))
            {
                foreach (string rule in RulesOf(part))
                {
                    settings[rule] = true;
                    found = true;
                }
            }
        }
        return found;
    }

    /// <summary>
    /// The rules that an object of Keras 3 follows: all, unless this library wrote the file and noted others.
    /// </summary>
    static IEnumerable<string> RulesOf(JsonObject part) => part[Followed] is JsonArray noted
        ? noted.OfType<JsonValue>().Select(v => v.ToString()).Where(IsRule)
        : part["class_name"] is JsonValue name ? s_rules.GetValueOrDefault(name.ToString(), []) : [];

    /// <summary>The rules to note with an object that does not follow those of Keras 3; null if it does.</summary>
    public static JsonArray? Noted(string className, JsonObject settings)
    {
        string[] followed = [.. settings.Where(s => IsRule(s.Key) && s.Value?.GetValueKind() == JsonValueKind.True)
            .Select(s => s.Key)];
        return s_rules.GetValueOrDefault(className, []).ToHashSet().SetEquals(followed) ? null
            : new JsonArray([.. followed.Select(f => (JsonNode)f)]);
    }

    static bool IsOfThree(JsonElement config) => config.TryGetProperty("module", out _)
        || (config.TryGetProperty("config", out JsonElement settings)
            && (HasLayersOfThree(settings) || HasPolicyOfThree(settings)))
        || HasLayersOfThree(config);

    /// <summary>tf.keras from 2.13 on also writes modules, but its functions are those of Keras 2.</summary>
    static bool IsOfTwo(JsonElement config) => config.TryGetProperty(Version, out JsonElement version)
        && version.ValueKind == JsonValueKind.String && IsOfTwo(version.GetString());

    /// <summary>Whether a version is one of Keras 2 or tf.keras.</summary>
    public static bool IsOfTwo(string? version) => version?.StartsWith("2.", StringComparison.Ordinal) ?? false;

    static void RemoveModules(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode? item in list) RemoveModules(item);
        }
        else if (node is JsonObject part)
        {
            part.Remove("module");
            foreach ((_, JsonNode? value) in part) RemoveModules(value);
        }
    }

    /// <summary>Keras 3 omits the modules of layers in .h5 files, but not that of their dtype policy.</summary>
    static bool HasPolicyOfThree(JsonElement settings) => settings.ValueKind == JsonValueKind.Object
        && settings.TryGetProperty("dtype", out JsonElement policy) && policy.ValueKind == JsonValueKind.Object
        && policy.TryGetProperty("module", out _);

    static bool HasLayersOfThree(JsonElement settings) => settings.ValueKind == JsonValueKind.Object
        && settings.TryGetProperty("layers", out JsonElement layers) && layers.ValueKind == JsonValueKind.Array
        && layers.EnumerateArray()
            .Any(l => l.ValueKind == JsonValueKind.Object && l.TryGetProperty("module", out _));

    /// <summary>Renames the function of an activation wherever one is named.</summary>
    /// <returns>Whether the name was there.</returns>
    static bool Rename(JsonNode? node, string from, string to)
    {
        bool found = false;
        if (node is JsonArray list)
        {
            foreach (JsonNode? item in list) found |= Rename(item, from, to);
        }
        else if (node is JsonObject settings)
        {
            foreach ((string key, JsonNode? value) in settings.ToArray())
            {
                if (key.EndsWith("activation", StringComparison.Ordinal) && value is JsonValue name
                    && name.TryGetValue(out string? word) && word == from)
                {
                    settings[key] = to;
                    found = true;
                }
                found |= Rename(value, from, to);
            }
        }
        return found;
    }
}
