using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Microsoft.ML.KerasSequential.Layers;

/// <summary>
/// The hashes of texts that TensorFlow uses for buckets, over UTF-8: FarmHash64, and SipHash-2-4 with a key.
/// </summary>
internal static class TextHash
{
    const ulong K0 = 0xc3a5c85c97cb3127, K1 = 0xb492b66fbe98f273, K2 = 0x9ae16a3b2f90404f;

    /// <summary>The key from a salt of one or two numbers, or null.</summary>
    /// <exception cref="ArgumentException">The salt has another number of numbers.</exception>
    public static long[]? Key(IReadOnlyList<long>? salt, string parameter) => salt switch
    {
        null => null,
        [long both] => [both, both],
        [long first, long second] => [first, second],
        _ => throw new ArgumentException("The salt must be one or two integers; given " +
            $"{string.Join(", ", salt.Select(s => s.ToString(CultureInfo.InvariantCulture)))}.", parameter),
    };

    /// <summary>The bucket of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="buckets">The number of buckets.</param>
    /// <param name="key">The key of SipHash, or null for FarmHash.</param>
    public static int Bucket(string text, int buckets, long[]? key)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        ulong hash = key is null ? Farm(bytes) : Sip(bytes, (ulong)key[0], (ulong)key[1]);
        return (int)(hash % (ulong)buckets);
    }

    /// <summary>FarmHash's <c>Fingerprint64</c>.</summary>
    public static ulong Farm(ReadOnlySpan<byte> s) => s.Length switch
    {
        <= 16 => UpTo16(s),
        <= 32 => UpTo32(s),
        <= 64 => UpTo64(s),
        _ => Longer(s),
    };

    /// <summary>SipHash with two rounds per word and four at the end.</summary>
    public static ulong Sip(ReadOnlySpan<byte> s, ulong key0, ulong key1)
    {
        ulong v0 = key0 ^ 0x736f6d6570736575, v1 = key1 ^ 0x646f72616e646f6d, v2 = key0 ^ 0x6c7967656e657261,
            v3 = key1 ^ 0x7465646279746573;
        void Round()
        {
            v0 += v1;
            v2 += v3;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
        void Word(ulong word)
        {
            v3 ^= word;
            Round();
            Round();
            v0 ^= word;
        }
        ulong last = (ulong)s.Length << 56;
        for (; s.Length >= 8; s = s[8..]) Word(Long(s, 0));
        for (int i = 0; i < s.Length; i++) last |= (ulong)s[i] << (8 * i);
        Word(last);
        v2 ^= 0xff;
        for (int i = 0; i < 4; i++) Round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    static ulong UpTo16(ReadOnlySpan<byte> s)
    {
        ulong length = (ulong)s.Length, mul = K2 + length * 2;
        if (s.Length >= 8)
        {
            ulong a = Long(s, 0) + K2, b = Long(s, s.Length - 8);
            return Mix(Turn(b, 37) * mul + a, (Turn(a, 25) + b) * mul, mul);
        }
        if (s.Length >= 4) return Mix(length + ((ulong)Int(s, 0) << 3), Int(s, s.Length - 4), mul);
        if (s.Length == 0) return K2;
        uint y = s[0] + ((uint)s[s.Length >> 1] << 8), z = (uint)s.Length + ((uint)s[^1] << 2);
        return Shifted(y * K2 ^ z * K0) * K2;
    }

    static ulong UpTo32(ReadOnlySpan<byte> s)
    {
        ulong mul = K2 + (ulong)s.Length * 2;
        ulong a = Long(s, 0) * K1, b = Long(s, 8), c = Long(s, s.Length - 8) * mul, d = Long(s, s.Length - 16) * K2;
        return Mix(Turn(a + b, 43) + Turn(c, 30) + d, a + Turn(b + K2, 18) + c, mul);
    }

    static ulong UpTo64(ReadOnlySpan<byte> s)
    {
        ulong mul = K2 + (ulong)s.Length * 2;
        ulong a = Long(s, 0) * K2, b = Long(s, 8), c = Long(s, s.Length - 8) * mul, d = Long(s, s.Length - 16) * K2;
        ulong y = Turn(a + b, 43) + Turn(c, 30) + d, z = Mix(y, a + Turn(b + K2, 18) + c, mul);
        ulong e = Long(s, 16) * mul, f = Long(s, 24);
        ulong g = (y + Long(s, s.Length - 32)) * mul, h = (z + Long(s, s.Length - 24)) * mul;
        return Mix(Turn(e + f, 43) + Turn(g, 30) + h, e + Turn(f + a, 18) + g, mul);
    }

    static ulong Longer(ReadOnlySpan<byte> s)
    {
        const ulong Seed = 81;
        ulong x = unchecked(Seed * K2) + Long(s, 0), y = unchecked(Seed * K1 + 113), z = Shifted(y * K2 + 113) * K2;
        (ulong First, ulong Second) v = (0, 0), w = (0, 0);
        int end = (s.Length - 1) / 64 * 64, rest = (s.Length - 1) & 63;
        for (int at = 0; at < end; at += 64) Block(s[at..], K1, 1);
        ulong mul = K1 + ((z & 0xff) << 1);
        w.First += (ulong)rest;
        v.First += w.First;
        w.First += v.First;
        Block(s[^64..], mul, 9);
        return Mix(Mix(v.First, w.First, mul) + Shifted(y) * K0 + z, Mix(v.Second, w.Second, mul) + x, mul);

        void Block(ReadOnlySpan<byte> s, ulong mul, ulong weight)
        {
            x = Turn(x + y + v.First + Long(s, 8), 37) * mul;
            y = Turn(y + v.Second + Long(s, 48), 42) * mul;
            x ^= w.Second * weight;
            y += v.First * weight + Long(s, 40);
            z = Turn(z + w.First, 33) * mul;
            v = Weak(s, v.Second * mul, x + w.First);
            w = Weak(s[32..], z + w.Second, y + Long(s, 16));
            (z, x) = (x, z);
        }
    }

    static (ulong, ulong) Weak(ReadOnlySpan<byte> s, ulong a, ulong b)
    {
        ulong z = Long(s, 24);
        a += Long(s, 0);
        b = Turn(b + a + z, 21);
        ulong c = a;
        a += Long(s, 8);
        a += Long(s, 16);
        b += Turn(a, 44);
        return (a + z, b + c);
    }

    static ulong Mix(ulong u, ulong v, ulong mul)
    {
        ulong a = Shifted((u ^ v) * mul);
        return Shifted((v ^ a) * mul) * mul;
    }

    static ulong Shifted(ulong value) => value ^ (value >> 47);

    /// <summary>A rotation to the right.</summary>
    static ulong Turn(ulong value, int bits) => BitOperations.RotateRight(value, bits);

    static ulong Long(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt64LittleEndian(s[at..]);

    static uint Int(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt32LittleEndian(s[at..]);
}
