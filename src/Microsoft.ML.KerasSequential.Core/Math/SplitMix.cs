namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): converts any number to a well-mixed seed.</summary>
internal static class SplitMix
{
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
