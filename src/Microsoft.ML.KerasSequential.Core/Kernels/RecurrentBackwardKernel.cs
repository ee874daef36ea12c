using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>
/// The location of the values of a backward pass: what the forward pass left, then what the backward pass writes.
/// </summary>
internal sealed record RecurrentBackwardPlaces(nint Gates, nint HiddenBefore, nint HiddenAfter, nint MemoryBefore,
    nint MemoryAfter, nint Candidate, nint Mask, nint Outputs,
    nint GatesGradient, nint HiddenGradient, nint MemoryGradient, nint CandidateGradient, nint Kernel,
    nint CandidateKernel);

/// <summary>Creates the backward pass for two activations.</summary>
internal readonly struct RecurrentBackwardKernel(
    CellProgram program, int steps, int batch, int units, RecurrentBackwardPlaces places) : IGatedKernel
{
    public Launch Over<TActivation, TRecurrent>() where TActivation : struct, IGate where TRecurrent : struct, IGate =>
        new RecurrentBackwardKernel<TActivation, TRecurrent>(program, steps, batch, units, places);
}

/// <summary>
/// The backward pass: the gradients with respect to the states are carried from step to step in the results' memory.
/// </summary>
internal sealed unsafe class RecurrentBackwardKernel<TActivation, TRecurrent>(CellProgram program, int steps, int batch,
    int units, RecurrentBackwardPlaces places)
    : RecurrentKernel(program, steps, batch, units) where TActivation : struct, IGate where TRecurrent : struct, IGate
{
    protected override void Run(int row, int rows, float* scratch)
    {
        int sample = Batch * Units, projected = Batch * Width;
        nint start = (nint)row * Units;
        float* mask = (float*)places.Mask;
        float* dh = (float*)places.HiddenGradient + start;
        float* dc = places.MemoryGradient == 0 ? null : (float*)places.MemoryGradient + start;
        for (int t = Steps - 1; t >= 0; t--)
        {
            nint step = (nint)t * sample + start;
            float* dGates = (float*)places.GatesGradient + (nint)t * projected + (nint)row * Width;
            float* dCandidate = places.CandidateGradient == 0 ? null
                : (float*)places.CandidateGradient + (Program.Kind == CellKind.ResetAfterGRU ? step : start);
            for (int r = 0; r < rows; r++)
            {
                int at = r * Units;
                if (places.Outputs != 0) Accumulate((float*)places.Outputs + step + at, dh + at);
                if (mask is not null && mask[(nint)t * Batch + row + r] == 0f)
                {
                    new Span<float>(dGates + r * Width, Width).Clear();
                    if (dCandidate is not null) new Span<float>(dCandidate + at, Units).Clear();
                }
                else
                {
                    Row(r, step + at, dGates + r * Width, dh + at, dc is null ? null : dc + at,
                        dCandidate is null ? null : dCandidate + at, t, row);
                }
            }
            if (Program.Kind == CellKind.GRU) Reset(t, row, rows, step, dGates, dh, dCandidate, scratch);
            int first = Program.IsGru ? 2 * Units : Width;
            RowsProduct.Run(dGates, rows, Width, (float*)places.Kernel, first, Units, dh, Units, true, scratch);
            if (Program.Kind == CellKind.ResetAfterGRU)
                RowsProduct.Run(dCandidate, rows, Units, (float*)places.CandidateKernel, Units, Units, dh, Units, true,
                    scratch);
        }
    }

    /// <summary>Without reset-after: from the candidate's gradient through r∘h.</summary>
    void Reset(int t, int row, int rows, nint step, float* dGates, float* dh, float* work, float* scratch)
    {
        RowsProduct.Run(dGates + 2 * Units, rows, Width, (float*)places.CandidateKernel, Units, Units, work, Units,
            false, scratch);
        float* gates = (float*)places.Gates + (nint)t * Batch * Width + (nint)row * Width,
            h = (float*)places.HiddenBefore + step;
        for (int r = 0; r < rows; r++)
        {
            float* reset = gates + r * Width + Units, dReset = dGates + r * Width + Units, before = h + r * Units,
                own = work + r * Units, target = dh + r * Units;
            for (int i = 0; i < Units; i++)
            {
                // A masked time step has a candidate's gradient of 0, and so nothing to add.
                LaneScalar slope = TRecurrent.Slope(LaneScalar.Splat(reset[i]));
                float value;
                LaneScalar.Store(&value, slope);
                dReset[i] = own[i] * before[i] * value;
                target[i] += own[i] * reset[i];
            }
        }
    }

    void Accumulate(float* from, float* to) =>
        System.Numerics.Tensors.TensorPrimitives.Add(new ReadOnlySpan<float>(to, Units),
            new ReadOnlySpan<float>(from, Units), new Span<float>(to, Units));

    void Row(int r, nint at, float* dGates, float* dh, float* dc, float* dCandidate, int t, int row)
    {
        float* gates = (float*)places.Gates + ((nint)t * Batch + row + r) * Width;
        int whole = Units - Units % MatMulKernel.LaneWidth;
        if (Vector512.IsHardwareAccelerated) Columns<Lane512>(gates, at, dGates, dh, dc, dCandidate, 0, whole);
        else if (Vector256.IsHardwareAccelerated) Columns<Lane256>(gates, at, dGates, dh, dc, dCandidate, 0, whole);
        else if (Vector128.IsHardwareAccelerated) Columns<Lane128>(gates, at, dGates, dh, dc, dCandidate, 0, whole);
        else whole = 0;
        Columns<LaneScalar>(gates, at, dGates, dh, dc, dCandidate, whole, Units);
    }

    /// <summary>
    /// The gradients with respect to the gates' inputs; what is left in dh reaches the previous state by paths other
    /// than the product.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Columns<T>(float* gates, nint at, float* dGates, float* dh, float* dc, float* dCandidate, int start, int end)
        where T : struct, ILane<T>
    {
        T one = T.Splat(1f);
        float* before = (float*)places.HiddenBefore + at;
        switch (Program.Kind)
        {
            case CellKind.LSTM:
                float* cBefore = (float*)places.MemoryBefore + at, cAfter = (float*)places.MemoryAfter + at;
                for (int i = start; i < end; i += T.Width)
                {
                    T input = T.Load(gates + i), forget = T.Load(gates + Units + i),
                        value = T.Load(gates + 2 * Units + i), output = T.Load(gates + 3 * Units + i);
                    T upstream = T.Load(dh + i), shown = TActivation.Apply(T.Load(cAfter + i));
                    T memory = T.Load(dc + i) + upstream * output * TActivation.Slope(shown);
                    T.Store(dGates + i, memory * value * TRecurrent.Slope(input));
                    T.Store(dGates + Units + i, memory * T.Load(cBefore + i) * TRecurrent.Slope(forget));
                    T.Store(dGates + 2 * Units + i, memory * input * TActivation.Slope(value));
                    T.Store(dGates + 3 * Units + i, upstream * shown * TRecurrent.Slope(output));
                    T.Store(dc + i, memory * forget);
                    T.Store(dh + i, T.Splat(0f));
                }
                break;
            case CellKind.SimpleRNN:
                float* after = (float*)places.HiddenAfter + at;
                for (int i = start; i < end; i += T.Width)
                {
                    T.Store(dGates + i, T.Load(dh + i) * TActivation.Slope(T.Load(after + i)));
                    T.Store(dh + i, T.Splat(0f));
                }
                break;
            default:
                float* candidate = (float*)places.Candidate + at;
                for (int i = start; i < end; i += T.Width)
                {
                    T update = T.Load(gates + i), value = T.Load(gates + 2 * Units + i), upstream = T.Load(dh + i);
                    T inner = upstream * (one - update) * TActivation.Slope(value);
                    T.Store(dGates + i, upstream * (T.Load(before + i) - value) * TRecurrent.Slope(update));
                    T.Store(dGates + 2 * Units + i, inner);
                    T.Store(dh + i, upstream * update);
                    if (Program.Kind != CellKind.ResetAfterGRU) continue;
                    T reset = T.Load(gates + Units + i);
                    T.Store(dGates + Units + i, inner * T.Load(candidate + i) * TRecurrent.Slope(reset));
                    T.Store(dCandidate + i, inner * reset);
                }
                break;
        }
    }
}
