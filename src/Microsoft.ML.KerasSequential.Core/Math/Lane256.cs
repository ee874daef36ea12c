using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>8 values in one 256-bit register.</summary>
internal readonly unsafe struct Lane256(Vector256<float> v) : ILane<Lane256>
{
    readonly Vector256<float> v = v;

    public static int Width => 8;

    [MethodImpl(Inline)] public static Lane256 Splat(float value) => new(Vector256.Create(value));
    [MethodImpl(Inline)] public static Lane256 Load(float* source) => new(Vector256.Load(source));
    [MethodImpl(Inline)] public static void Store(float* target, Lane256 value) => value.v.Store(target);

    [MethodImpl(Inline)] public static Lane256 operator +(Lane256 a, Lane256 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static Lane256 operator -(Lane256 a, Lane256 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static Lane256 operator *(Lane256 a, Lane256 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static Lane256 operator /(Lane256 a, Lane256 b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static Lane256 operator -(Lane256 a) => new(-a.v);

    [MethodImpl(Inline)]
    public static Lane256 Fma(Lane256 a, Lane256 b, Lane256 c) =>
        new(Vector256.MultiplyAddEstimate(a.v, b.v, c.v));
    [MethodImpl(Inline)] public static Lane256 Min(Lane256 a, Lane256 b) => new(Vector256.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Lane256 Max(Lane256 a, Lane256 b) => new(Vector256.Max(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane256 AtMost(Lane256 bound, Lane256 value) =>
        new(Vector256.MinNative(bound.v, value.v));
    [MethodImpl(Inline)]
    public static Lane256 AtLeast(Lane256 bound, Lane256 value) =>
        new(Vector256.MaxNative(bound.v, value.v));
    [MethodImpl(Inline)] public static Lane256 Abs(Lane256 a) => new(Vector256.Abs(a.v));
    [MethodImpl(Inline)] public static Lane256 Sqrt(Lane256 a) => new(Vector256.Sqrt(a.v));
    [MethodImpl(Inline)] public static Lane256 Floor(Lane256 a) => new(Vector256.Floor(a.v));
    [MethodImpl(Inline)] public static Lane256 Round(Lane256 a) => new(Vector256.Round(a.v));

    [MethodImpl(Inline)] public static Lane256 Less(Lane256 a, Lane256 b) => new(Vector256.LessThan(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane256 LessOrEqual(Lane256 a, Lane256 b) =>
        new(Vector256.LessThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Lane256 Equal(Lane256 a, Lane256 b) => new(Vector256.Equals(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane256 Select(Lane256 mask, Lane256 yes, Lane256 no) =>
        new(Vector256.ConditionalSelect(mask.v, yes.v, no.v));
    [MethodImpl(Inline)] public static bool Any(Lane256 mask) => Vector256.ExtractMostSignificantBits(mask.v) != 0;
    [MethodImpl(Inline)]
    public static Lane256 CopySign(Lane256 a, Lane256 sign) =>
        new(Vector256.CopySign(a.v, sign.v));

    [MethodImpl(Inline)]
    public static Lane256 ScaleB(Lane256 a, Lane256 n)
    {
        // In two steps, so that each power of two is a normal number.
        Vector256<int> whole = Vector256.ConvertToInt32(n.v);
        Vector256<int> half = whole >> 1;
        return new(a.v * Power(half) * Power(whole - half));
    }

    [MethodImpl(Inline)]
    public static Lane256 Exponent(Lane256 a) =>
        new(Vector256.ConvertToSingle((a.v.AsInt32() >> FloatBits.MantissaBits)
            - Vector256.Create(FloatBits.HalfExponent)));

    [MethodImpl(Inline)]
    public static Lane256 Mantissa(Lane256 a) =>
        new(((a.v.AsInt32() & Vector256.Create(FloatBits.MantissaMask)) | Vector256.Create(FloatBits.HalfBits))
            .AsSingle());

    public static (Lane256 Left, Lane256 Quarters) QuarterTurns(Lane256 x) => LaneMath.QuarterTurnsEach(x);
    public static Lane256 Pow(Lane256 x, Lane256 y) => LaneMath.PowEach(x, y);
    [MethodImpl(Inline)] public static float Sum(Lane256 a) => Vector256.Sum(a.v);

    public static float MaxAcross(Lane256 a)
    {
        float max = a.v[0];
        for (int i = 1; i < Width; i++) max = MathF.Max(max, a.v[i]);
        return max;
    }

    [MethodImpl(Inline)]
    static Vector256<float> Power(Vector256<int> n) =>
        ((n + Vector256.Create(FloatBits.Bias)) << FloatBits.MantissaBits).AsSingle();

    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
