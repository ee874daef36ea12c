namespace Microsoft.ML.KerasSequential.Data;

/// <summary>
/// Generates the random numbers of NumPy's <c>RandomState</c> (MT19937), which Keras uses to shuffle its datasets.
/// </summary>
internal sealed class MersenneTwister
{
    const int Size = 624, Middle = 397;

    readonly uint[] _state = new uint[Size];
    int _next = Size;

    public MersenneTwister(uint seed)
    {
        for (int i = 0; i < Size; i++)
        {
            _state[i] = seed;
            seed = 1812433253 * (seed ^ (seed >> 30)) + (uint)i + 1;
        }
    }

    public uint Next()
    {
        if (_next == Size) Renew();
        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    /// <summary>Returns the numbers from 0 up, in the order that <c>RandomState.shuffle</c> produces.</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = UpTo(i);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return order;
    }

    int UpTo(int most)
    {
        uint mask = uint.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount((uint)most);
        while (true)
        {
            uint value = Next() & mask;
            if (value <= most) return (int)value;
        }
    }

    void Renew()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7FFFFFFF);
            _state[i] = _state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DF);
        }
        _next = 0;
    }
}
