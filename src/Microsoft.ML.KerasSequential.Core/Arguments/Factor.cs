using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential;

/// <summary>How strong a random change is: a number, which is the largest strength, or the range from which the
/// strength is drawn (Keras takes a number or a pair).</summary>
[CollectionBuilder(typeof(Factor), nameof(Create))]
public sealed class Factor : IEnumerable<double>
{
    readonly double[] _values;

    Factor(params double[] values) => _values = values;

    /// <summary>Makes a factor (the target of collection expressions).</summary>
    /// <param name="values">A single number, or the ends of a range.</param>
    /// <returns>The factor.</returns>
    public static Factor Create(ReadOnlySpan<double> values) => new(values.ToArray());

    /// <summary>A single number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Factor(double value) => new(value);

    /// <summary>The ends of a range.</summary>
    /// <param name="values">The ends, in any order.</param>
    public static implicit operator Factor((double, double) values) => new(values.Item1, values.Item2);

    /// <summary>A single number, or the ends of a range; a null array gives null.</summary>
    /// <param name="values">One or two numbers.</param>
    [return: NotNullIfNotNull(nameof(values))]
    public static implicit operator Factor?(double[]? values) => values is null ? null : new((double[])values.Clone());

    /// <inheritdoc/>
    public IEnumerator<double> GetEnumerator() => ((IEnumerable<double>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The text of the numbers.</summary>
    /// <returns>For example, <c>0.2</c> or <c>(0.1, 0.3)</c>.</returns>
    public override string ToString()
    {
        string numbers = string.Join(", ", _values.Select(v => v.ToString(CultureInfo.InvariantCulture)));
        return _values.Length == 1 ? numbers : $"({numbers})";
    }

    /// <summary>The range, where the ends of a pair have to overlap the bounds, and a number has to be within
    /// them.</summary>
    internal (double Low, double High) Overlapping(double low, double high, string name)
    {
        bool fits = _values.Length switch
        {
            1 => _values[0] >= low && _values[0] <= high,
            2 => _values[0] <= high && _values[1] >= low,
            _ => false,
        };
        if (!fits) throw OutOfRange($"[{Text(low)}, {Text(high)}]", name);
        return _values is [double one] ? (Math.Max(-Math.Abs(one), low), Math.Abs(one)) : Sorted();
    }

    /// <summary>The range, where each number has to be within the bounds.</summary>
    /// <param name="low">The lower bound.</param>
    /// <param name="lowIsIncluded">Whether a number can be the lower bound.</param>
    /// <param name="high">The upper bound, included.</param>
    /// <param name="name">The argument's name.</param>
    /// <param name="fromZero">Whether a single number means a range from 0, not from its negative.</param>
    internal (double Low, double High) Within(double low, bool lowIsIncluded, double high, string name,
        bool fromZero = false)
    {
        if (_values.Length is not (1 or 2) || !_values.All(v => (lowIsIncluded ? v >= low : v > low) && v <= high))
            throw OutOfRange($"{(lowIsIncluded ? "[" : "(")}{Text(low)}, {Text(high)}]", name);
        return _values is [double one] ? (fromZero ? 0 : -Math.Abs(one), Math.Abs(one)) : Sorted();
    }

    /// <summary>Two numbers, as given or sorted.</summary>
    internal (double Low, double High) Pair(string name, bool sorted)
    {
        if (_values.Length != 2 || !_values.All(double.IsFinite))
            throw new ArgumentException($"The `{name}` argument should be two numbers; given {this}.", name);
        return sorted ? Sorted() : (_values[0], _values[1]);
    }

    internal JsonNode ToJson() => _values is [double one] ? JsonValue.Create(one) : ToJson((_values[0], _values[1]));

    internal static JsonNode ToJson((double Low, double High) range) => new JsonArray(range.Low, range.High);

    (double, double) Sorted() => (Math.Min(_values[0], _values[1]), Math.Max(_values[0], _values[1]));

    ArgumentOutOfRangeException OutOfRange(string bounds, string name) =>
        new(name, $"The `{name}` argument should be a number, or two, in the range {bounds}; given {this}.");

    static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
