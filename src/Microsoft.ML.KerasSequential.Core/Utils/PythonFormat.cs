using System.Globalization;
using System.Text;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Python's <c>str.format</c> for named numbers, as used in file name patterns:
/// <c>{epoch:02d}-{val_loss:.2f}</c>.</summary>
internal static class PythonFormat
{
    /// <summary>Fills in the values.</summary>
    /// <exception cref="ArgumentException">A name is unknown, or the pattern is malformed.</exception>
    public static string Apply(string pattern, IReadOnlyDictionary<string, double> values) =>
        Apply(pattern, name => values.TryGetValue(name, out double value) ? value
        : throw new ArgumentException(
            $"The pattern \"{pattern}\" uses \"{name}\"; known names are {string.Join(", ", values.Keys)}.",
            nameof(pattern)));

    static string Apply(string pattern, Func<string, double> valueOf)
    {
        var result = new StringBuilder();
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c is '{' or '}' && i + 1 < pattern.Length && pattern[i + 1] == c)
            {
                result.Append(c);
                i++;
            }
            else if (c == '}')
            {
                throw new ArgumentException($"Single '}}' encountered in the pattern \"{pattern}\".", nameof(pattern));
            }
            else if (c == '{')
            {
                int end = pattern.IndexOf('}', i);
                if (end < 0)
                    throw new ArgumentException($"Single '{{' encountered in the pattern \"{pattern}\".",
                        nameof(pattern));
                result.Append(Field(pattern[(i + 1)..end], valueOf, pattern));
                i = end;
            }
            else
            {
                result.Append(c);
            }
        }
        return result.ToString();
    }

    /// <summary>The names that a pattern uses.</summary>
    /// <exception cref="ArgumentException">The pattern is malformed.</exception>
    public static IReadOnlyList<string> Names(string pattern)
    {
        var names = new List<string>();
        Apply(pattern, name =>
        {
            names.Add(name);
            return 1;
        });
        return names;
    }

    /// <summary>A number as Python's <c>repr</c> writes it: the shortest digits that round-trip.</summary>
    public static string Repr(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        string text = value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        return text.AsSpan().ContainsAny('.', 'e') ? text : text + ".0";
    }

    static string Field(string field, Func<string, double> valueOf, string pattern)
    {
        int colon = field.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? field : field[..colon], format = colon < 0 ? "" : field[(colon + 1)..];
        double value = valueOf(name);
        if (format.Length == 0)
            return name is "epoch" or "batch" ? ((long)value).ToString(CultureInfo.InvariantCulture) : Repr(value);

        // [0][width][.precision][type]
        int at = 0;
        bool zeros = format[0] == '0';
        int width = Number(format, ref at);
        int precision = 6;
        if (at < format.Length && format[at] == '.')
        {
            at++;
            precision = Number(format, ref at);
        }
        string type = format[at..];
        string text = type switch
        {
            "d" => ((long)value).ToString(CultureInfo.InvariantCulture),
            "f" or "F" => value.ToString("F" + precision, CultureInfo.InvariantCulture),
            "e" => value.ToString((precision == 0 ? "0" : "0." + new string('0', precision)) + "e+00",
                CultureInfo.InvariantCulture),
            "g" or "" => value.ToString("G" + Math.Max(1, precision), CultureInfo.InvariantCulture).ToLowerInvariant(),
            "%" => (value * 100).ToString("F" + precision, CultureInfo.InvariantCulture) + "%",
            _ => throw new ArgumentException($"The pattern \"{pattern}\" has the format \"{format}\"; supported are d, "
                + "f, e, g and %, with width and precision.", nameof(pattern)),
        };
        if (!zeros) return text.PadLeft(width);
        return text.StartsWith('-') ? "-" + text[1..].PadLeft(Math.Max(0, width - 1), '0') : text.PadLeft(width, '0');
    }

    static int Number(string format, ref int at)
    {
        int start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at])) at++;
        return at == start ? 0 : int.TryParse(format.AsSpan(start, at - start), out int number) && number <= 100
            ? number
            : throw new ArgumentException($"The format \"{format}\" would produce more than 100 characters.",
                nameof(format));
    }
}
