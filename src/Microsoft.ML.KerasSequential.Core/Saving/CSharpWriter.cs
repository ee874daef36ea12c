using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>
/// Writes configurations as C# expressions that create the same objects: a call of the constructor whose parameters
/// match the configuration's keys, without arguments that equal the defaults.
/// </summary>
[RequiresUnreferencedCode("Constructors are looked up by the names of their classes.")]
internal sealed partial class CSharpWriter
{
    /// <summary>Keys without an argument, because they follow from the rest.</summary>
    static readonly string[] s_implied = ["build_input_shape", "sparse", "ragged", "vocabulary_size",
        "vocabulary_dtype", "oov_method"];

    readonly SortedSet<string> _namespaces = new(StringComparer.Ordinal) { typeof(Sequential).Namespace! };

    /// <summary>The using directives required by the expressions written so far, in order.</summary>
    public IEnumerable<string> Usings =>
        _namespaces.Select(space =>
            ConfiguredKind.IsShared(space) ? $"using {Room(space)} = {space};" : $"using {space};");

    /// <summary>Writes an expression for a configuration value.</summary>
    /// <param name="value">The value: a number, a string, a list, or an object with its class name.</param>
    /// <param name="type">The type of the parameter that takes it.</param>
    /// <param name="indent">The indentation depth of the line that the expression starts on.</param>
    public string Write(JsonNode? value, Type type, int indent = 0) => value switch
    {
        null => "null",
        JsonArray list when type == typeof(Margins) || type.IsAssignableTo(typeof(ITuple)) => Tuple(list),
        JsonArray list when list.Any(item => item is JsonObject) => Lines(list, type, indent),
        JsonArray list when type == typeof(NDArray) => $"new float[{new string(',', Rank(list) - 1)}] {Braces(list)}",
        JsonArray list => $"[{string.Join(", ", list.Select(item => Write(item, ElementOf(type), indent)))}]",
        JsonObject limits when type == typeof(RenormClipping) => "new("
            + string.Join(", ", limits.Select(l => $"{l.Key[..1].ToUpperInvariant()}{l.Key[1..2].ToUpperInvariant()}"
                + $"{l.Key[2..]}: {l.Value!.ToJsonString()}")) + ")",
        JsonObject { } policy when policy["class_name"]?.ToString() == nameof(DTypePolicy) =>
            Literal(policy["config"]!["name"]!.GetValue<string>()),
        JsonObject made => New(made, ConfiguredKind.Of(ElementOf(type)), indent),
        JsonValue text when text.TryGetValue(out string? s) => type.IsEnum ? EnumValue(type, s) : Literal(s),
        JsonValue number when (Nullable.GetUnderlyingType(type) ?? type) == typeof(float) =>
            number.ToJsonString() + "f",
        _ => value.ToJsonString(),
    };

    static string Tuple(JsonArray list) =>
        $"({string.Join(", ", list.Select(item => item is JsonArray inner ? Tuple(inner) : item!.ToJsonString()))})";

    static int Rank(JsonArray list) => list is [JsonArray inner, ..] ? 1 + Rank(inner) : 1;

    static string Braces(JsonArray list) =>
        "{ " + string.Join(
            ", ", list.Select(item => item is JsonArray inner ? Braces(inner) : item!.ToJsonString() + "f")) + " }";

    string EnumValue(Type type, string value)
    {
        _namespaces.Add(type.Namespace!);
        string name = Enum.GetNames(type).First(n => n.Equals(Spelling(value), StringComparison.OrdinalIgnoreCase));
        return $"{Room(type.Namespace!)}.{type.Name}.{name}";
    }

    /// <summary>The last part of a namespace.</summary>
    static string Room(string space) => space[(space.LastIndexOf('.') + 1)..];

    string Lines(JsonArray list, Type type, int indent)
    {
        string inner = new(' ', 4 * (indent + 1));
        return $"[\n{string.Concat(list.Select(item => $"{inner}{Write(item, ElementOf(type), indent + 1)},\n"))}"
            + $"{new string(' ', 4 * indent)}]";
    }

    /// <summary>Text from a file may contain the end of a comment.</summary>
    static string Comment(JsonObject shown) =>
        $"/* {shown.ToJsonString().Replace("*/", "*\\u002f", StringComparison.Ordinal)} */";

    /// <summary>A C# string literal; JSON escapes what C# requires, in a syntax that C# understands.</summary>
    static string Literal(string text) => JsonValue.Create(text).ToJsonString();

    static Type ElementOf(Type type) => type.IsArray ? type.GetElementType()!
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        ? type.GetGenericArguments()[0] : type;

    string New(JsonObject made, ConfiguredKind kind, int indent)
    {
        string className = made["class_name"]!.GetValue<string>();
        JsonObject config = made["config"] as JsonObject ?? [];
        if (kind.Class(className) is not { } type) return $"new {className}({Comment(config)})";
        ConstructorInfo constructor = Constructor(type, config);
        JsonObject needed = Needed(kind, className, constructor, config);
        HashSet<string> written = [.. s_implied];
        if (config["dtype"] is not JsonObject) written.Add("dtype");
        if (kind.NumbersNames && AutomaticName(type).IsMatch(config["name"]!.GetValue<string>())) written.Add("name");
        List<string> arguments = [], properties = [];
        bool areInOrder = true;
        foreach (ParameterInfo parameter in constructor.GetParameters())
        {
            if (Argument(parameter, needed, written, indent) is { } argument)
            {
                bool explainsItself = !parameter.HasDefaultValue || argument[0] == '[';
                arguments.Add(areInOrder && explainsItself ? argument : $"{parameter.Name}: {argument}");
            }
            else areInOrder = false;
        }
        foreach ((string key, JsonNode? value) in needed)
        {
            if (written.Contains(key)) continue;
            // Settings with only a property go into an initializer; the rest is written as a comment, so that nothing
            // is lost silently.
            const BindingFlags flags = BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase;
            if (type.GetProperty(Spelling(key), flags) is { SetMethod.IsPublic: true } property)
                properties.Add($"{property.Name} = {Write(value, property.PropertyType, indent)}");
            else arguments.Add(Comment(new JsonObject { [key] = value?.DeepClone() }));
        }
        if (kind.Base == typeof(Losses.Loss) && arguments.Count == 0 && properties.Count == 0)
            return Literal(config["name"]!.GetValue<string>());
        _namespaces.Add(type.Namespace!);
        string prefix = kind.IsQualified ? Room(type.Namespace!) + "." : "";
        return $"new {prefix}{type.Name}({string.Join(", ", arguments)})"
            + (properties.Count > 0 ? $" {{ {string.Join(", ", properties)} }}" : "");
    }

    /// <summary>The argument for a parameter; null for its default.</summary>
    string? Argument(ParameterInfo parameter, JsonObject needed, HashSet<string> written, int indent)
    {
        if (parameter.Name is "inputShape" or "batchInputShape") return InputShape(parameter, needed, written, indent);
        return KeyOf(parameter, needed) is { } key && written.Add(key)
            ? Write(needed[key], parameter.ParameterType, indent) : null;
    }

    /// <summary>The shape of a sample if the batch size is free, otherwise that of a batch.</summary>
    string? InputShape(ParameterInfo parameter, JsonObject needed, HashSet<string> written, int indent)
    {
        const string Key = "batch_input_shape";
        if (written.Contains(Key) || needed[Key] is not JsonArray shape) return null;
        bool isOfSample = parameter.Name == "inputShape";
        if (isOfSample && shape[0] is not null) return null;
        written.Add(Key);
        return Write(isOfSample ? new JsonArray([.. shape.Skip(1).Select(size => size?.DeepClone())]) : shape,
            parameter.ParameterType, indent);
    }

    /// <summary>The constructor that takes the most values of a configuration.</summary>
    static ConstructorInfo Constructor(Type type, JsonObject config) => type.GetConstructors()
        .Where(constructor => constructor.GetParameters().All(p => p.HasDefaultValue || KeyOf(p, config) is not null))
        .MaxBy(constructor => constructor.GetParameters().Count(p => KeyOf(p, config) is not null))
        ?? throw new InvalidOperationException(
            $"No constructor of {type.Name} accepts its configuration: {config.ToJsonString()}.");

    /// <summary>
    /// The part of a configuration from which the rest follows: the required settings, then those that differ from what
    /// these imply. The name is included when a number would otherwise be used up.
    /// </summary>
    static JsonObject Needed(ConfiguredKind kind, string className, ConstructorInfo constructor, JsonObject config)
    {
        var needed = new JsonObject();
        foreach ((string key, JsonNode? value) in config)
        {
            bool isRequired = constructor.GetParameters().Any(p => !p.HasDefaultValue && KeyOf(p, config) == key);
            if (isRequired || (kind.NumbersNames && key == "name")) needed[key] = value?.DeepClone();
        }
        int before;
        do
        {
            before = needed.Count;
            JsonObject made = kind.Made(className, needed);
            foreach ((string key, JsonNode? value) in config)
                if (!needed.ContainsKey(key) && !JsonNode.DeepEquals(value, made[key]))
                    needed[key] = value?.DeepClone();
        }
        while (needed.Count > before);
        return needed;
    }

    static string? KeyOf(ParameterInfo parameter, JsonObject config) => config
        .Where(entry => string.Equals(Spelling(entry.Key), parameter.Name, StringComparison.OrdinalIgnoreCase)
            && Takes(parameter.ParameterType, entry.Value))
        .Select(entry => entry.Key).FirstOrDefault();

    /// <summary>Keras' <c>beta_1</c> is the parameter <c>beta1</c>.</summary>
    static string Spelling(string key) => key.Replace("_", "", StringComparison.Ordinal);

    /// <summary>If constructors differ in one parameter's type, the value decides which one is meant.</summary>
    static bool Takes(Type type, JsonNode? value)
    {
        bool isNumber = (Nullable.GetUnderlyingType(type) ?? type).IsPrimitive;
        return value switch
        {
            null => !type.IsValueType || Nullable.GetUnderlyingType(type) is not null,
            JsonObject => !isNumber && type != typeof(string),
            JsonArray => !isNumber && type != typeof(string),
            JsonValue text when text.TryGetValue(out string? _) => !isNumber,
            _ => !typeof(Optimizers.LearningRateSchedule).IsAssignableFrom(type)
                && !typeof(Layer).IsAssignableFrom(type),
        };
    }

    static Regex AutomaticName(Type type) => new($"^{Layer.SnakeCase(type.Name)}(_[0-9]+)?$");
}
