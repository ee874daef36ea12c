using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Microsoft.ML.KerasSequential;

/// <summary>Loss and metrics by name, and by position in the order of <c>metrics_names</c>.</summary>
public sealed class Evaluation : IReadOnlyDictionary<string, double>
{
    readonly IReadOnlyList<string> _names;
    readonly double[] _values;

    internal Evaluation(IReadOnlyList<string> names, double[] values) => (_names, _values) = (names, values);

    /// <summary>The names, the loss first.</summary>
    public IEnumerable<string> Keys => _names;

    /// <summary>The values, the loss first.</summary>
    public IEnumerable<double> Values => _values;

    /// <summary>The number of values.</summary>
    public int Count => _values.Length;

    /// <summary>The loss: the first value.</summary>
    public double Loss => _values[0];

    /// <summary>A value by position; 0 is the loss.</summary>
    /// <param name="index">The position.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is out of range.</exception>
    public double this[int index] => (uint)index < (uint)_values.Length ? _values[index]
        : throw new ArgumentOutOfRangeException(nameof(index),
            $"There is no position {index}; there are "
            + $"{string.Join(", ", _names.Select((n, i) => $"\"{n}\" at {i}"))}.");

    /// <summary>A value by name.</summary>
    /// <param name="key">A name of <c>metrics_names</c>.</param>
    /// <exception cref="KeyNotFoundException">The name does not exist.</exception>
    public double this[string key] => TryGetValue(key, out double value) ? value
        : throw new KeyNotFoundException(
            $"There is no \"{key}\"; there are {string.Join(", ", _names.Select(n => $"\"{n}\""))}.");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _names.Contains(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out double value)
    {
        for (int i = 0; i < _names.Count; i++)
        {
            if (_names[i] != key) continue;
            value = _values[i];
            return true;
        }
        value = 0;
        return false;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, double>> GetEnumerator() =>
        _names.Select((n, i) => KeyValuePair.Create(n, _values[i])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Names and values on one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        string.Join(" - ", this.Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Key}: {e.Value:0.0000}")));
}
