using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// Exponential, logarithm and related functions for any lane, accurate to 4 ulp, with IEEE infinities and NaN. The
/// minimax coefficients are from the Cephes library (S. L. Moshier, single precision).
/// </summary>
internal static class LaneMath
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x) where T : struct, ILane<T>
    {
        // Beyond these bounds the result is 0 or infinity anyway; the bounds keep the exponent in range.
        x = T.AtLeast(T.Splat(-104f), T.AtMost(T.Splat(89f), x));
        T n = T.Round(x * T.Splat(1.44269504088896341f));
        T r = T.Fma(n, T.Splat(-0.693359375f), x);
        r = T.Fma(n, T.Splat(2.12194440e-4f), r);
        T p = T.Splat(1.9875691500e-4f);
        p = T.Fma(p, r, T.Splat(1.3981999507e-3f));
        p = T.Fma(p, r, T.Splat(8.3334519073e-3f));
        p = T.Fma(p, r, T.Splat(4.1665795894e-2f));
        p = T.Fma(p, r, T.Splat(1.6666665459e-1f));
        p = T.Fma(p, r, T.Splat(5.0000001201e-1f));
        p = T.Fma(p, r * r, r) + T.Splat(1f);
        return T.ScaleB(p, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log<T>(T x) where T : struct, ILane<T>
    {
        T one = T.Splat(1f);
        T subnormal = T.Less(x, T.Splat(FloatBits.SmallestNormal));
        T normal = T.Select(subnormal, x * T.Splat(8388608f), x);
        T e = T.Exponent(normal) - T.Select(subnormal, T.Splat(23f), T.Splat(0f));
        T m = T.Mantissa(normal);

        // Into [√½, √2), so that the polynomial's argument is small on both sides of 1.
        T low = T.Less(m, T.Splat(0.707106781186547524f));
        e = e - T.Select(low, one, T.Splat(0f));
        m = T.Select(low, m + m, m) - one;

        T z = m * m;
        T p = T.Splat(7.0376836292e-2f);
        p = T.Fma(p, m, T.Splat(-1.1514610310e-1f));
        p = T.Fma(p, m, T.Splat(1.1676998740e-1f));
        p = T.Fma(p, m, T.Splat(-1.2420140846e-1f));
        p = T.Fma(p, m, T.Splat(1.4249322787e-1f));
        p = T.Fma(p, m, T.Splat(-1.6668057665e-1f));
        p = T.Fma(p, m, T.Splat(2.0000714765e-1f));
        p = T.Fma(p, m, T.Splat(-2.4999993993e-1f));
        p = T.Fma(p, m, T.Splat(3.3333331174e-1f));
        T y = p * m * z;
        y = T.Fma(e, T.Splat(-2.12194440e-4f), y);
        y = T.Fma(z, T.Splat(-0.5f), y);
        y = T.Fma(e, T.Splat(0.693359375f), m + y);

        // log 0 = −∞, log ∞ = ∞, NaN for negative values and NaN.
        y = T.Select(T.Less(T.Splat(0f), x), y, T.Splat(float.NaN));
        y = T.Select(T.Equal(x, T.Splat(0f)), T.Splat(float.NegativeInfinity), y);
        return T.Select(T.Equal(x, T.Splat(float.PositiveInfinity)), x, y);
    }

    /// <summary>log(1 + x), accurate for small x (Kahan's correction of the rounded sum).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log1p<T>(T x) where T : struct, ILane<T>
    {
        T one = T.Splat(1f), u = one + x, rounded = u - one;
        T corrected = Log(u) * (x / rounded);
        T exact = T.Select(T.Equal(u, one), x, corrected);
        return T.Select(T.Equal(u, T.Splat(float.PositiveInfinity)), u, exact);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tanh<T>(T x) where T : struct, ILane<T>
    {
        T a = T.Abs(x), z = x * x;
        T p = T.Splat(-5.70498872745e-3f);
        p = T.Fma(p, z, T.Splat(2.06390887954e-2f));
        p = T.Fma(p, z, T.Splat(-5.37397155531e-2f));
        p = T.Fma(p, z, T.Splat(1.33314422036e-1f));
        p = T.Fma(p, z, T.Splat(-3.33332819422e-1f));
        T small = T.Fma(p * z, x, x);
        T one = T.Splat(1f), e = Exp(a + a);
        T large = T.CopySign(one - T.Splat(2f) / (e + one), x);
        return T.Select(T.Less(a, T.Splat(0.625f)), small, large);
    }

    /// <summary>
    /// Up to this number of quarter turns, its product with each part of π/2 except the last is exact.
    /// </summary>
    const float LargestNearAngle = 8192f;

    /// <summary>Below this, the sine equals its angle, and −0 stays −0.</summary>
    const float SmallestAngle = 2e-4f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sin<T>(T x) where T : struct, ILane<T>
    {
        (T rest, T quarters) = Turned(x);
        return T.Select(T.Less(T.Abs(x), T.Splat(SmallestAngle)), x, Wave(rest, quarters));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Cos<T>(T x) where T : struct, ILane<T>
    {
        (T rest, T quarters) = Turned(x);
        return Wave(rest, quarters + T.Splat(1f));
    }

    /// <summary>The angle without its quarter turns, within [−π/4, π/4], and their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (T Left, T Quarters) Turned<T>(T x) where T : struct, ILane<T>
    {
        T n = T.Round(x * T.Splat(0.6366197723675814f));
        // π/2 in parts of 11 bits and a remainder, after W. Cody and W. Waite (1980).
        T r = T.Fma(n, T.Splat(-1.5703125f), x);
        r = T.Fma(n, T.Splat(-0.0004837512969970703f), r);
        r = T.Fma(n, T.Splat(-7.549533620476723e-08f), r);
        r = T.Fma(n, T.Splat(-2.5633440682570896e-12f), r);
        T far = T.Less(T.Splat(LargestNearAngle), T.Abs(x));
        if (!T.Any(far)) return (r, n);
        (T rest, T quarters) = T.QuarterTurns(x);
        return (T.Select(far, rest, r), T.Select(far, quarters, n));
    }

    /// <summary>The sine of a remainder and a number of quarter turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static T Wave<T>(T r, T n) where T : struct, ILane<T>
    {
        T z = r * r;
        T s = T.Splat(-1.9515295891e-4f);
        s = T.Fma(s, z, T.Splat(8.3321608736e-3f));
        s = T.Fma(s, z, T.Splat(-1.6666654611e-1f));
        s = T.Fma(s * z, r, r);
        T c = T.Splat(2.443315711809948e-5f);
        c = T.Fma(c, z, T.Splat(-1.388731625493765e-3f));
        c = T.Fma(c, z, T.Splat(4.166664568298827e-2f));
        c = T.Fma(c, z * z, T.Fma(T.Splat(-0.5f), z, T.Splat(1f)));
        // Of the four quarters, the second and the fourth are cosines, and the last two are negative.
        T quarter = n - T.Splat(4f) * T.Floor(n * T.Splat(0.25f));
        T half = T.Floor(quarter * T.Splat(0.5f));
        T y = T.Select(T.Less(T.Splat(0.5f), quarter - half - half), c, s);
        return T.Select(T.Less(T.Splat(0.5f), half), -y, y);
    }

    /// <summary>Angles of any magnitude, one by one.</summary>
    public static unsafe (T Left, T Quarters) QuarterTurnsEach<T>(T x) where T : struct, ILane<T>
    {
        float* rest = stackalloc float[T.Width], quarters = stackalloc float[T.Width];
        T.Store(rest, x);
        for (int i = 0; i < T.Width; i++) rest[i] = QuarterTurns.Of(rest[i], out quarters[i]);
        return (T.Load(rest), T.Load(quarters));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sigmoid<T>(T x) where T : struct, ILane<T>
    {
        T one = T.Splat(1f);
        return one / (one + Exp(-x));
    }

    /// <summary>log(1 + eˣ) without overflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Softplus<T>(T x) where T : struct, ILane<T> =>
        T.AtLeast(T.Splat(0f), x) + Log1p(Exp(-T.Abs(x)));

    /// <summary>eˣ − 1, accurate for small x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Expm1<T>(T x) where T : struct, ILane<T>
    {
        T z = x * x;
        T p = T.Splat(1.9875691500e-4f);
        p = T.Fma(p, x, T.Splat(1.3981999507e-3f));
        p = T.Fma(p, x, T.Splat(8.3334519073e-3f));
        p = T.Fma(p, x, T.Splat(4.1665795894e-2f));
        p = T.Fma(p, x, T.Splat(1.6666665459e-1f));
        p = T.Fma(p, x, T.Splat(5.0000001201e-1f));
        T small = T.Fma(p, z, x);
        return T.Select(T.Less(T.Abs(x), T.Splat(0.34657359f)), small, Exp(x) - T.Splat(1f));
    }

    /// <summary>
    /// The error function 2/√π·∫₀ˣ exp(−t²) dt. Up to 1 a polynomial in x²; beyond, 1 − exp(−q) with a polynomial q
    /// fitted to −log erfc(x).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Erf<T>(T x) where T : struct, ILane<T>
    {
        T z = x * x;
        T p = T.Splat(7.88249713e-5f);
        p = T.Fma(p, z, T.Splat(-8.018855e-4f));
        p = T.Fma(p, z, T.Splat(5.18931194e-3f));
        p = T.Fma(p, z, T.Splat(-2.68543288e-2f));
        p = T.Fma(p, z, T.Splat(1.12835974e-1f));
        p = T.Fma(p, z, T.Splat(-3.76126269e-1f));
        p = T.Fma(p, z, T.Splat(1.28379167e-1f));
        T small = T.Fma(p, x, x);
        T far = T.AtMost(T.Splat(4f), T.Abs(x));
        T q = T.Splat(1.33093904e-5f);
        q = T.Fma(q, far, T.Splat(-3.17572035e-4f));
        q = T.Fma(q, far, T.Splat(3.4368676e-3f));
        q = T.Fma(q, far, T.Splat(-2.26219859e-2f));
        q = T.Fma(q, far, T.Splat(1.0331898e-1f));
        q = T.Fma(q, far, T.Splat(6.39093319e-1f));
        q = T.Fma(q, far, T.Splat(1.12592595f));
        q = T.Fma(q, far, T.Splat(7.56968624e-4f));
        T large = T.CopySign(T.Splat(1f) - Exp(-q), x);
        return T.Select(T.Less(T.Abs(x), T.Splat(1f)), small, large);
    }

    /// <summary>xʸ, element by element: rare in networks, so accuracy comes before speed.</summary>
    public static unsafe T PowEach<T>(T x, T y) where T : struct, ILane<T>
    {
        float* a = stackalloc float[T.Width], b = stackalloc float[T.Width];
        T.Store(a, x);
        T.Store(b, y);
        for (int i = 0; i < T.Width; i++) a[i] = PowerFunction.Of(a[i], b[i]);
        return T.Load(a);
    }
}
