using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Runtime;

namespace Microsoft.ML.KerasSequential.Kernels;

/// <summary>Transposes a matrix in 4×4 tiles held in registers.</summary>
internal static unsafe class TransposeTiles
{
    /// <summary>target[c·targetStride + r] = source[r·sourceStride + c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        int r = 0;
        for (; r + 4 <= rows; r += 4)
        {
            float* s = source + r * sourceStride;
            int c = 0;
            for (; c + 4 <= columns; c += 4)
            {
                Vector128<float> x0 = Vector128.Load(s + c), x1 = Vector128.Load(s + sourceStride + c);
                Vector128<float> x2 = Vector128.Load(s + 2 * sourceStride + c),
                    x3 = Vector128.Load(s + 3 * sourceStride + c);
                Vector128<float> low01 = Low(x0, x1), high01 = High(x0, x1);
                Vector128<float> low23 = Low(x2, x3), high23 = High(x2, x3);
                float* t = target + c * targetStride + r;
                LowHalves(low01, low23).Store(t);
                HighHalves(low01, low23).Store(t + targetStride);
                LowHalves(high01, high23).Store(t + 2 * targetStride);
                HighHalves(high01, high23).Store(t + 3 * targetStride);
            }
            for (; c < columns; c++)
                for (int i = 0; i < 4; i++) target[c * targetStride + r + i] = s[i * sourceStride + c];
        }
        for (; r < rows; r++)
            for (int c = 0; c < columns; c++) target[c * targetStride + r] = source[r * sourceStride + c];
    }

    /// <summary>a0 b0 a1 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    /// <summary>a2 b2 a3 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);

    /// <summary>a0 a1 b0 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> LowHalves(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.MoveLowToHigh(a, b) : Vector128.Create(a.GetLower(), b.GetLower());

    /// <summary>a2 a3 b2 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> HighHalves(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.MoveHighToLow(b, a) : Vector128.Create(a.GetUpper(), b.GetUpper());
}

/// <summary>
/// Permutes dimensions. Neighbors that stay neighbors are merged first; what remains, for each index of the outer
/// dimensions, is a copy of runs (if the last dimension stays last) or a matrix transposition.
/// </summary>
internal sealed unsafe class TransposeKernel : Launch
{
    readonly float* _source;
    readonly float* _target;
    readonly int[] _sizes;      // of the output, outermost first
    readonly nint[] _strides;   // of the input along each output dimension
    readonly int _runAxis;      // the output dimension along which the input is contiguous
    readonly int _blocks;

    TransposeKernel(float* source, float* target, int[] sizes, nint[] strides)
    {
        _source = source;
        _target = target;
        _sizes = sizes;
        _strides = strides;
        _runAxis = Array.IndexOf(strides, 1);
        int inner = _runAxis == sizes.Length - 1 ? sizes[^1] : sizes[_runAxis] * sizes[^1];
        int size = sizes.Aggregate(1, (a, b) => a * b);
        _blocks = inner == 0 ? 0 : size / inner;
        Chunks = Math.Min(_blocks, Math.Max(1, size / (16 * 1024)));
    }

    public static Launch Bind(Step step, CpuBinding binding)
    {
        Tensor input = step.Macro!.Inputs[0];
        Axes axes = ((Transpose)step.Macro.Op).Axes;
        int[] inputSizes = input.Dims.Evaluate(binding.Bindings);
        var inputStrides = new nint[inputSizes.Length];
        nint stride = 1;
        for (int i = inputSizes.Length - 1; i >= 0; i--)
        {
            inputStrides[i] = stride;
            stride *= inputSizes[i];
        }

        var sizes = new List<int>();
        var strides = new List<nint>();
        foreach (int axis in axes.Values)
        {
            if (inputSizes[axis] == 1) continue;
            if (sizes.Count > 0 && strides[^1] == inputStrides[axis] * inputSizes[axis])
            {
                sizes[^1] *= inputSizes[axis];
                strides[^1] = inputStrides[axis];
            }
            else
            {
                sizes.Add(inputSizes[axis]);
                strides.Add(inputStrides[axis]);
            }
        }
        if (sizes.Count == 0 || !strides.Contains(1))
        {
            sizes.Add(1);
            strides.Add(1);
        }
        return new TransposeKernel(binding.Address(input), binding.Address(step.Root), [.. sizes], [.. strides]);
    }

    public override void Run(int chunk, float* scratch)
    {
        int start = (int)((long)_blocks * chunk / Chunks), end = (int)((long)_blocks * (chunk + 1) / Chunks);
        int last = _sizes.Length - 1;
        for (int block = start; block < end; block++)
        {
            int rest = block;
            nint from = 0, to = 0, stride = 1, runTarget = 1;
            for (int i = last; i >= 0; i--)
            {
                if (i == _runAxis) runTarget = stride;
                else if (i != last)
                {
                    int index = rest % _sizes[i];
                    rest /= _sizes[i];
                    from += index * _strides[i];
                    to += index * stride;
                }
                stride *= _sizes[i];
            }
            if (_runAxis == last)
                new ReadOnlySpan<float>(_source + from, _sizes[last])
                    .CopyTo(new Span<float>(_target + to, _sizes[last]));
            else TransposeTiles.Run(_source + from, _strides[last], _target + to, runTarget, _sizes[last],
                _sizes[_runAxis]);
        }
    }
}
