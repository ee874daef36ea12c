using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>One value: for the tails of vector loops, and CPUs without vectors.</summary>
internal readonly unsafe struct LaneScalar(float v) : ILane<LaneScalar>
{
    readonly float v = v;

    public static int Width => 1;

    [MethodImpl(Inline)] public static LaneScalar Splat(float value) => new(value);
    [MethodImpl(Inline)] public static LaneScalar Load(float* source) => new(*source);
    [MethodImpl(Inline)] public static void Store(float* target, LaneScalar value) => *target = value.v;

    [MethodImpl(Inline)] public static LaneScalar operator +(LaneScalar a, LaneScalar b) => new(a.v + b.v);
    [MethodImpl(Inline)] public static LaneScalar operator -(LaneScalar a, LaneScalar b) => new(a.v - b.v);
    [MethodImpl(Inline)] public static LaneScalar operator *(LaneScalar a, LaneScalar b) => new(a.v * b.v);
    [MethodImpl(Inline)] public static LaneScalar operator /(LaneScalar a, LaneScalar b) => new(a.v / b.v);
    [MethodImpl(Inline)] public static LaneScalar operator -(LaneScalar a) => new(-a.v);

    [MethodImpl(Inline)]
    public static LaneScalar Fma(LaneScalar a, LaneScalar b, LaneScalar c) =>
        new(float.MultiplyAddEstimate(a.v, b.v, c.v));
    [MethodImpl(Inline)] public static LaneScalar Min(LaneScalar a, LaneScalar b) => new(MathF.Min(a.v, b.v));
    [MethodImpl(Inline)] public static LaneScalar Max(LaneScalar a, LaneScalar b) => new(MathF.Max(a.v, b.v));
    [MethodImpl(Inline)]
    public static LaneScalar AtMost(LaneScalar bound, LaneScalar value) =>
        new(bound.v < value.v ? bound.v : value.v);
    [MethodImpl(Inline)]
    public static LaneScalar AtLeast(LaneScalar bound, LaneScalar value) =>
        new(bound.v > value.v ? bound.v : value.v);
    [MethodImpl(Inline)] public static LaneScalar Abs(LaneScalar a) => new(MathF.Abs(a.v));
    [MethodImpl(Inline)] public static LaneScalar Sqrt(LaneScalar a) => new(MathF.Sqrt(a.v));
    [MethodImpl(Inline)] public static LaneScalar Floor(LaneScalar a) => new(MathF.Floor(a.v));
    [MethodImpl(Inline)] public static LaneScalar Round(LaneScalar a) => new(MathF.Round(a.v));

    [MethodImpl(Inline)] public static LaneScalar Less(LaneScalar a, LaneScalar b) => Mask(a.v < b.v);
    [MethodImpl(Inline)] public static LaneScalar LessOrEqual(LaneScalar a, LaneScalar b) => Mask(a.v <= b.v);
    [MethodImpl(Inline)] public static LaneScalar Equal(LaneScalar a, LaneScalar b) => Mask(a.v == b.v);
    [MethodImpl(Inline)]
    public static LaneScalar Select(LaneScalar mask, LaneScalar yes, LaneScalar no) =>
        BitConverter.SingleToInt32Bits(mask.v) != 0 ? yes : no;
    [MethodImpl(Inline)] public static bool Any(LaneScalar mask) => BitConverter.SingleToInt32Bits(mask.v) != 0;
    [MethodImpl(Inline)]
    public static LaneScalar CopySign(LaneScalar a, LaneScalar sign) =>
        new(MathF.CopySign(a.v, sign.v));

    [MethodImpl(Inline)]
    public static LaneScalar ScaleB(LaneScalar a, LaneScalar n)
    {
        int whole = (int)n.v, half = whole >> 1;
        return new(a.v * Power(half) * Power(whole - half));
    }

    [MethodImpl(Inline)]
    public static LaneScalar Exponent(LaneScalar a) =>
        new((BitConverter.SingleToInt32Bits(a.v) >> FloatBits.MantissaBits) - FloatBits.HalfExponent);

    [MethodImpl(Inline)]
    public static LaneScalar Mantissa(LaneScalar a) =>
        new(BitConverter.Int32BitsToSingle(
            (BitConverter.SingleToInt32Bits(a.v) & FloatBits.MantissaMask) | FloatBits.HalfBits));

    public static (LaneScalar Left, LaneScalar Quarters) QuarterTurns(LaneScalar x)
    {
        float rest = Numerics.QuarterTurns.Of(x.v, out float quarters);
        return (new(rest), new(quarters));
    }

    public static LaneScalar Pow(LaneScalar x, LaneScalar y) => new(PowerFunction.Of(x.v, y.v));
    [MethodImpl(Inline)] public static float Sum(LaneScalar a) => a.v;
    [MethodImpl(Inline)] public static float MaxAcross(LaneScalar a) => a.v;

    [MethodImpl(Inline)] static LaneScalar Mask(bool value) => new(BitConverter.Int32BitsToSingle(value ? -1 : 0));
    [MethodImpl(Inline)]
    static float Power(int n) =>
        BitConverter.Int32BitsToSingle((n + FloatBits.Bias) << FloatBits.MantissaBits);

    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
}
