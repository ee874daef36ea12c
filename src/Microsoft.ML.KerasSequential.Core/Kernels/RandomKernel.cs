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
    readonly float* _target, _sequence;
    readonly int _count, _run, _apart, _first;

    RandomKernel(RandomOp op, RunCounter counter, float* target, float* sequence, int count,
        (int Run, int Apart, int First) places)
    {
        _op = op;
        _counter = counter;
        _target = target;
        _sequence = sequence;
        _count = count;
        (_run, _apart, _first) = places;
        int perChunk = GroupsPerChunk * Philox.Group;
        Chunks = (count + perChunk - 1) / perChunk;
    }

    public static Launch Bind(Step step, CpuBinding binding) =>
        new RandomKernel((RandomOp)step.Macro!.Op, binding.Counter, binding.Address(step.Root),
            step.Macro.Inputs is [Tensor sequence] ? binding.Address(sequence) : null,
            binding.Evaluate(step.Root.Dims.Size), Places(step.Root.Dims, binding));

    /// <summary>
    /// The values that this process creates: for a share of the batch, runs along the dimension that counts samples.
    /// </summary>
    static (int Run, int Apart, int First) Places(Dims dims, CpuBinding binding)
    {
        int count = binding.Evaluate(dims.Size), axis = dims.ToList().FindIndex(d => d.Symbols.Contains(Symbol.Batch));
        if (binding.Share is not { } share || axis < 0 || count == 0) return (count, count, 0);
        int run = binding.Evaluate(dims.Product(axis, dims.Rank)), sample = run / binding.Bindings[Symbol.Batch];
        return (run, sample * share.Batch, sample * share.First);
    }

    public override void Run(int chunk, float* scratch)
    {
        Span<uint> words = stackalloc uint[Philox.Group];
        int start = chunk * GroupsPerChunk * Philox.Group,
            end = Math.Min(start + GroupsPerChunk * Philox.Group, _count);
        if (_run == _count && _first % Philox.Group == 0)
        {
            for (int i = start; i < end; i += Philox.Group)
                Values((_first + i) / Philox.Group, words, new(_target + i, Math.Min(Philox.Group, end - i)));
            return;
        }
        // A share may start and end within groups, of which it takes its own values.
        Span<float> group = stackalloc float[Philox.Group];
        for (int i = start; i < end;)
        {
            int block = i / _run, inside = i - block * _run, place = block * _apart + _first + inside,
                skipped = place % Philox.Group;
            int taken = Math.Min(Math.Min(Philox.Group - skipped, _run - inside), end - i);
            Values(place / Philox.Group, words, group);
            group.Slice(skipped, taken).CopyTo(new(_target + i, taken));
            i += taken;
        }
    }

    void Values(int group, Span<uint> words, Span<float> target)
    {
        Philox.Fill(_sequence is null ? _op.Key : Philox.KeyOf(_op.Key, *_sequence), _counter.Value, (uint)group,
            words);
        switch (_op)
        {
            case DropoutMask mask: Mask(words, target, mask.Rate); break;
            case RandomNormal: Normal(words, target); break;
            default: Uniform(words, target); break;
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
            (kept & Vector256.GreaterThanOrEqual(Vector256.Create(words[i..]), thresholds).AsSingle())
                .CopyTo(target[i..]);
        for (; i < target.Length; i++) target[i] = words[i] >= threshold ? keep : 0f;
    }

    /// <summary>The Box–Muller transform of the two words that are 32 apart.</summary>
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
