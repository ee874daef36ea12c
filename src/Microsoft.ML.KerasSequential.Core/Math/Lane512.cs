using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>16 values in one 512-bit register.</summary>
internal readonly unsafe struct Lane512(Vector512<float> v) : ILane<Lane512>
{
    readonly Vector512<float> v = v;

    public static int Width => 16;

    [MethodImpl(Inline)] public static Lane512 Splat(float value) => new(Vector512.Create(value));
    [MethodImpl(Inline)] public static Lane512 Load(float* source) => new(Vector512.Load(source));
    [MethodImpl(Inline)] public static void Store(float* target, Lane512 value) => value.v.Store(target);

    [MethodImpl(Inline)] public static Lane512 operator +(Lane512 a, Lane512 b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static Lane512 operator -(Lane512 a, Lane512 b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static Lane512 operator *(Lane512 a, Lane512 b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static Lane512 operator /(Lane512 a, Lane512 b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static Lane512 operator -(Lane512 a) => new(-a.v);

    [MethodImpl(Inline)]
    public static Lane512 Fma(Lane512 a, Lane512 b, Lane512 c) =>
        new(Vector512.MultiplyAddEstimate(a.v, b.v, c.v));
    [MethodImpl(Inline)]
    public static Lane512 Fma(Lane512 a, in float b, Lane512 c) =>
        new(Vector512.FusedMultiplyAdd(a.v, Vector512.Create(b), c.v));
    [MethodImpl(Inline)] public static Lane512 Min(Lane512 a, Lane512 b) => new(Vector512.Min(a.v, b.v));
    [MethodImpl(Inline)] public static Lane512 Max(Lane512 a, Lane512 b) => new(Vector512.Max(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane512 AtMost(Lane512 bound, Lane512 value) =>
        new(Vector512.MinNative(bound.v, value.v));
    [MethodImpl(Inline)]
    public static Lane512 AtLeast(Lane512 bound, Lane512 value) =>
        new(Vector512.MaxNative(bound.v, value.v));
    [MethodImpl(Inline)] public static Lane512 Abs(Lane512 a) => new(Vector512.Abs(a.v));
    [MethodImpl(Inline)] public static Lane512 Sqrt(Lane512 a) => new(Vector512.Sqrt(a.v));
    [MethodImpl(Inline)] public static Lane512 Floor(Lane512 a) => new(Vector512.Floor(a.v));
    [MethodImpl(Inline)] public static Lane512 Round(Lane512 a) => new(Vector512.Round(a.v));

    [MethodImpl(Inline)] public static Lane512 Less(Lane512 a, Lane512 b) => new(Vector512.LessThan(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane512 LessOrEqual(Lane512 a, Lane512 b) =>
        new(Vector512.LessThanOrEqual(a.v, b.v));
    [MethodImpl(Inline)] public static Lane512 Equal(Lane512 a, Lane512 b) => new(Vector512.Equals(a.v, b.v));
    [MethodImpl(Inline)]
    public static Lane512 Select(Lane512 mask, Lane512 yes, Lane512 no) =>
        new(Vector512.ConditionalSelect(mask.v, yes.v, no.v));
    [MethodImpl(Inline)] public static bool Any(Lane512 mask) => Vector512.ExtractMostSignificantBits(mask.v) != 0;
    [MethodImpl(Inline)]
    public static Lane512 CopySign(Lane512 a, Lane512 sign) =>
        new(Vector512.CopySign(a.v, sign.v));

    [MethodImpl(Inline)]
    public static Lane512 ScaleB(Lane512 a, Lane512 n)
    {
        if (Avx512F.IsSupported) return new(Avx512F.Scale(a.v, n.v));
        // In two steps, so that each power of two is a normal number.
        Vector512<int> whole = Vector512.ConvertToInt32(n.v);
        Vector512<int> half = whole >> 1;
        return new(a.v * Power(half) * Power(whole - half));
    }

    [MethodImpl(Inline)]
    public static Lane512 Exponent(Lane512 a) =>
        new(Vector512.ConvertToSingle((a.v.AsInt32() >> FloatBits.MantissaBits)
            - Vector512.Create(FloatBits.HalfExponent)));

    [MethodImpl(Inline)]
    public static Lane512 Mantissa(Lane512 a) =>
        new(((a.v.AsInt32() & Vector512.Create(FloatBits.MantissaMask)) | Vector512.Create(FloatBits.HalfBits))
            .AsSingle());

    public static (Lane512 Left, Lane512 Quarters) QuarterTurns(Lane512 x) => LaneMath.QuarterTurnsEach(x);
    public static Lane512 Pow(Lane512 x, Lane512 y) => LaneMath.PowEach(x, y);
    [MethodImpl(Inline)] public static float Sum(Lane512 a) => Vector512.Sum(a.v);

    public static float MaxAcross(Lane512 a)
    {
        float max = a.v[0];
        for (int i = 1; i < Width; i++) max = MathF.Max(max, a.v[i]);
        return max;
    }

    [MethodImpl(Inline)]
    static Vector512<float> Power(Vector512<int> n) =>
        ((n + Vector512.Create(FloatBits.Bias)) << FloatBits.MantissaBits).AsSingle();

    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
