using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>Slices, padding, concatenation and reversal: each target value is a source value, or zero.</summary>
internal sealed class BlocksKernel : IKernel<BlocksKernel.Arguments>
{
    /// <summary>
    /// Along an axis, target index i corresponds to source index Step·i + First, if the source has that index.
    /// </summary>
    public struct Arguments
    {
        public ArrayView<float> Source, Target;
        public int Count, Size, Inner, SourceSize, First, Step, TargetRow, TargetFirst;
    }

    public static IEnumerable<GpuLaunch> BindSlice(Step step, GpuBinding binding)
    {
        var op = (Slice)step.Macro!.Op;
        return Bind(step, binding, step.Macro.Inputs[0], op.Axis, op.Start, 1);
    }

    public static IEnumerable<GpuLaunch> BindPad(Step step, GpuBinding binding)
    {
        var op = (Pad)step.Macro!.Op;
        return Bind(step, binding, step.Macro.Inputs[0], op.Axis, -op.Before, 1);
    }

    public static IEnumerable<GpuLaunch> BindReverse(Step step, GpuBinding binding)
    {
        int axis = ((Reverse)step.Macro!.Op).Axis;
        return Bind(step, binding, step.Macro.Inputs[0], axis, binding.Evaluate(step.Root.Dims[axis]) - 1, -1);
    }

    public static IEnumerable<GpuLaunch> BindConcat(Step step, GpuBinding binding)
    {
        var op = (Concat)step.Macro!.Op;
        int start = 0;
        foreach (Tensor input in step.Macro.Inputs)
        {
            foreach (GpuLaunch launch in Copy(binding, input, binding.View(step.Root), op.Axis,
                binding.Evaluate(input.Dims[op.Axis]), 0, 1, binding.Evaluate(op.Total), start))
                yield return launch;
            start += binding.Evaluate(input.Dims[op.Axis]);
        }
    }

    /// <summary>A copy of contiguous values.</summary>
    public static GpuLaunch Copy(GpuBinding binding, ArrayView<float> source, ArrayView<float> target, int count) =>
        binding.Items<BlocksKernel, Arguments>(count, new()
        {
            Source = source,
            Target = target,
            Count = count,
            Size = 1,
            Inner = Math.Max(1, count),
            SourceSize = 1,
            Step = 1,
            TargetRow = 1
        });

    static IEnumerable<GpuLaunch> Bind(Step step, GpuBinding binding, Tensor input, int axis, int first, int stride)
    {
        int size = binding.Evaluate(step.Root.Dims[axis]);
        return Copy(binding, input, binding.View(step.Root), axis, size, first, stride, size, 0);
    }

    static IEnumerable<GpuLaunch> Copy(GpuBinding binding, Tensor input, ArrayView<float> target, int axis, int size,
        int first, int stride, int targetRow, int targetFirst)
    {
        int rows = binding.Evaluate(input.Dims.Product(0, axis)),
            inner = binding.Evaluate(input.Dims.Product(axis + 1, input.Rank)), count = rows * size * inner;
        return count == 0 ? [] : [binding.Items<BlocksKernel, Arguments>(count, new()
        {
            Source = binding.View(input), Target = target, Count = count, Size = size, Inner = inner,
            SourceSize = binding.Evaluate(input.Dims[axis]), First = first, Step = stride, TargetRow = targetRow,
            TargetFirst = targetFirst,
        })];
    }

    public static void Run(Arguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int place = i / a.Inner, inside = i - place * a.Inner, row = place / a.Size, at = place - row * a.Size;
            int from = a.Step * at + a.First;
            bool there = from >= 0 && from < a.SourceSize;
            long to = ((long)row * a.TargetRow + a.TargetFirst + at) * a.Inner + inside;
            a.Target[to] = there ? a.Source[((long)row * a.SourceSize + from) * a.Inner + inside] : 0f;
        }
    }
}
