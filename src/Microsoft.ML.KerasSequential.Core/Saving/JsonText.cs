using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Converts JSON between representations without the serializer, which relies on reflection that trimmed
/// programs lack.</summary>
internal static class JsonText
{
    public static byte[] Bytes(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer)) node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Stream stream, JsonNode node)
    {
        using var writer = new Utf8JsonWriter(stream);
        node.WriteTo(writer);
    }

    public static JsonElement Element(JsonNode node) => JsonElement.Parse(Bytes(node));

    /// <summary>A new tree; null for JSON null.</summary>
    public static JsonNode? Node(JsonElement element) => JsonNode.Parse(element.GetRawText());
}
