namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>The layout of an IEEE 754 float32.</summary>
internal static class FloatBits
{
    public const int MantissaBits = 23;
    public const int MantissaMask = 0x007F_FFFF;
    public const int Bias = 127;

    /// <summary>The biased exponent of values in [½, 1).</summary>
    public const int HalfExponent = 126;

    /// <summary>The bits of ½.</summary>
    public const int HalfBits = HalfExponent << MantissaBits;

    public const float SmallestNormal = 1.17549435e-38f;
}
