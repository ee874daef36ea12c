using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Fills an array with random values that depend on key, step and position alone.</summary>
internal sealed unsafe class RandomKernel : Launch
{
    const int GroupsPerChunk = 256;

    readonly RandomOp _op;
    readonly RunCounter _counter;
    readonly float* _target;
    readonly int _count;

    RandomKernel(RandomOp op, RunCounter counter, float* target, int count)
    {
        _op = op;
        _counter = counter;
        _target = target;
        _count = count;
        int perChunk = GroupsPerChunk * Philox.Group;
        Chunks = (count + perChunk - 1) / perChunk;
    }

    public static Launch Bind(Step step, CpuBinding binding) =>
        new RandomKernel((RandomOp)step.Macro!.Op, binding.Counter, binding.Address(step.Root), binding.Evaluate(step.Root.Dims.Size));

    public override void Run(int chunk, float* scratch)
    {
        Span<uint> words = stackalloc uint[Philox.Group];
        int start = chunk * GroupsPerChunk * Philox.Group, end = Math.Min(start + GroupsPerChunk * Philox.Group, _count);
        for (int i = start; i < end; i += Philox.Group)
        {
            Philox.Fill(_op.Key, _counter.Value, (uint)(i / Philox.Group), words);
            var target = new Span<float>(_target + i, Math.Min(Philox.Group, end - i));
            switch (_op)
            {
                case DropoutMask mask: Mask(words, target, mask.Rate); break;
                case RandomNormal: Normal(words, target); break;
                default: Uniform(words, target); break;
            }
        }
    }

    static void Uniform(ReadOnlySpan<uint> words, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++) target[i] = Philox.ToUnit(words[i]);
    }

    static void Mask(ReadOnlySpan<uint> words, Span<float> target, float rate)
    {
        uint threshold = (uint)Math.Min(uint.MaxValue, rate * 4294967296.0);
        float keep = 1f / (1f - rate);
        int i = 0;
        Vector256<uint> thresholds = Vector256.Create(threshold);
        Vector256<float> kept = Vector256.Create(keep);
        for (; i + Vector256<uint>.Count <= target.Length; i += Vector256<uint>.Count)
            (kept & Vector256.GreaterThanOrEqual(Vector256.Create(words[i..]), thresholds).AsSingle()).CopyTo(target[i..]);
        for (; i < target.Length; i++) target[i] = words[i] >= threshold ? keep : 0f;
    }

    /// <summary>Box and Muller's transformation of the pair of words that lie 32 apart.</summary>
    static void Normal(ReadOnlySpan<uint> words, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            int pair = i % 32;
            double radius = Math.Sqrt(-2 * Math.Log((words[pair] + 0.5) / 4294967296.0));
            double angle = 2 * Math.PI * (words[pair + 32] / 4294967296.0);
            target[i] = (float)(radius * (i < 32 ? Math.Cos(angle) : Math.Sin(angle)));
        }
    }
}
