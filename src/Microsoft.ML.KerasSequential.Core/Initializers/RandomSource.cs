using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Initializers;

/// <summary>A stream of random numbers from one seed, the same on every machine and .NET version (Philox).</summary>
internal sealed class RandomSource(ulong seed)
{
    readonly uint[] _words = new uint[4];
    readonly ulong _key = SplitMix.Mix(seed + 0x9E37_79B9_7F4A_7C15);
    uint _counter;
    int _left;

    public uint Next()
    {
        if (_left == 0)
        {
            (_words[3], _words[2], _words[1], _words[0]) = Philox.Block(_key, 0, _counter++);
            _left = 4;
        }
        return _words[--_left];
    }

    /// <summary>A number in [0, 1).</summary>
    public double Uniform() => (((ulong)Next() << 21) ^ Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>An integer in [0, count).</summary>
    public int Below(int count) => (int)(((ulong)Next() * (ulong)count) >> 32);

    /// <summary>A normally distributed number (Box–Muller).</summary>
    public double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>A normally distributed number within two standard deviations.</summary>
    public double TruncatedNormal()
    {
        while (true)
        {
            double x = Normal();
            if (Math.Abs(x) <= 2) return x;
        }
    }

    /// <summary>Shuffles a list (Fisher–Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
