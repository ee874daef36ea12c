using ILGPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>The largest value of each window.</summary>
internal sealed class MaxPoolKernel : IKernel<MaxPoolKernel.Arguments>
{
    public struct Arguments
    {
        public ArrayView<float> Places, Largest, Gradient, Target;
        public WindowTable Windows;
        public int Count;
    }

    public static IEnumerable<GpuLaunch> BindForward(Step step, GpuBinding binding)
    {
        Tensor x = step.Macro!.Inputs[0];
        ArrayView<float> places = binding.View(x), target = binding.View(step.Root);
        int count = binding.Evaluate(step.Root.Dims.Size);
        return count == 0 ? [] : [binding.Items<MaxPoolKernel, Arguments>(count, new()
        {
            Places = places, Largest = places, Gradient = places, Target = target,
            Windows = WindowTable.Of(((MaxPool)step.Macro.Op).Windows, x.Dims.Evaluate(binding.Bindings), binding),
            Count = count,
        })];
    }

    public static IEnumerable<GpuLaunch> BindBackward(Step step, GpuBinding binding)
    {
        IReadOnlyList<Tensor> inputs = step.Macro!.Inputs;
        int count = binding.Evaluate(step.Root.Dims.Size);
        return count == 0 ? [] : [binding.Items<MaxPoolGradientKernel, Arguments>(count, new()
        {
            Places = binding.View(inputs[0]), Largest = binding.View(inputs[1]), Gradient = binding.View(inputs[2]),
            Target = binding.View(step.Root),
            Windows = WindowTable.Of(((MaxPoolGradient)step.Macro.Op).Windows,
                inputs[0].Dims.Evaluate(binding.Bindings), binding), Count = count,
        })];
    }

    public static void Run(Arguments a)
    {
        WindowTable windows = a.Windows;
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int channel = i % windows.Channels, position = i / windows.Channels,
                sample = position / windows.PositionCount;
            position -= sample * windows.PositionCount;
            LaneThread max = new(MaxReducer.Start);
            for (int tap = 0; tap < windows.TapCount; tap++)
            {
                int place = windows.PlaceOf(position, tap);
                if (place >= 0)
                    max = MaxReducer.Combine(max, new LaneThread(
                        a.Places[((long)sample * windows.PlaceCount + place) * windows.Channels + channel]));
            }
            a.Target[i] = LaneThread.Sum(max);
        }
    }
}

/// <summary>
/// The backward pass: a position gets the gradients of the windows in which it is the first of the largest values,
/// added in the order of the taps.
/// </summary>
internal sealed class MaxPoolGradientKernel : IKernel<MaxPoolKernel.Arguments>
{
    public static void Run(MaxPoolKernel.Arguments a)
    {
        WindowTable windows = a.Windows;
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int channel = i % windows.Channels, place = i / windows.Channels, sample = place / windows.PlaceCount;
            place -= sample * windows.PlaceCount;
            float value = a.Places[i], sum = 0f;
            for (int tap = 0; tap < windows.TapCount; tap++)
            {
                int position = windows.PositionOf(place, tap);
                if (position < 0) continue;
                long window = ((long)sample * windows.PositionCount + position) * windows.Channels + channel;
                bool first = a.Largest[window] == value;
                for (int earlier = 0; first && earlier < tap; earlier++)
                {
                    int other = windows.PlaceOf(position, earlier);
                    if (other >= 0
                        && a.Places[((long)sample * windows.PlaceCount + other) * windows.Channels + channel] == value)
                        first = false;
                }
                if (first) sum += a.Gradient[window];
            }
            a.Target[i] = sum;
        }
    }
}
