using System.Runtime.CompilerServices;
using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The distribution that random words are converted to.</summary>
internal interface IRandomValues
{
    /// <summary>The value for a word of its block of four; words two apart form a pair.</summary>
    static abstract float Of(uint word, uint partner, bool first, in RandomKernelArguments a);
}

/// <summary>The destination of random values, and what they depend on.</summary>
internal struct RandomKernelArguments : IStepped<RandomKernelArguments>
{
    public ArrayView<float> Target, Sequence;
    public ulong Key, Step;
    public int Count;
    public uint Threshold;
    public float Keep;

    /// <summary>
    /// The device's share of the batch among all values: runs of a length, at a distance, from the first one on.
    /// </summary>
    public int Run, Apart, First;

    public readonly RandomKernelArguments At(ulong step) => this with { Step = step };
}

/// <summary>Uniform in [0, 1).</summary>
internal readonly struct UniformValues : IRandomValues
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(uint word, uint partner, bool first, in RandomKernelArguments a) => Philox.ToUnit(word);
}

/// <summary>0, or 1/(1 − rate).</summary>
internal readonly struct MaskValues : IRandomValues
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(uint word, uint partner, bool first, in RandomKernelArguments a) =>
        word >= a.Threshold ? a.Keep : 0f;
}

/// <summary>Normal, by the Box–Muller transform of a pair.</summary>
internal readonly struct NormalValues : IRandomValues
{
    const float Unit = 1f / 4294967296f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(uint word, uint partner, bool first, in RandomKernelArguments a)
    {
        uint radiusWord = first ? word : partner, angleWord = first ? partner : word;
        // Close to 1, the logarithm depends on the distance to 1, which float32 does not represent.
        float log = radiusWord < 0x8000_0000 ? Single.Log((radiusWord + 0.5f) * Unit)
            : Log1m((~radiusWord + 0.5f) * Unit);
        LaneThread radius = LaneThread.Sqrt(new LaneThread(-2f * log));
        return LaneThread.Sum(radius) * CosineOfTurn(first ? angleWord : angleWord - 0x4000_0000);
    }

    /// <summary>log(1 − x).</summary>
    static float Log1m(float x) => LaneThread.Sum(LaneMath.Log1p(new LaneThread(-x)));

    /// <summary>
    /// The cosine of this many 2⁻³²ths of a full turn: the nearest quarter is exact, the remainder a polynomial
    /// (Cephes' coefficients).
    /// </summary>
    static float CosineOfTurn(uint turn)
    {
        uint quarter = (turn + 0x2000_0000) >> 30;
        float rest = (int)(turn - (quarter << 30)) * (6.283185307179586f * Unit), z = rest * rest;
        float cosine = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z
            - 0.5f * z + 1f;
        float sine = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * rest + rest;
        float value = (quarter & 1) == 0 ? cosine : sine;
        return quarter == 1 || quarter == 2 ? -value : value;
    }
}

/// <summary>
/// Fills an array with random values that depend on key, step and position alone: the same numbers as on the CPU.
/// </summary>
internal static class RandomKernel
{
    public static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding)
    {
        var op = (RandomOp)step.Macro!.Op;
        int count = binding.Evaluate(step.Root.Dims.Size);
        if (count == 0) return [];
        (int run, int apart, int first) = Places(step.Root.Dims, binding);
        var arguments = new RandomKernelArguments
        {
            Target = binding.View(step.Root),
            Sequence = step.Macro.Inputs is [Tensor sequence] ? binding.View(sequence) : default,
            Key = op.Key,
            Count = count,
            Run = run,
            Apart = apart,
            First = first
        };
        if (op is DropoutMask mask)
        {
            arguments.Threshold = (uint)Math.Min(uint.MaxValue, mask.Rate * 4294967296.0);
            arguments.Keep = 1f / (1f - mask.Rate);
            return [Launch<MaskValues>(binding, arguments)];
        }
        return [op is RandomNormal ? Launch<NormalValues>(binding, arguments)
            : Launch<UniformValues>(binding, arguments)];
    }

    static GpuLaunch Launch<TValues>(GpuBinding binding, RandomKernelArguments arguments)
        where TValues : struct, IRandomValues =>
        new SteppedLaunch<RandomKernelArguments>(
            binding.Device.Kernels.Get<RandomKernel<TValues>, RandomKernelArguments>(),
            binding.Grids.Items(arguments.Count), arguments);

    /// <summary>
    /// The values that this device creates: for a share of the batch, runs along the dimension that counts samples.
    /// </summary>
    static (int Run, int Apart, int First) Places(Dims dims, GpuBinding binding)
    {
        int count = binding.Evaluate(dims.Size);
        int axis = dims.ToList().FindIndex(d => d.Symbols.Contains(Symbol.Batch));
        if (binding.Share is not { } share || axis < 0) return (count, count, 0);
        int run = binding.Evaluate(dims.Product(axis, dims.Rank)), batch = binding.Bindings[Symbol.Batch],
            sample = run / batch;
        return (run, sample * share.Batch, sample * share.First);
    }
}

/// <inheritdoc cref="RandomKernel"/>
internal sealed class RandomKernel<TValues> : IKernel<RandomKernelArguments> where TValues : struct, IRandomValues
{
    public static void Run(RandomKernelArguments a)
    {
        ulong key = a.Sequence.Length > 0 ? Philox.KeyOf(a.Key, a.Sequence[0]) : a.Key;
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int block = i / a.Run;
            uint at = (uint)(block * a.Apart + a.First + (i - block * a.Run));
            (uint x, uint y, uint z, uint w) = Philox.Block(key, a.Step, at / Philox.Group * 16 + at % 16);
            uint word = at / 16 % 4;
            uint own = word == 0 ? x : word == 1 ? y : word == 2 ? z : w,
                partner = word == 0 ? z : word == 1 ? w : word == 2 ? x : y;
            a.Target[i] = TValues.Of(own, partner, word < 2, a);
        }
    }
}
