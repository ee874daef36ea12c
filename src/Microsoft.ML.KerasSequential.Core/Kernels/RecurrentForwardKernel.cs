using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.KerasSequential.Numerics;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>The location of the values of a forward pass.</summary>
internal sealed record RecurrentForwardPlaces(nint Projected, nint Hidden, nint Memory, nint Gates, nint Candidate,
    nint Bias, nint Mask, nint Kernel, nint CandidateKernel);

/// <summary>Creates the forward pass for two activations.</summary>
internal readonly struct RecurrentForwardKernel(
    CellProgram program, int steps, int batch, int units, RecurrentForwardPlaces places) : IGatedKernel
{
    public Launch Over<TActivation, TRecurrent>() where TActivation : struct, IGate where TRecurrent : struct, IGate =>
        new RecurrentForwardKernel<TActivation, TRecurrent>(program, steps, batch, units, places);
}

/// <summary>The forward pass.</summary>
internal sealed unsafe class RecurrentForwardKernel<TActivation, TRecurrent>(CellProgram program, int steps, int batch,
    int units, RecurrentForwardPlaces places)
    : RecurrentKernel(program, steps, batch, units) where TActivation : struct, IGate where TRecurrent : struct, IGate
{
    protected override void Run(int row, int rows, float* scratch)
    {
        int sample = Batch * Units, projected = Batch * Width;
        float* mask = (float*)places.Mask;
        for (int t = 0; t < Steps; t++)
        {
            float* h = (float*)places.Hidden + (nint)t * sample + (nint)row * Units;
            float* c = places.Memory == 0 ? null : (float*)places.Memory + (nint)t * sample + (nint)row * Units;
            float* gates = (float*)places.Gates + (nint)t * projected + (nint)row * Width;
            float* candidate = places.Candidate == 0 ? null
                : (float*)places.Candidate + (nint)t * sample + (nint)row * Units;
            new ReadOnlySpan<float>((float*)places.Projected + (nint)t * projected + (nint)row * Width, rows * Width)
                .CopyTo(new Span<float>(gates, rows * Width));
            int first = Program.IsGru ? 2 * Units : Width;
            RowsProduct.Run(h, rows, Units, (float*)places.Kernel, Units, first, gates, Width, true, scratch);
            if (Program.IsGru) Candidate(h, gates, candidate, rows, scratch);
            for (int r = 0; r < rows; r++)
            {
                int at = r * Units;
                if (mask is not null && mask[(nint)t * Batch + row + r] == 0f)
                {
                    new ReadOnlySpan<float>(h + at, Units).CopyTo(new Span<float>(h + sample + at, Units));
                    if (c is not null)
                        new ReadOnlySpan<float>(c + at, Units).CopyTo(new Span<float>(c + sample + at, Units));
                }
                else
                {
                    Row(gates + r * Width, h + at, h + sample + at, c is null ? null : c + at,
                        c is null ? null : c + sample + at, candidate is null ? null : candidate + at);
                }
            }
        }
    }

    /// <summary>The gates z and r, and the candidate's recurrent product: of r∘h or, with reset-after, of h.</summary>
    void Candidate(float* h, float* gates, float* candidate, int rows, float* scratch)
    {
        bool after = Program.Kind == CellKind.ResetAfterGRU;
        for (int r = 0; r < rows; r++)
        {
            float* z = gates + r * Width, own = candidate + r * Units;
            Activate(z, 2 * Units);
            if (after) new ReadOnlySpan<float>((float*)places.Bias, Units).CopyTo(new Span<float>(own, Units));
            else System.Numerics.Tensors.TensorPrimitives.Multiply(new ReadOnlySpan<float>(z + Units, Units),
                new ReadOnlySpan<float>(h + r * Units, Units), new Span<float>(own, Units));
        }
        if (after)
            RowsProduct.Run(h, rows, Units, (float*)places.CandidateKernel, Units, Units, candidate, Units, true,
                scratch);
        else RowsProduct.Run(candidate, rows, Units, (float*)places.CandidateKernel, Units, Units, gates + 2 * Units,
            Width, true, scratch);
    }

    void Activate(float* x, int count)
    {
        int whole = count - count % MatMulKernel.LaneWidth;
        if (Vector512.IsHardwareAccelerated) Activate<Lane512>(x, 0, whole);
        else if (Vector256.IsHardwareAccelerated) Activate<Lane256>(x, 0, whole);
        else if (Vector128.IsHardwareAccelerated) Activate<Lane128>(x, 0, whole);
        else whole = 0;
        Activate<LaneScalar>(x, whole, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Activate<T>(float* x, int start, int end) where T : struct, ILane<T>
    {
        for (int i = start; i < end; i += T.Width) T.Store(x + i, TRecurrent.Apply(T.Load(x + i)));
    }

    void Row(float* gates, float* h, float* hNext, float* c, float* cNext, float* candidate)
    {
        int whole = Units - Units % MatMulKernel.LaneWidth;
        if (Vector512.IsHardwareAccelerated) Columns<Lane512>(gates, h, hNext, c, cNext, candidate, 0, whole);
        else if (Vector256.IsHardwareAccelerated) Columns<Lane256>(gates, h, hNext, c, cNext, candidate, 0, whole);
        else if (Vector128.IsHardwareAccelerated) Columns<Lane128>(gates, h, hNext, c, cNext, candidate, 0, whole);
        else whole = 0;
        Columns<LaneScalar>(gates, h, hNext, c, cNext, candidate, whole, Units);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Columns<T>(float* gates, float* h, float* hNext, float* c, float* cNext, float* candidate, int start, int end)
        where T : struct, ILane<T>
    {
        float* second = gates + Units, third = second + Units, fourth = third + Units;
        switch (Program.Kind)
        {
            case CellKind.LSTM:
                for (int i = start; i < end; i += T.Width)
                {
                    T input = TRecurrent.Apply(T.Load(gates + i)), forget = TRecurrent.Apply(T.Load(second + i));
                    T value = TActivation.Apply(T.Load(third + i)), output = TRecurrent.Apply(T.Load(fourth + i));
                    T memory = forget * T.Load(c + i) + input * value;
                    T.Store(gates + i, input);
                    T.Store(second + i, forget);
                    T.Store(third + i, value);
                    T.Store(fourth + i, output);
                    T.Store(cNext + i, memory);
                    T.Store(hNext + i, output * TActivation.Apply(memory));
                }
                break;
            case CellKind.SimpleRNN:
                for (int i = start; i < end; i += T.Width) T.Store(hNext + i, TActivation.Apply(T.Load(gates + i)));
                break;
            default:
                for (int i = start; i < end; i += T.Width)
                {
                    T before = T.Load(third + i);
                    if (Program.Kind == CellKind.ResetAfterGRU) before += T.Load(second + i) * T.Load(candidate + i);
                    T value = TActivation.Apply(before), update = T.Load(gates + i);
                    T.Store(third + i, value);
                    T.Store(hNext + i, update * T.Load(h + i) + (T.Splat(1f) - update) * value);
                }
                break;
        }
    }
}
