using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>JSON from one form into another, without the serializer: that looks at types at run time, which trimmed
/// programs no longer have.</summary>
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

    /// <summary>A tree of its own; null for JSON's null.</summary>
    public static JsonNode? Node(JsonElement element) => JsonNode.Parse(element.GetRawText());
}
