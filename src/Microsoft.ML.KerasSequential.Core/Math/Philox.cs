using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.KerasSequential.Numerics;

/// <summary>
/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2,
/// 3", SC 2011): four random words are a function of a counter and a key, so any thread can generate any element.
/// </summary>
/// <remarks>
/// Element i is word (i / 16) mod 4 of block (i / 64)·16 + i mod 16: sixteen neighbors are the same word of sixteen
/// neighboring blocks, so wide registers fill from consecutive counters.
/// </remarks>
internal static class Philox
{
    /// <summary>The number of elements that one call of <see cref="Fill"/> generates.</summary>
    public const int Group = 64;

    const int Rounds = 10;
    const uint MultiplierA = 0xD251_1F53, MultiplierB = 0xCD9E_8D57, WeylA = 0x9E37_79B9, WeylB = 0xBB67_AE85;

    /// <summary>The key of one of several independent sequences.</summary>
    public static ulong KeyOf(ulong key, float sequence) => key + (ulong)(uint)sequence * 0x9E37_79B9_7F4A_7C15;

    /// <summary>The 64 words of a group.</summary>
    public static void Fill(ulong key, ulong step, uint group, Span<uint> words)
    {
        if (Avx512F.IsSupported)
        {
            for (int half = 0; half < 16; half += 8) Wide(key, step, group * 16 + (uint)half, words[half..]);
            return;
        }
        for (int block = 0; block < 16; block++)
        {
            (uint x, uint y, uint z, uint w) = Block(key, step, group * 16 + (uint)block);
            (words[block], words[16 + block], words[32 + block], words[48 + block]) = (x, y, z, w);
        }
    }

    /// <summary>The four words of a counter.</summary>
    public static (uint X, uint Y, uint Z, uint W) Block(ulong key, ulong step, uint counter)
    {
        uint x = counter, y = (uint)step, z = (uint)(step >> 32), w = 0, k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong a = (ulong)MultiplierA * x, b = (ulong)MultiplierB * z;
            (x, y, z, w) = ((uint)(b >> 32) ^ y ^ k0, (uint)b, (uint)(a >> 32) ^ w ^ k1, (uint)a);
            k0 += WeylA;
            k1 += WeylB;
        }
        return (x, y, z, w);
    }

    /// <summary>
    /// Eight consecutive counters at once, each word in the lower half of a 64-bit element; the upper halves are
    /// ignored.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Wide(ulong key, ulong step, uint counter, Span<uint> words)
    {
        Vector512<uint> multiplierA = Vector512.Create((ulong)MultiplierA).AsUInt32(),
            multiplierB = Vector512.Create((ulong)MultiplierB).AsUInt32();
        Vector512<ulong> x = Vector512.Create((ulong)counter) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        Vector512<ulong> y = Vector512.Create(step & uint.MaxValue), z = Vector512.Create(step >> 32),
            w = Vector512<ulong>.Zero;
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            Vector512<ulong> a = Avx512F.Multiply(x.AsUInt32(), multiplierA),
                b = Avx512F.Multiply(z.AsUInt32(), multiplierB);
            x = (b >> 32) ^ y ^ Vector512.Create((ulong)k0);
            y = b;
            z = (a >> 32) ^ w ^ Vector512.Create((ulong)k1);
            w = a;
            k0 += WeylA;
            k1 += WeylB;
        }
        Avx512F.ConvertToVector256UInt32(x).CopyTo(words);
        Avx512F.ConvertToVector256UInt32(y).CopyTo(words[16..]);
        Avx512F.ConvertToVector256UInt32(z).CopyTo(words[32..]);
        Avx512F.ConvertToVector256UInt32(w).CopyTo(words[48..]);
    }

    /// <summary>Converts the upper 24 bits to a number in [0, 1).</summary>
    public static float ToUnit(uint word) => (word >> 8) * (1f / (1 << 24));
}
