using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>The process-wide source of seeds for models that were given none; <see cref="K.SetRandomSeed"/> fixes it.</summary>
internal static class GlobalRandom
{
    static readonly Lock s_lock = new();
    static ulong s_state = (ulong)Random.Shared.NextInt64();

    public static void SetSeed(ulong seed)
    {
        lock (s_lock) s_state = seed;
    }

    public static ulong NextSeed()
    {
        lock (s_lock)
        {
            s_state += 0x9E37_79B9_7F4A_7C15;
            return SplitMix.Mix(s_state);
        }
    }
}
