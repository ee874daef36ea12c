using Microsoft.ML.KerasSequential.Numerics;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>The process-wide source of seeds for models without one; <see cref="K.SetRandomSeed"/> sets it.</summary>
internal static class GlobalRandom
{
    static readonly Lock s_lock = new();
    static ulong s_state = (ulong)Random.Shared.NextInt64();

    [ThreadStatic]
    static ulong? s_scoped;

    /// <summary>
    /// Within the scope, on this thread, seeds derive from the given one and leave the process-wide source unchanged.
    /// </summary>
    public static IDisposable Scope(ulong seed)
    {
        ulong? outer = s_scoped;
        s_scoped = seed;
        return new Undo(() => s_scoped = outer);
    }

    public static void SetSeed(ulong seed)
    {
        lock (s_lock) s_state = seed;
    }

    /// <summary>The user's seed, or else the next process-wide one.</summary>
    public static ulong SeedOf(int? seed) => seed is int own ? (ulong)(uint)own : NextSeed();

    public static ulong NextSeed()
    {
        if (s_scoped is ulong seed)
        {
            s_scoped = seed + 1;
            return SplitMix.Mix(seed);
        }
        lock (s_lock)
        {
            s_state += 0x9E37_79B9_7F4A_7C15;
            return SplitMix.Mix(s_state);
        }
    }

    sealed class Undo(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }
}
