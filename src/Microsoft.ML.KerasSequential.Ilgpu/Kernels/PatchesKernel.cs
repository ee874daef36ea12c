using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>What windows cover, side by side.</summary>
internal sealed class PatchesKernel : IKernel<PatchesKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Source, Target;
        public WindowTable Windows;
        public int Count;
        public float Fill;
    }

    public static IEnumerable<GpuLaunch> BindForward(Step step, GpuBinding binding)
    {
        var op = (Patches)step.Macro!.Op;
        Tensor x = step.Macro.Inputs[0];
        return Forward(binding.View(x), binding.View(step.Root), binding.Evaluate(step.Root.Dims.Size), op.Windows,
            x.Dims.Evaluate(binding.Bindings), op.Fill, binding);
    }

    /// <summary>The input with the windows' zero padding.</summary>
    public static IEnumerable<GpuLaunch> Padding(ArrayView<float> places, ArrayView<float> padded, Windows windows,
        int[] sizes, GpuBinding binding) =>
        Forward(places, padded, (int)padded.Length, windows.Padding(), sizes, 0, binding);

    static IEnumerable<GpuLaunch> Forward(ArrayView<float> source, ArrayView<float> target, int count, Windows windows,
        int[] sizes, float fill, GpuBinding binding) =>
        count == 0 ? [] : [binding.Items<PatchesKernel, Arguments>(count, new() { Source = source, Target = target,
            Windows = WindowTable.Of(windows, sizes, binding), Count = count, Fill = fill })];

    public static IEnumerable<GpuLaunch> BindBackward(Step step, GpuBinding binding)
    {
        var op = (PatchesGradient)step.Macro!.Op;
        int count = binding.Evaluate(step.Root.Dims.Size);
        return count == 0 ? [] : [binding.Items<PatchesGradientKernel, Arguments>(count, new()
        {
            Source = binding.View(step.Macro.Inputs[0]), Target = binding.View(step.Root),
            Windows = WindowTable.Of(op.Windows, step.Root.Dims.Evaluate(binding.Bindings), binding), Count = count,
        })];
    }

    public static void Run(Arguments a)
    {
        WindowTable windows = a.Windows;
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int channel = i % windows.Channels, rest = i / windows.Channels, tap = rest % windows.TapCount;
            rest /= windows.TapCount;
            int sample = rest / windows.PositionCount,
                place = windows.PlaceOf(rest - sample * windows.PositionCount, tap);
            a.Target[i] = place >= 0
                ? a.Source[((long)sample * windows.PlaceCount + place) * windows.Channels + channel]
                : a.Fill;
        }
    }
}

/// <summary>Adds patches back to their positions, in the order of the taps.</summary>
internal sealed class PatchesGradientKernel : IKernel<PatchesKernel.Arguments>
{
    public static void Run(PatchesKernel.Arguments a)
    {
        WindowTable windows = a.Windows;
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int channel = i % windows.Channels, place = i / windows.Channels, sample = place / windows.PlaceCount;
            place -= sample * windows.PlaceCount;
            float sum = 0f;
            for (int tap = 0; tap < windows.TapCount; tap++)
            {
                int position = windows.PositionOf(place, tap);
                if (position >= 0)
                    sum += a.Source[(((long)sample * windows.PositionCount + position) * windows.TapCount + tap)
                        * windows.Channels + channel];
            }
            a.Target[i] = sum;
        }
    }
}
