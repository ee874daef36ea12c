using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Losses;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Replaces losses and metrics by their names where a name is sufficient: Keras 2 interprets an object for the
/// loss as losses by output.</summary>
internal static class PlainNames
{
    /// <summary>The arguments of <c>compile</c> with names instead of objects.</summary>
    public static JsonObject Of(JsonObject training)
    {
        training["loss"] = Plain(training["loss"], name => ((Loss)name).Serialize());
        foreach (string list in new[] { "metrics", "weighted_metrics" })
            if (training[list] is JsonArray metrics)
                training[list] = new JsonArray([.. metrics.Select(m => Plain(m, name => ((Metric)name).Serialize()))]);
        return training;
    }

    static JsonNode? Plain(JsonNode? part, Func<string, JsonNode?> named)
    {
        if (part is not JsonObject settings || settings["config"]?["name"] is not JsonValue name)
            return part?.DeepClone();
        try
        {
            string word = name.GetValue<string>();
            return JsonNode.DeepEquals(named(word), part) ? word : part.DeepClone();
        }
        catch (ArgumentException)
        {
            return part.DeepClone();
        }
    }
}
