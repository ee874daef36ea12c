using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Reads the recorded Keras runs.</summary>
internal static class GoldenCase
{
    public static List<JsonElement> Load(string file)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", file);
        return [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("cases").EnumerateArray()];
    }

    public static NDArray Array(JsonElement element) => new(
        [.. element.GetProperty("data").EnumerateArray().Select(v => (float)v.GetDouble())],
        [.. element.GetProperty("shape").EnumerateArray().Select(v => v.GetInt32())]);

    public static List<NDArray> Arrays(JsonElement list) => [.. list.EnumerateArray().Select(Array)];

    public static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(v => v.GetDouble())];

    public static JsonElement? Optional(this JsonElement element, string key) =>
        element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static void AssertClose(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double relative,
        double absolute, string what)
    {
        Assert.AreEqual(expected.Length, actual.Length, $"{what}: length");
        for (int i = 0; i < actual.Length; i++) AssertClose(actual[i], expected[i], relative, absolute, $"{what}[{i}]");
    }

    public static void AssertClose(double actual, double expected, double relative, double absolute,
        [InterpolatedStringHandlerArgument(nameof(actual), nameof(expected), nameof(relative), nameof(absolute))]
        ref IfNotClose what)
    {
        if (AreClose(actual, expected, relative, absolute)) return;
        AssertClose(actual, expected, relative, absolute, what.ToStringAndClear());
    }

    public static void AssertClose(double actual, double expected, double relative, double absolute, string what) =>
        Assert.IsTrue(AreClose(actual, expected, relative, absolute),
            $"{what}: expected {expected}, got {actual}, "
            + $"which differs by more than {Allowed(expected, relative, absolute)}.");

    public static bool AreClose(double actual, double expected, double relative, double absolute) =>
        actual.Equals(expected) || Math.Abs(actual - expected) <= Allowed(expected, relative, absolute);

    static double Allowed(double expected, double relative, double absolute) =>
        double.IsFinite(expected) ? absolute + relative * Math.Abs(expected) : 0;
}
