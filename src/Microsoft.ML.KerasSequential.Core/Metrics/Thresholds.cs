using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Microsoft.ML.KerasSequential.Metrics;

/// <summary>
/// The thresholds above which a prediction is positive: one number in [0, 1], or several, with one result each.
/// </summary>
[CollectionBuilder(typeof(Thresholds), nameof(Create))]
public class Thresholds : IEnumerable<double>
{
    readonly bool _isList;

    Thresholds(double[] values, bool isList)
    {
        if (values.Length == 0) throw new ArgumentException("At least one threshold is required.", nameof(values));
        if (values.Any(v => !(v >= 0 && v <= 1)))
            throw new ArgumentException("Threshold values must be in [0, 1]. Invalid values: " +
                $"{string.Join(", ", values.Where(v => !(v >= 0 && v <= 1)))}.", nameof(values));
        (Values, _isList) = (values, isList);
    }

    /// <summary>The thresholds as numbers.</summary>
    public IReadOnlyList<double> Values { get; }

    /// <summary>Creates a list of thresholds (the target of collection expressions).</summary>
    /// <param name="values">The numbers.</param>
    /// <returns>The thresholds.</returns>
    public static Thresholds Create(ReadOnlySpan<double> values) => new(values.ToArray(), isList: true);

    /// <summary>One threshold.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Thresholds(double value) => new([value], isList: false);

    /// <summary>Several thresholds.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Thresholds(double[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new([.. values], isList: true);
    }

    /// <inheritdoc/>
    public IEnumerator<double> GetEnumerator() => Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The given thresholds, or Keras' default.</summary>
    internal static double[] Or(Thresholds? given, double otherwise) => given is null ? [otherwise] : [.. given.Values];

    /// <summary>A number, or a list as it was specified.</summary>
    internal JsonNode ToJson() => _isList ? new JsonArray([.. Values.Select(v => (JsonNode)v)]) : Values[0];
}
