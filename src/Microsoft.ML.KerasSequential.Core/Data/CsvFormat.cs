using System.Collections.Frozen;
using System.Globalization;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>How the fields of a CSV file are read as numbers, whatever the culture of the process.</summary>
internal sealed class CsvFormat
{
    /// <summary>What pandas takes for a missing value.</summary>
    static readonly string[] s_missing =
    [
        "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
        "NULL", "NaN", "None", "n/a", "nan", "null",
    ];

    readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _missing;
    readonly float _missingValue;

    /// <exception cref="ArgumentException">The separator is a quote or ends a line.</exception>
    public CsvFormat(char separator, float missingValue, IEnumerable<string>? missingTexts)
    {
        if (separator is '"' or '\r' or '\n')
            throw new ArgumentException("A quote or a line end cannot separate fields.", nameof(separator));
        Separator = separator;
        _missingValue = missingValue;
        _missing = (missingTexts ?? s_missing).ToFrozenSet(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public char Separator { get; }

    public bool IsMissing(ReadOnlySpan<char> field) => _missing.Contains(field.Trim());

    /// <summary>A field as a number: the value for missing ones, 1 and 0 for true and false.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The number, rounded to float32.</param>
    /// <returns>False if it is none, or one beyond float32.</returns>
    public bool TryParse(ReadOnlySpan<char> field, out float value)
    {
        field = field.Trim();
        if (_missing.Contains(field))
        {
            value = _missingValue;
            return true;
        }
        if (float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            return !float.IsInfinity(value) || !field.ContainsAnyInRange('0', '9');
        bool isTrue = field.Equals("true", StringComparison.OrdinalIgnoreCase);
        bool isFalse = field.Equals("false", StringComparison.OrdinalIgnoreCase);
        if (isTrue || isFalse)
        {
            value = isTrue ? 1 : 0;
            return true;
        }
        // As Python writes infinity; .NET writes it in full.
        bool isPositive = field.TrimStart('+').Equals("inf", StringComparison.OrdinalIgnoreCase);
        bool isNegative = field.Equals("-inf", StringComparison.OrdinalIgnoreCase);
        value = isPositive ? float.PositiveInfinity : float.NegativeInfinity;
        return isPositive || isNegative;
    }
}
