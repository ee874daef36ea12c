using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential.Optimizers;

/// <summary>
/// Determines which optimizer updates which weight: <c>new OptimizerMap(new SGD()) { ["encoder/.*"] = new Adam() }</c>
/// (Keras 3 <c>keras.optimizers.OptimizerMap</c>).
/// </summary>
public sealed class OptimizerMap
{
    readonly List<(string Pattern, Optimizer Optimizer)> _entries = [];

    /// <summary>Creates a map without patterns.</summary>
    /// <param name="defaultOptimizer">The optimizer of the weights that no pattern matches.</param>
    /// <exception cref="ArgumentException">The optimizer consists of others.</exception>
    public OptimizerMap(Optimizer defaultOptimizer) => DefaultOptimizer = Checked(defaultOptimizer);

    /// <summary>Gets the optimizer of the weights that no pattern matches.</summary>
    public Optimizer DefaultOptimizer { get; }

    /// <summary>
    /// Gets the optimizer of a weight, or adds a pattern. A pattern is a regular expression that must match the whole
    /// name of a weight, such as <c>dense/kernel</c>, or that name after the name of the model and a slash, as in
    /// Keras. A pattern that equals the name precedes all others.
    /// </summary>
    /// <param name="key">The name of a weight; or a pattern.</param>
    /// <exception cref="ArgumentException">
    /// Several patterns match; or the pattern is already there or invalid, or the optimizer consists of others.
    /// </exception>
    public Optimizer this[string key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            return Find(key, null);
        }
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            if (_entries.Any(e => e.Pattern == key))
                throw new ArgumentException($"The map already contains \"{key}\".", nameof(key));
            _ = new Regex(key);
            _entries.Add((key, Checked(value)));
        }
    }

    /// <summary>The optimizers in the order of Keras' files: by pattern, then the default.</summary>
    internal IReadOnlyList<Optimizer> Optimizers =>
        [.. _entries.Select(e => e.Optimizer).Append(DefaultOptimizer).Distinct()];

    /// <param name="name">The name of a weight.</param>
    /// <param name="model">The model's name; null to compare only the weight's own name.</param>
    internal Optimizer Find(string name, string? model)
    {
        string[] names = model is null ? [name] : [name, $"{model}/{name}"];
        foreach ((string pattern, Optimizer optimizer) in _entries)
            if (names.Contains(pattern)) return optimizer;
        (string Pattern, Optimizer Optimizer)[] matches = [.. _entries.Where(e => names.Any(n =>
            Regex.IsMatch(n, $"^(?:{e.Pattern})$", RegexOptions.CultureInvariant)))];
        return matches.Length switch
        {
            0 => DefaultOptimizer,
            1 => matches[0].Optimizer,
            _ => throw new ArgumentException($"Several optimizers are assigned to the weight {name}: those of "
                + $"{string.Join(", ", matches.Select(m => $"\"{m.Pattern}\""))}."),
        };
    }

    internal OptimizerMap Copy()
    {
        Dictionary<Optimizer, Optimizer> copies = Optimizers.ToDictionary(o => o, o => o.Copy());
        var copy = new OptimizerMap(copies[DefaultOptimizer]);
        foreach ((string pattern, Optimizer optimizer) in _entries) copy[pattern] = copies[optimizer];
        return copy;
    }

    internal JsonObject Serialize()
    {
        var entries = new JsonObject();
        foreach ((string pattern, Optimizer optimizer) in _entries) entries[pattern] = Wrap(optimizer);
        return Config.Wrap(nameof(OptimizerMap), new JsonObject
        {
            ["default_optimizer"] = Wrap(DefaultOptimizer),
            ["optimizer_map"] = entries,
        });
    }

    internal static OptimizerMap FromConfig(JsonElement element)
    {
        (string name, JsonElement settings) = Config.Open(element, "an optimizer map");
        var config = new Config(settings, name);
        var map = new OptimizerMap(Optimizer.FromConfig(
            config.Element("default_optimizer") ?? throw config.Missing("default_optimizer")));
        if (config.Element("optimizer_map") is { ValueKind: JsonValueKind.Object } entries)
        {
            foreach (JsonProperty entry in entries.EnumerateObject())
                map[entry.Name] = Optimizer.FromConfig(entry.Value);
        }
        return map;
    }

    static JsonObject Wrap(Optimizer optimizer) => Config.Wrap(optimizer.GetType().Name, optimizer.GetConfig());

    static Optimizer Checked(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return optimizer.Inner.Count == 0 ? optimizer
            : throw new ArgumentException($"A {optimizer.GetType().Name} cannot be part of an optimizer map.",
                nameof(optimizer));
    }
}
