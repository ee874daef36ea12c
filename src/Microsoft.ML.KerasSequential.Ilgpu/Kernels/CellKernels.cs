using ILGPU;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Kernels;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Ilgpu.Kernels;

/// <summary>A step of a cell, forward or backward.</summary>
internal struct CellArguments
{
    public ArrayView<float> Projected, Gates, Before, After, MemoryBefore, MemoryAfter, Candidate, Bias, Mask;
    public ArrayView<float> Outputs, Gradient, GatesGradient, MemoryGradient, CandidateGradient;
    public int Kind, Masked, HasOutputs, Count, Units, Width;

    /// <summary>A kernel over units and samples, closed over the activations.</summary>
    public readonly GpuLaunch Launch(GpuBinding binding, CellProgram program, Type open)
    {
        Type closed = open.MakeGenericType(IGate.Of(program.Activation), IGate.Of(program.RecurrentActivation));
        return ((ICellKernel)Activator.CreateInstance(closed)!).Bind(binding, this);
    }
}

/// <summary>A kernel over the units and samples of a time step.</summary>
internal interface ICellKernel
{
    GpuLaunch Bind(GpuBinding binding, CellArguments arguments);
}

/// <summary>Lane-generic code, applied to a cell's values.</summary>
internal static class Gate
{
    public static float Apply<TGate>(float x) where TGate : struct, IGate =>
        LaneThread.Sum(TGate.Apply(new LaneThread(x)));

    public static float Slope<TGate>(float y) where TGate : struct, IGate =>
        LaneThread.Sum(TGate.Slope(new LaneThread(y)));
}

/// <summary>
/// The gates z and r of a GRU, and the left operand of its candidate's product: r∘h, without reset-after.
/// </summary>
internal sealed class GateKernel<TActivation, TRecurrent> : ICellKernel, IKernel<CellArguments> where TActivation
    : struct, IGate where TRecurrent : struct, IGate
{
    public GpuLaunch Bind(GpuBinding binding, CellArguments arguments) =>
        binding.Items<GateKernel<TActivation, TRecurrent>, CellArguments>(arguments.Count, arguments);

    public static void Run(CellArguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int sample = i / a.Units, unit = i - sample * a.Units, gate = sample * a.Width + unit;
            float reset = Gate.Apply<TRecurrent>(a.Gates[gate + a.Units]);
            a.Gates[gate] = Gate.Apply<TRecurrent>(a.Gates[gate]);
            a.Gates[gate + a.Units] = reset;
            if (a.Kind == (int)CellKind.GRU) a.Candidate[i] = reset * a.Before[i];
        }
    }
}

/// <summary>From the gates' sums to their values and the next states.</summary>
internal sealed class CellKernel<TActivation, TRecurrent> : ICellKernel, IKernel<CellArguments> where TActivation
    : struct, IGate where TRecurrent : struct, IGate
{
    public GpuLaunch Bind(GpuBinding binding, CellArguments arguments) =>
        binding.Items<CellKernel<TActivation, TRecurrent>, CellArguments>(arguments.Count, arguments);

    public static void Run(CellArguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int sample = i / a.Units, unit = i - sample * a.Units, gate = sample * a.Width + unit;
            bool skipped = a.Masked != 0 && a.Mask[a.Masked != 0 ? sample : 0] == 0f;
            if (skipped)
            {
                a.After[i] = a.Before[i];
                if (a.Kind == (int)CellKind.LSTM) a.MemoryAfter[i] = a.MemoryBefore[i];
            }
            else if (a.Kind == (int)CellKind.LSTM)
            {
                float input = Gate.Apply<TRecurrent>(a.Gates[gate]),
                    forget = Gate.Apply<TRecurrent>(a.Gates[gate + a.Units]);
                float value = Gate.Apply<TActivation>(a.Gates[gate + 2 * a.Units]),
                    output = Gate.Apply<TRecurrent>(a.Gates[gate + 3 * a.Units]);
                float memory = forget * a.MemoryBefore[i] + input * value;
                a.Gates[gate] = input;
                a.Gates[gate + a.Units] = forget;
                a.Gates[gate + 2 * a.Units] = value;
                a.Gates[gate + 3 * a.Units] = output;
                a.MemoryAfter[i] = memory;
                a.After[i] = output * Gate.Apply<TActivation>(memory);
            }
            else if (a.Kind == (int)CellKind.SimpleRNN)
            {
                a.After[i] = Gate.Apply<TActivation>(a.Gates[gate]);
            }
            else
            {
                float sum = a.Kind == (int)CellKind.ResetAfterGRU ? a.Projected[gate + 2 * a.Units]
                    + a.Gates[gate + a.Units] * a.Candidate[i] : a.Gates[gate + 2 * a.Units];
                float value = Gate.Apply<TActivation>(sum), update = a.Gates[gate];
                a.Gates[gate + 2 * a.Units] = value;
                a.After[i] = update * a.Before[i] + (1f - update) * value;
            }
        }
    }
}

/// <summary>
/// The gradients with respect to the gates' inputs; what is left reaches the previous state by paths other than the
/// product.
/// </summary>
internal sealed class CellGradientKernel<TActivation, TRecurrent> : ICellKernel, IKernel<CellArguments>
    where TActivation : struct, IGate where TRecurrent : struct, IGate
{
    public GpuLaunch Bind(GpuBinding binding, CellArguments arguments) =>
        binding.Items<CellGradientKernel<TActivation, TRecurrent>, CellArguments>(arguments.Count, arguments);

    public static void Run(CellArguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int sample = i / a.Units, unit = i - sample * a.Units, gate = sample * a.Width + unit;
            float upstream = a.Gradient[i];
            if (a.HasOutputs != 0) upstream += a.Outputs[i];
            bool skipped = a.Masked != 0 && a.Mask[a.Masked != 0 ? sample : 0] == 0f;
            if (skipped)
            {
                a.Gradient[i] = upstream;
                for (int k = gate; k < sample * a.Width + a.Width; k += a.Units) a.GatesGradient[k] = 0f;
                if (a.Kind == (int)CellKind.ResetAfterGRU) a.CandidateGradient[i] = 0f;
            }
            else if (a.Kind == (int)CellKind.LSTM)
            {
                float input = a.Gates[gate], forget = a.Gates[gate + a.Units], value = a.Gates[gate + 2 * a.Units],
                    output = a.Gates[gate + 3 * a.Units];
                float shown = Gate.Apply<TActivation>(a.MemoryAfter[i]);
                float memory = a.MemoryGradient[i] + upstream * output * Gate.Slope<TActivation>(shown);
                a.GatesGradient[gate] = memory * value * Gate.Slope<TRecurrent>(input);
                a.GatesGradient[gate + a.Units] = memory * a.MemoryBefore[i] * Gate.Slope<TRecurrent>(forget);
                a.GatesGradient[gate + 2 * a.Units] = memory * input * Gate.Slope<TActivation>(value);
                a.GatesGradient[gate + 3 * a.Units] = upstream * shown * Gate.Slope<TRecurrent>(output);
                a.MemoryGradient[i] = memory * forget;
                a.Gradient[i] = 0f;
            }
            else if (a.Kind == (int)CellKind.SimpleRNN)
            {
                a.GatesGradient[gate] = upstream * Gate.Slope<TActivation>(a.After[i]);
                a.Gradient[i] = 0f;
            }
            else
            {
                float update = a.Gates[gate], value = a.Gates[gate + 2 * a.Units];
                float inner = upstream * (1f - update) * Gate.Slope<TActivation>(value);
                a.GatesGradient[gate] = upstream * (a.Before[i] - value) * Gate.Slope<TRecurrent>(update);
                a.GatesGradient[gate + 2 * a.Units] = inner;
                a.Gradient[i] = upstream * update;
                if (a.Kind == (int)CellKind.ResetAfterGRU)
                {
                    float reset = a.Gates[gate + a.Units];
                    a.GatesGradient[gate + a.Units] = inner * a.Candidate[i] * Gate.Slope<TRecurrent>(reset);
                    a.CandidateGradient[i] = inner * reset;
                }
            }
        }
    }
}

/// <summary>Without reset-after: from the candidate's gradient through r∘h.</summary>
internal sealed class ResetGradientKernel<TActivation, TRecurrent> : ICellKernel, IKernel<CellArguments>
    where TActivation : struct, IGate where TRecurrent : struct, IGate
{
    public GpuLaunch Bind(GpuBinding binding, CellArguments arguments) =>
        binding.Items<ResetGradientKernel<TActivation, TRecurrent>, CellArguments>(arguments.Count, arguments);

    public static void Run(CellArguments a)
    {
        for (int i = Items.First; i < a.Count; i += Items.Stride)
        {
            int sample = i / a.Units, reset = sample * a.Width + a.Units + (i - sample * a.Units);
            // A masked time step has a candidate's gradient of 0, and so nothing to add.
            float own = a.CandidateGradient[i], value = a.Gates[reset];
            a.GatesGradient[reset] = own * a.Before[i] * Gate.Slope<TRecurrent>(value);
            a.Gradient[i] += own * value;
        }
    }
}
