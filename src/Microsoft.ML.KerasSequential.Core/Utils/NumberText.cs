using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>
/// A float32 in decimal digits, as NumPy writes it: the fewest digits that mean this number and no other, or fewer if
/// they would go beyond a number of places.
/// </summary>
internal static class NumberText
{
    const int MantissaBits = 23, Bias = 150;

    /// <summary>As NumPy prints a number alone: <c>3.0</c>, <c>0.1</c>, <c>1e-05</c>.</summary>
    public static string Alone(float value)
    {
        if (!float.IsFinite(value)) return Special(value);
        float size = Math.Abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e16))
        {
            (string whole, string fraction, string exponent) = Scientific(value);
            return fraction.Length == 0 ? $"{whole}e{exponent}" : $"{whole}.{fraction}e{exponent}";
        }
        (string integer, string places) = Positional(value, int.MaxValue);
        return $"{integer}.{(places.Length == 0 ? "0" : places)}";
    }

    /// <summary><c>nan</c>, <c>inf</c> or <c>-inf</c>.</summary>
    public static string Special(float value) => float.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";

    /// <summary>The digits before the point, with the sign, and those behind it.</summary>
    /// <param name="value">A finite number.</param>
    /// <param name="precision">How many digits there may be behind the point.</param>
    public static (string Whole, string Fraction) Positional(float value, int precision)
    {
        (string digits, int point) = Digits(value);
        string sign = float.IsNegative(value) ? "-" : "";
        if (digits.Length - point > precision) return Rounded(value, precision, sign);
        if (point <= 0) return ($"{sign}0", new string('0', -point) + digits);
        return point >= digits.Length ? (sign + digits.PadRight(point, '0'), "")
            : (sign + digits[..point], digits[point..]);
    }

    /// <summary>The digit before the point, with the sign; those behind it; the exponent, with its sign.</summary>
    /// <param name="value">A finite number.</param>
    public static (string Whole, string Fraction, string Exponent) Scientific(float value)
    {
        (string digits, int point) = Digits(value);
        int exponent = value == 0 ? 0 : point - 1;
        string power = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
        return ((float.IsNegative(value) ? "-" : "") + (digits.Length == 0 ? "0" : digits[..1]),
            digits.Length == 0 ? "" : digits[1..], (exponent < 0 ? "-" : "+") + power);
    }

    /// <summary>
    /// With so many digits behind the point: the shortest ones, or, where they are fewer, those of the exact value.
    /// </summary>
    /// <param name="value">A finite number.</param>
    /// <param name="places">How many digits; the shortest ones are not more.</param>
    public static (string Whole, string Fraction, string Exponent) Scientific(float value, int places)
    {
        (string whole, string fraction, string exponent) = Scientific(value);
        if (value == 0 || fraction.Length >= places) return (whole, fraction.PadRight(places, '0'), exponent);
        string text = value.ToString($"E{places}", CultureInfo.InvariantCulture);
        int dot = text.IndexOf('.', StringComparison.Ordinal), e = text.IndexOf('E', StringComparison.Ordinal);
        int power = int.Parse(text.AsSpan(e + 2), NumberStyles.None, CultureInfo.InvariantCulture);
        return (text[..dot], text[(dot + 1)..e], text[e + 1] + power.ToString("00", CultureInfo.InvariantCulture));
    }

    /// <summary>The shortest digits, without zeros at either end, and where the point stands among them.</summary>
    static (string Digits, int Point) Digits(float value)
    {
        if (value == 0) return ("", 0);
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int e = shortest.IndexOf('E', StringComparison.Ordinal);
        int power = e < 0 ? 0
            : int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = e < 0 ? shortest : shortest[..e];
        int dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        int point = (dot < 0 ? mantissa.Length : dot) + power;
        string trimmed = all.TrimStart('0');
        return (trimmed.TrimEnd('0'), point - (all.Length - trimmed.Length));
    }

    /// <summary>The exact value rounded to some places, ties to even, without zeros at the end.</summary>
    static (string Whole, string Fraction) Rounded(float value, int places, string sign)
    {
        int bits = BitConverter.SingleToInt32Bits(value), exponent = (bits >> MantissaBits) & 0xFF;
        BigInteger mantissa = bits & ((1 << MantissaBits) - 1);
        if (exponent == 0) exponent = 1;
        else mantissa += 1 << MantissaBits;
        // Only fractions are rounded, so that the power of two is negative.
        BigInteger unit = BigInteger.One << (Bias - exponent);
        BigInteger quotient = BigInteger.DivRem(mantissa * BigInteger.Pow(10, places), unit, out BigInteger rest);
        int half = (rest * 2).CompareTo(unit);
        if (half > 0 || (half == 0 && !quotient.IsEven)) quotient++;
        string digits = quotient.ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
        return (sign + digits[..^places], digits[^places..].TrimEnd('0'));
    }
}
