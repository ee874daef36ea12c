namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// xʸ = exp(y·log x) in float64, so that float32's last bit is almost always correct, with the special values of C's
/// <c>pow</c>. Plain arithmetic, so that it gives the same results on every device.
/// </summary>
internal static class PowerFunction
{
    const int MantissaBits = 52, HalfExponent = 1022;
    const long ExponentMask = 0x7FF, MantissaMask = (1L << MantissaBits) - 1;
    const double Log2E = 1.4426950408889634, Ln2High = 0.69314718036912382, Ln2Low = 1.9082149292705877e-10;

    /// <summary>From here on, all float32 numbers are even.</summary>
    const float EvenFrom = 16777216f;

    /// <summary>Beyond these bounds the result is 0 or infinity.</summary>
    const double Lowest = -110, Highest = 90;

    public static float Of(float x, float y)
    {
        float size = x < 0f ? -x : x, exponent = y < 0f ? -y : y;
        bool small = exponent < EvenFrom, whole = !small || (int)y == y, odd = small && whole && ((int)y & 1) != 0;
        double power = size == 1f && !float.IsNaN(y) ? 1 : Exp(y * Log(size));
        // −0 is not less than 0, but its odd powers are negative, too.
        bool negative = (x < 0f || (x == 0f && 1f / x < 0f)) && odd;
        float result = negative ? -(float)power : (float)power;
        if (x < 0f && !whole && size < float.PositiveInfinity) result = float.NaN;
        // NaN·anything is NaN, except in these two cases.
        return y == 0f || x == 1f ? 1f : result;
    }

    static double Log(float value)
    {
        if (value == 0f) return double.NegativeInfinity;
        if (!(value < float.PositiveInfinity)) return value;
        long bits = BitConverter.DoubleToInt64Bits(value);
        int e = (int)((bits >> MantissaBits) & ExponentMask) - HalfExponent;
        double m = BitConverter.Int64BitsToDouble((bits & MantissaMask) | ((long)HalfExponent << MantissaBits));
        // Into [√½, √2), where the series of the inverse hyperbolic tangent converges quickly.
        if (m < 0.7071067811865476)
        {
            m += m;
            e--;
        }
        double s = (m - 1) / (m + 1), z = s * s;
        double sum = 1.0 / 19;
        sum = sum * z + 1.0 / 17;
        sum = sum * z + 1.0 / 15;
        sum = sum * z + 1.0 / 13;
        sum = sum * z + 1.0 / 11;
        sum = sum * z + 1.0 / 9;
        sum = sum * z + 1.0 / 7;
        sum = sum * z + 1.0 / 5;
        sum = sum * z + 1.0 / 3;
        return e * Ln2High + (2 * s + (2 * s * z * sum + e * Ln2Low));
    }

    static double Exp(double x)
    {
        if (!(x >= Lowest)) return x < Lowest ? 0 : x;
        if (x > Highest) return double.PositiveInfinity;
        int n = (int)(x * Log2E + (x < 0 ? -0.5 : 0.5));
        double r = x - n * Ln2High - n * Ln2Low;
        double sum = 1.0 / 39916800;
        sum = sum * r + 1.0 / 3628800;
        sum = sum * r + 1.0 / 362880;
        sum = sum * r + 1.0 / 40320;
        sum = sum * r + 1.0 / 5040;
        sum = sum * r + 1.0 / 720;
        sum = sum * r + 1.0 / 120;
        sum = sum * r + 1.0 / 24;
        sum = sum * r + 1.0 / 6;
        sum = sum * r + 0.5;
        sum = sum * r + 1;
        sum = sum * r + 1;
        return sum * BitConverter.Int64BitsToDouble((long)(n + HalfExponent + 1) << MantissaBits);
    }
}
