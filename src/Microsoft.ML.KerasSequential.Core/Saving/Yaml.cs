using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Utils;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlScalar = YamlDotNet.Core.Events.Scalar;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// YAML as Keras 2 wrote it with PyYAML: keys in order, tuples under their tag. Only plain values are read: a tag for a
/// Python object is rejected.
/// </summary>
internal static partial class Yaml
{
    const string Prefix = "tag:yaml.org,2002:", Tuple = $"{Prefix}python/tuple";

    // Values repeated through anchors are counted each time.
    const int MaxNodes = 1_000_000, MaxDepth = 256;

    /// <summary>Settings that are tuples in Python.</summary>
    static readonly HashSet<string> s_tuples = ["batch_input_shape", "kernel_size", "strides", "dilation_rate",
        "pool_size", "padding", "cropping", "size", "target_shape", "dims", "output_padding"];

    public static string Write(JsonNode node)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text,
            new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Write(emitter, node, isTuple: false);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    /// <exception cref="ArgumentException">The text is not YAML, or contains a Python object.</exception>
    public static JsonNode? Read(string text)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            int nodes = 0;
            JsonNode? root = Read(parser, [], 0, ref nodes);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _) ? root
                : throw new ArgumentException("The text holds more than one YAML document.", nameof(text));
        }
        // The scanner throws the second kind for some malformed texts.
        catch (Exception e) when (e is YamlException or InvalidOperationException)
        {
            throw new ArgumentException($"The text is not YAML: {e.Message} {(e as YamlException)?.Start}",
                nameof(text), e);
        }
    }

    static void Write(Emitter emitter, JsonNode? node, bool isTuple)
    {
        switch (node)
        {
            case JsonObject settings:
                emitter.Emit(
                    new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true,
                        settings.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach ((string key, JsonNode? value) in settings.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    Write(emitter, key);
                    Write(emitter, value, s_tuples.Contains(key) && value is JsonArray);
                }
                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(
                    new SequenceStart(AnchorName.Empty, isTuple ? new TagName(Tuple) : TagName.Empty,
                        isImplicit: !isTuple, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (JsonNode? item in list) Write(emitter, item, isTuple && item is JsonArray);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                Write(emitter, value.GetValue<string>());
                break;
            default:
                Plain(emitter, node is null ? "null" : Text((JsonValue)node));
                break;
        }
    }

    /// <summary>Writes a string, in quotes if it would otherwise be read as something else.</summary>
    static void Write(Emitter emitter, string text)
    {
        bool isSafe = Resolve(text) is JsonValue value && value.GetValueKind() == JsonValueKind.String
            && Safe().IsMatch(text);
        emitter.Emit(
            new YamlScalar(AnchorName.Empty, TagName.Empty, text, isSafe ? ScalarStyle.Plain : ScalarStyle.SingleQuoted,
                isPlainImplicit: isSafe, isQuotedImplicit: true));
    }

    static void Plain(Emitter emitter, string text) =>
        emitter.Emit(
            new YamlScalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true,
                isQuotedImplicit: false));

    static string Text(JsonValue value)
    {
        if (value.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            return value.GetValue<bool>() ? "true" : "false";
        string json = value.ToJsonString();
        // A double stays a float in Python, even if its value is an integer.
        if (!value.TryGetValue(out double number) || value.TryGetValue(out int _) || value.TryGetValue(out long _))
            return json;
        string text = PythonFormat.Repr(number);
        return number switch
        {
            double.PositiveInfinity => ".inf",
            double.NegativeInfinity => "-.inf",
            double.NaN => ".nan",
            _ => text.Contains('.', StringComparison.Ordinal) ? text
                : text.Replace("e", ".0e", StringComparison.Ordinal),
        };
    }

    static JsonNode? Read(Parser parser, Dictionary<AnchorName, JsonNode?> anchors, int depth, ref int nodes)
    {
        if (depth > MaxDepth) throw new ArgumentException($"The text nests deeper than {MaxDepth} levels.");
        if (++nodes > MaxNodes) throw new ArgumentException($"The text has more than {MaxNodes} values.");
        if (parser.TryConsume<AnchorAlias>(out AnchorAlias? alias))
        {
            JsonNode? same = anchors.TryGetValue(alias.Value, out JsonNode? known) ? known
                : throw new ArgumentException($"The text names \"{alias.Value}\" before defining it.");
            nodes += Count(same);
            return nodes > MaxNodes ? throw new ArgumentException($"The text has more than {MaxNodes} values.")
                : same?.DeepClone();
        }
        var start = parser.Current as NodeEvent ?? throw new ArgumentException("The text ends within a value.");
        Check(start.Tag);
        JsonNode? node = start switch
        {
            MappingStart => Mapping(parser, anchors, depth, ref nodes),
            SequenceStart => Sequence(parser, anchors, depth, ref nodes),
            _ => Scalar(parser.Consume<YamlScalar>()),
        };
        if (!start.Anchor.IsEmpty) anchors[start.Anchor] = node;
        return node;
    }

    static JsonObject Mapping(Parser parser, Dictionary<AnchorName, JsonNode?> anchors, int depth, ref int nodes)
    {
        parser.Consume<MappingStart>();
        var settings = new JsonObject();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            string key = parser.TryConsume<YamlScalar>(out YamlScalar? scalar) ? scalar.Value
                : throw new ArgumentException("A key in the text is not a plain value.");
            settings[key] = Read(parser, anchors, depth + 1, ref nodes);
        }
        return settings;
    }

    static JsonArray Sequence(Parser parser, Dictionary<AnchorName, JsonNode?> anchors, int depth, ref int nodes)
    {
        parser.Consume<SequenceStart>();
        var list = new JsonArray();
        while (!parser.TryConsume<SequenceEnd>(out _)) list.Add(Read(parser, anchors, depth + 1, ref nodes));
        return list;
    }

    static JsonNode? Scalar(YamlScalar scalar)
    {
        bool isText = scalar.Style != ScalarStyle.Plain
            || (!scalar.Tag.IsEmpty
                && scalar.Tag.Value is $"{Prefix}str" or $"{Prefix}python/unicode" or $"{Prefix}python/str");
        return isText ? JsonValue.Create(scalar.Value) : Resolve(scalar.Value);
    }

    static void Check(TagName tag)
    {
        if (tag.IsEmpty || tag.IsNonSpecific) return;
        string name = tag.Value.StartsWith(Prefix, StringComparison.Ordinal) ? tag.Value[Prefix.Length..] : tag.Value;
        if (name is not ("str" or "int" or "float" or "bool" or "null" or "seq" or "map" or "python/tuple"
            or "python/unicode" or "python/str" or "python/bool" or "python/int" or "python/float" or "python/none"))
            throw new ArgumentException(
                $"The text contains an object of kind \"{name}\"; a configuration can only contain plain values.");
    }

    /// <summary>Resolves an unquoted word by the rules of YAML 1.1.</summary>
    static JsonNode? Resolve(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL") return null;
        if (True().IsMatch(text)) return JsonValue.Create(true);
        if (False().IsMatch(text)) return JsonValue.Create(false);
        string plain = text.Replace("_", "", StringComparison.Ordinal);
        if (Whole().IsMatch(text)
            && long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
            return JsonValue.Create(whole);
        if (Number().IsMatch(text)
            && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number))
            return JsonValue.Create(number);
        return JsonValue.Create(text);
    }

    static int Count(JsonNode? node) => node switch
    {
        JsonObject settings => 1 + settings.Sum(p => Count(p.Value)),
        JsonArray list => 1 + list.Sum(Count),
        _ => 1,
    };

    [GeneratedRegex("^(yes|Yes|YES|true|True|TRUE|on|On|ON)$")]
    private static partial Regex True();

    [GeneratedRegex("^(no|No|NO|false|False|FALSE|off|Off|OFF)$")]
    private static partial Regex False();

    [GeneratedRegex("^[-+]?(0|[1-9][0-9_]*)$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?([0-9][0-9_]*)?(\.[0-9_]*)?([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();

    [GeneratedRegex("^[A-Za-z0-9_/][A-Za-z0-9_/.+ -]*(?<! )$")]
    private static partial Regex Safe();
}
