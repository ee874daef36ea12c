using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>4 values in one 128-bit register.</summary>
internal readonly unsafe struct Lane128(Vector128<float> v) : ILane<Lane128>
{
    readonly Vector128<float> v = v;

    public static int Width => 4;

    [MethodImpl(Inline)] public static Lane128 Splat(float value) => new(Vector128.Create(value));
    [MethodImpl(Inline)] public static Lane128 Load(float* source) => new(Vector128.Load(source));
    [MethodImpl(Inline)] public static void Store(float* target, Lane128 value) => value.v.Store(target);

    [MethodImpl(Inline)] public static Lane128 operator +(Lane128 a, Lane128 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static Lane128 operator -(Lane128 a, Lane128 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static Lane128 operator *(Lane128 a, Lane128 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static Lane128 operator /(Lane128 a, Lane128 b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static Lane128 operator -(Lane128 a) => new(-a.v);

    [MethodImpl(Inline)]
    public static Lane128 Fma(Lane128 a, Lane128 b, Lane128 c) =>
        new(Vector128.MultiplyAddEstimate(a.v, b.v, c.v));
    [MethodImpl(Inline)] public static Lane128 Min(Lane128 a, Lane128 b) => new(Vector128.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Lane128 Max(Lane128 a, Lane128 b) => new(Vector128.Max(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane128 AtMost(Lane128 bound, Lane128 value) =>
        new(Vector128.MinNative(bound.v, value.v));
    [MethodImpl(Inline)]
    public static Lane128 AtLeast(Lane128 bound, Lane128 value) =>
        new(Vector128.MaxNative(bound.v, value.v));
    [MethodImpl(Inline)] public static Lane128 Abs(Lane128 a) => new(Vector128.Abs(a.v));
    [MethodImpl(Inline)] public static Lane128 Sqrt(Lane128 a) => new(Vector128.Sqrt(a.v));
    [MethodImpl(Inline)] public static Lane128 Floor(Lane128 a) => new(Vector128.Floor(a.v));
    [MethodImpl(Inline)] public static Lane128 Round(Lane128 a) => new(Vector128.Round(a.v));

    [MethodImpl(Inline)] public static Lane128 Less(Lane128 a, Lane128 b) => new(Vector128.LessThan(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane128 LessOrEqual(Lane128 a, Lane128 b) =>
        new(Vector128.LessThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Lane128 Equal(Lane128 a, Lane128 b) => new(Vector128.Equals(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane128 Select(Lane128 mask, Lane128 yes, Lane128 no) =>
        new(Vector128.ConditionalSelect(mask.v, yes.v, no.v));
    [MethodImpl(Inline)] public static bool Any(Lane128 mask) => Vector128.ExtractMostSignificantBits(mask.v) != 0;
    [MethodImpl(Inline)]
    public static Lane128 CopySign(Lane128 a, Lane128 sign) =>
        new(Vector128.CopySign(a.v, sign.v));

    [MethodImpl(Inline)]
    public static Lane128 ScaleB(Lane128 a, Lane128 n)
    {
        // In two steps, so that each power of two is a normal number.
        Vector128<int> whole = Vector128.ConvertToInt32(n.v);
        Vector128<int> half = whole >> 1;
        return new(a.v * Power(half) * Power(whole - half));
    }

    [MethodImpl(Inline)]
    public static Lane128 Exponent(Lane128 a) =>
        new(Vector128.ConvertToSingle((a.v.AsInt32() >> FloatBits.MantissaBits)
            - Vector128.Create(FloatBits.HalfExponent)));

    [MethodImpl(Inline)]
    public static Lane128 Mantissa(Lane128 a) =>
        new(((a.v.AsInt32() & Vector128.Create(FloatBits.MantissaMask)) | Vector128.Create(FloatBits.HalfBits))
            .AsSingle());

    public static (Lane128 Left, Lane128 Quarters) QuarterTurns(Lane128 x) => LaneMath.QuarterTurnsEach(x);
    public static Lane128 Pow(Lane128 x, Lane128 y) => LaneMath.PowEach(x, y);
    [MethodImpl(Inline)] public static float Sum(Lane128 a) => Vector128.Sum(a.v);

    public static float MaxAcross(Lane128 a)
    {
        float max = a.v[0];
        for (int i = 1; i < Width; i++) max = MathF.Max(max, a.v[i]);
        return max;
    }

    [MethodImpl(Inline)]
    static Vector128<float> Power(Vector128<int> n) =>
        ((n + Vector128.Create(FloatBits.Bias)) << FloatBits.MantissaBits).AsSingle();

    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
