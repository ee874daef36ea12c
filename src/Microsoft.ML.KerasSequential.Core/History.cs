using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

/// <summary>The result of <c>fit</c>: one value per epoch for each name in the logs (Keras
/// <c>keras.callbacks.History</c>).</summary>
public sealed class History : Callback, IReadOnlyDictionary<string, IReadOnlyList<double>>
{
    readonly List<int> _epoch = [];
    readonly List<string> _names = [];
    readonly Dictionary<string, List<double>> _values = [];
    readonly Dictionary<string, List<int>> _rows = [];

    /// <summary>The trained epochs, counted from 0.</summary>
    public IReadOnlyList<int> Epoch => _epoch;

    /// <summary>The names, in the order in which they first appeared.</summary>
    public IEnumerable<string> Keys => _names;

    /// <inheritdoc/>
    public IEnumerable<IReadOnlyList<double>> Values => _names.Select(n => _values[n]);

    /// <summary>The number of names.</summary>
    public int Count => _names.Count;

    /// <summary>The values for a name.</summary>
    /// <param name="key">A name, such as <c>loss</c> or <c>val_accuracy</c>.</param>
    /// <exception cref="KeyNotFoundException">The name does not exist.</exception>
    public IReadOnlyList<double> this[string key] => _values.TryGetValue(key, out List<double>? values) ? values
        : throw new KeyNotFoundException(
            $"The history has no \"{key}\"; it has {string.Join(", ", _names.Select(n => $"\"{n}\""))}.");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out IReadOnlyList<double> value)
    {
        bool found = _values.TryGetValue(key, out List<double>? list);
        value = list;
        return found;
    }

    /// <summary>The values for a name in the order of <see cref="Epoch"/>; null for epochs without one, for example
    /// without validation.</summary>
    internal IReadOnlyList<double?> Column(string name)
    {
        var column = new double?[_epoch.Count];
        foreach ((int row, double value) in _rows[name].Zip(_values[name])) column[row] = value;
        return column;
    }

    /// <inheritdoc/>
    public override void OnTrainBegin()
    {
        _epoch.Clear();
        _names.Clear();
        _values.Clear();
        _rows.Clear();
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(int epoch, IDictionary<string, double> logs)
    {
        ArgumentNullException.ThrowIfNull(logs);
        _epoch.Add(epoch);
        foreach ((string name, double value) in logs)
        {
            if (!_values.TryGetValue(name, out List<double>? list))
            {
                _names.Add(name);
                (_values[name], _rows[name]) = (list = [], []);
            }
            list.Add(value);
            _rows[name].Add(_epoch.Count - 1);
        }
    }

    /// <inheritdoc/>
    public override JsonNode? GetState() => new JsonObject
    {
        ["epoch"] = new JsonArray([.. _epoch.Select(e => (JsonNode)e)]),
        ["values"] = new JsonArray(
            [.. _names.Select(n => (JsonNode)new JsonObject
                { ["name"] = n, ["values"] = new JsonArray([.. _values[n].Select(Exact.Of)]),
                    ["rows"] = new JsonArray([.. _rows[n].Select(r => (JsonNode)r)]) })]),
    };

    /// <inheritdoc/>
    public override void SetState(JsonElement state)
    {
        OnTrainBegin();
        _epoch.AddRange(state.GetProperty("epoch").EnumerateArray().Select(e => e.GetInt32()));
        foreach (JsonElement series in state.GetProperty("values").EnumerateArray())
        {
            string name = series.GetProperty("name").GetString()!;
            _names.Add(name);
            _values[name] = [.. series.GetProperty("values").EnumerateArray().Select(Exact.Read)];
            // Version 0.1 checkpoints do not contain the rows: a short series started late.
            _rows[name] = series.TryGetProperty("rows", out JsonElement rows)
                ? [.. rows.EnumerateArray().Select(r => r.GetInt32())]
                : [.. Enumerable.Range(_epoch.Count - _values[name].Count, _values[name].Count)];
        }
    }

    /// <summary>A table with a row an epoch, counted from 1; of more than 20 epochs, the first and last five.</summary>
    /// <returns>The text, of several lines.</returns>
    public override string ToString() => Utils.HistoryTable.Of(this);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, IReadOnlyList<double>>> GetEnumerator() =>
        _names.Select(n => KeyValuePair.Create(n, (IReadOnlyList<double>)_values[n])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
