using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Stores doubles in JSON as text, bit for bit, including infinities and NaN.</summary>
internal static class Exact
{
    public static JsonNode Of(double value) => JsonValue.Create(value.ToString("R", CultureInfo.InvariantCulture));

    public static double Read(JsonElement element) =>
        double.Parse(element.GetString() ?? throw new FormatException("A number is missing."), NumberStyles.Float,
            CultureInfo.InvariantCulture);
}
