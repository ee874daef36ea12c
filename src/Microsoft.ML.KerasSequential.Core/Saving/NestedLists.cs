using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Arrays as nested lists, as written to JSON from NumPy's <c>tolist</c>.</summary>
internal static class NestedLists
{
    /// <summary>Converts an array to lists, or to a number if it has no dimensions.</summary>
    /// <exception cref="InvalidOperationException">A value is NaN or infinite, which JSON cannot represent.</exception>
    public static JsonNode Write(NDArray array, string what)
    {
        foreach (float value in array.Span)
            if (!float.IsFinite(value))
                throw new InvalidOperationException($"{what} contains {value}, which JSON cannot represent.");
        return Write(array.Shape, array.Span);
    }

    /// <summary>Converts a number, or nested lists of equal lengths, to an array.</summary>
    /// <exception cref="ArgumentException">The JSON is neither, or the lengths differ.</exception>
    public static NDArray Read(JsonElement lists, string what)
    {
        var shape = new List<int>();
        for (JsonElement at = lists; at.ValueKind == JsonValueKind.Array; at = at[0])
        {
            shape.Add(at.GetArrayLength());
            if (shape[^1] == 0) break;
        }
        var values = new List<float>();
        Add(lists, 0, shape, values, what);
        return new([.. values], [.. shape]);
    }

    static JsonNode Write(ReadOnlySpan<int> shape, ReadOnlySpan<float> values)
    {
        if (shape.IsEmpty) return JsonValue.Create(values[0]);
        var list = new JsonArray();
        int size = shape[0] == 0 ? 0 : values.Length / shape[0];
        for (int i = 0; i < shape[0]; i++) list.Add(Write(shape[1..], values.Slice(i * size, size)));
        return list;
    }

    static void Add(JsonElement at, int depth, List<int> shape, List<float> values, string what)
    {
        if (depth == shape.Count)
        {
            if (at.ValueKind != JsonValueKind.Number) throw Wrong(what, "a number", at);
            values.Add((float)at.GetDouble());
            return;
        }
        if (at.ValueKind != JsonValueKind.Array || at.GetArrayLength() != shape[depth])
            throw Wrong(what, $"a list of {shape[depth]}", at);
        foreach (JsonElement item in at.EnumerateArray()) Add(item, depth + 1, shape, values, what);
    }

    static ArgumentException Wrong(string what, string expected, JsonElement given)
    {
        string text = given.GetRawText();
        return new($"{what} contains lists of different lengths, or values that are not numbers: expected {expected}; "
            + $"given {(text.Length > 40 ? $"{text[..40]}…" : text)}.");
    }
}
