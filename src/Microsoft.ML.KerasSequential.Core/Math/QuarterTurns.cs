namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// x = quarters·π/2 + rest for float32 angles of any magnitude (M. Payne and R. Hanek 1983): of the product with 2/π,
/// only the bits below a full turn are computed. Plain arithmetic, so that it gives the same results on every device.
/// </summary>
internal static class QuarterTurns
{
    const int MantissaBits = 23, ExponentMask = 0xFF, ImplicitBit = 1 << MantissaBits, WholeExponent = 150;

    /// <summary>π/2 over the 2⁶² parts of a quarter turn.</summary>
    const float Part = (float)(1.5707963267948966 / (1L << 62));

    /// <summary>The remainder, in [−π/4, π/4].</summary>
    /// <param name="x">An angle in radians, with a magnitude of 1 or more.</param>
    /// <param name="quarters">The number of quarter turns, modulo full turns.</param>
    public static float Of(float x, out float quarters)
    {
        int bits = BitConverter.SingleToInt32Bits(x),
            exponent = ((bits >> MantissaBits) & ExponentMask) - WholeExponent;
        if (exponent > ExponentMask - 1 - WholeExponent)
        {
            quarters = 0f;
            return float.NaN;
        }
        // x = mantissa·2^exponent: the bits of 2/π before this one make full turns.
        ulong mantissa = (ulong)((bits & (ImplicitBit - 1)) | ImplicitBit);
        int first = exponent + 30, word = first >> 5, shift = first & 31;
        ulong high = Bits(word, shift), middle = Bits(word + 1, shift), low = Bits(word + 2, shift);
        ulong turn = (mantissa * high << 32) + mantissa * middle + (mantissa * low >> 32);
        ulong nearest = (turn + (1UL << 61)) >> 62;
        float rest = (long)(turn - (nearest << 62)) * Part;
        quarters = bits < 0 ? -(float)(int)nearest : (int)nearest;
        return bits < 0 ? -rest : rest;
    }

    /// <summary>32 bits of 2/π.</summary>
    static ulong Bits(int word, int shift) => (((Word(word) << 32) | Word(word + 1)) << shift) >> 32;

    /// <summary>2/π = 0.A2F9…₁₆, after a word of zeros.</summary>
    static ulong Word(int index) => index switch
    {
        1 => 0xA2F9836E,
        2 => 0x4E441529,
        3 => 0xFC2757D1,
        4 => 0xF534DDC0,
        5 => 0xDB629599,
        6 => 0x3C439041,
        7 => 0xFE5163AB,
        _ => 0,
    };
}
