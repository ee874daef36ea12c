using System.Globalization;
using Microsoft.ML.KerasSequential.Reading;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// The weights of the rows of each label value (Keras <c>class_weight</c>). Values are those of the label column before
/// it was mapped to keys: text, numbers, or Booleans. For a key column without key values, use the index, from 0.
/// </summary>
public sealed class ClassWeights
{
    readonly Dictionary<string, double> _factors = [];

    ClassWeights(IEnumerable<KeyValuePair<string, double>> factors)
    {
        foreach ((string value, double factor) in factors)
        {
            if (!double.IsFinite(factor))
                throw new ArgumentException($"The weight of class {value} must be a finite number; given {factor}.",
                    nameof(factors));
            _factors[value] = factor;
        }
    }

    /// <summary>Weights by the text of the label value.</summary>
    /// <param name="factors">The weights.</param>
    public static implicit operator ClassWeights(Dictionary<string, double> factors) => new(NotNull(factors));

    /// <summary>Weights by label value.</summary>
    /// <param name="factors">The weights.</param>
    public static implicit operator ClassWeights(Dictionary<int, double> factors) =>
        new(NotNull(factors).Select(f => KeyValuePair.Create(Name(f.Key), f.Value)));

    /// <summary>Weights by label value.</summary>
    /// <param name="factors">The weights.</param>
    public static implicit operator ClassWeights(Dictionary<float, double> factors) =>
        new(NotNull(factors).Select(f => KeyValuePair.Create(Name(f.Key), f.Value)));

    /// <summary>Weights by label value.</summary>
    /// <param name="factors">The weights.</param>
    public static implicit operator ClassWeights(Dictionary<bool, double> factors) =>
        new(NotNull(factors).Select(f => KeyValuePair.Create(Name(f.Key), f.Value)));

    /// <summary>A label value as text.</summary>
    internal static string Name(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    /// <summary>Gets the weight of each class.</summary>
    /// <param name="names">The label values, class by class.</param>
    /// <param name="column">The label column, for the error.</param>
    /// <exception cref="ArgumentException">A class has no weight, or a weight has no class.</exception>
    internal float[] Of(IReadOnlyList<string> names, string column)
    {
        string[] wrong = [.. _factors.Keys.Except(names)], missing = [.. names.Except(_factors.Keys)];
        if (wrong.Length + missing.Length == 0) return [.. names.Select(n => (float)_factors[n])];
        string complaint = wrong.Length > 0
            ? $"{string.Join(", ", wrong.Take(5))} {(wrong.Length == 1 ? "is not a value" : "are not values")} of the "
                + "label"
            : $"the label's {string.Join(", ", missing.Take(5))} {(missing.Length == 1 ? "has" : "have")} no weight";
        throw Complaint.About(nameof(KerasSequentialOptions.ClassWeight),
            $"`class_weight` must contain all classes in the data: {complaint} \"{column}\", whose values are "
            + $"{string.Join(", ", names.Take(20))}{(names.Count > 20 ? " …" : "")}.");
    }

    static Dictionary<TKey, double> NotNull<TKey>(Dictionary<TKey, double> factors) where TKey : notnull =>
        factors ?? throw new ArgumentNullException(nameof(factors));
}
