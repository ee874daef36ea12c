using ILGPU;
using ILGPU.Runtime.CPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Numerics;
using Same = Microsoft.ML.KerasSequential.Numerics.Bind<
    Microsoft.ML.KerasSequential.Numerics.N0,
    Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N0>,
    Microsoft.ML.KerasSequential.Numerics.Done>;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// The tensor core kernel with formats of 16 bits, its instructions emulated according to NVIDIA's PTX ISA, and which
/// layers use it.
/// </summary>
[TestClass]
public sealed class PackedProductTests
{
    /// <summary>The rows of the left factor by turns: ordinary, below the smallest normal float16, and partly above the
    /// largest one.</summary>
    static readonly float[] s_scales = [1, 1e-5f, 7e4f];

    [TestMethod]
    public void Products_of_bfloat16_are_those_of_rounded_factors() => Check<EmulatedBFloat16>(value =>
    {
        // The nearest multiple of the step between neighbors with 8 significant bits, ties to even.
        double step = Math.ScaleB(1, Math.ILogB(value) - 7);
        return (float)(Math.Round(value / step, MidpointRounding.ToEven) * step);
    });

    [TestMethod]
    public void Products_of_float16_are_those_of_rounded_factors() =>
        Check<EmulatedFloat16>(value => (float)(System.Half)value);

    static void Check<TFormat>(Func<float, float> round) where TFormat : struct, ITensorFormat
    {
        const int M = 100, N = 70, Inner = 24;
        IlgpuDevice device = Emulator.Create(new CPUDevice(16, 16, 1), new Grids(256, 64, 32, 1));
        using var workspace = new Workspace(device);
        var binding = new GpuBinding(device, new Bindings(new Dictionary<Symbol, int>()), FloatPrecision.Float32,
            workspace, _ => default, _ => false, _ => default);
        var random = new Random(1);
        float[] a = Values(M * Inner, Inner), b = Values(Inner * N, Inner * N), c = new float[M * N];
        using DeviceMemory.Range left = device.Memory.Allocate(a.Length), right = device.Memory.Allocate(b.Length),
            result = device.Memory.Allocate(c.Length);
        device.Upload<float>(left.View, a);
        device.Upload<float>(right.View, b);
        var arguments = ProductArguments<StridedFactor, StridedFactor, Same>.Of(
            StridedFactor.Of(left.View, Inner, false), StridedFactor.Of(right.View, N, false),
            new ProductSize(M, N, Inner), Epilogue.Plain(binding, result.View), 1, 128, 128, 16);
        var kernel = device.Kernels.Get<TensorProduct<TFormat, StridedFactor, StridedFactor, Same, N1, Plane, N1>,
            ProductArguments<StridedFactor, StridedFactor, Same>>();
        kernel(device.Stream, new KernelConfig(1, 256), arguments);
        device.Download(result.View, c);
        bool differs = false;
        for (int row = 0; row < M; row++)
        {
            float scale = s_scales[row % 3];
            for (int column = 0; column < N; column++)
            {
                double expected = 0, exact = 0;
                for (int i = 0; i < Inner; i++)
                {
                    expected += (double)round(a[row * Inner + i]) * round(b[i * N + column]);
                    exact += (double)a[row * Inner + i] * b[i * N + column];
                }
                float got = c[row * N + column];
                if (double.IsFinite(expected)) Assert.AreEqual(expected, got, 1e-5 * scale, $"({row}, {column})");
                else Assert.IsFalse(float.IsFinite(got), $"({row}, {column})");
                differs |= !(Math.Abs(exact - expected) < 1e-4 * scale);
            }
        }
        Assert.IsTrue(differs, "factors were not rounded");

        // The right factor counts as one row.
        float[] Values(int count, int width) => [.. Enumerable.Range(0, count)
            .Select(i => ((float)random.NextDouble() - 0.5f) * s_scales[i / width % 3] * 2)];
    }

    /// <summary>A layer's policy counts on a device with tensor cores, in its gradient too, and only there.</summary>
    [TestMethod]
    public void The_products_of_a_layer_use_the_format_of_its_policy()
    {
        CollectionAssert.AreEquivalent(new[] { typeof(Float16) }, Formats("mixed_float16", "float32", default));
        CollectionAssert.AreEquivalent(new[] { typeof(Float16), typeof(BFloat16) },
            Formats("mixed_float16", "mixed_bfloat16", FloatPrecision.TensorFloat32));
        CollectionAssert.AreEquivalent(new[] { typeof(BFloat16), typeof(TensorFloat32) },
            Formats("mixed_bfloat16", "float32", FloatPrecision.TensorFloat32));
        Assert.IsEmpty(Formats("float32", "float32", default));
    }

    [TestMethod]
    public void The_plan_says_the_format_and_whether_the_device_has_it()
    {
        Assert.Contains("(float16)", Plan(onlyRecords: true));
        Assert.Contains("(float16: float32 on this device)", Plan(onlyRecords: false));
    }

    static string Plan(bool onlyRecords)
    {
        using Runtime.Executable executable = Step("mixed_float16", Emulator.Create(onlyRecords: onlyRecords));
        return executable.Explain();
    }

    static Runtime.Executable Step(string policy, IlgpuDevice device)
    {
        using TraceScope scope = TraceScope.Begin(training: true, seed: 0);
        Tensor x = K.Placeholder(null, 4);
        return device.Compile(new Graph([x], [new Dense(2) { Dtype = policy }.Apply(x)], []));
    }

    static Type[] Formats(string first, string second, FloatPrecision precision)
    {
        IlgpuDevice device = Emulator.Create(grids: new Grids(256, 64, 32, 4), onlyRecords: true);
        using var model = new Sequential([
            new Dense(128, inputShape: [128]) { Dtype = first }, new Dense(128) { Dtype = second }])
        { Device = device, Precision = precision };
        model.Compile("sgd", "mse");
        _ = model.StepBytes([128], [128], 128);
        return [.. device.Kernels.Methods.Select(m => m.DeclaringType!)
            .Where(t => t.IsGenericType && t.GetGenericTypeDefinition() == typeof(TensorProduct<,,,,,,>))
            .Select(t => t.GetGenericArguments()[0]).Distinct()];
    }

    internal readonly struct EmulatedBFloat16 : ITensorFormat, IPacking
    {
        public static int Depth => Pairs.Depth;

        public static float Of(float value) => value;

        public static uint Pack(float first, float second) => (Upper(second) << 16) | Upper(first);

        public static LeftFragment Left(ArrayView<float> shared, int k, int row, int pitch, int lane) =>
            Pairs.Left<EmulatedBFloat16>(shared, k, row, pitch, lane);

        public static RightFragment Right(ArrayView<float> shared, int k, int column, int pitch, int lane) =>
            Pairs.Right<EmulatedBFloat16>(shared, k, column, pitch, lane);

        public static Fragment Multiply(Fragment sums, LeftFragment a, RightFragment b)
        {
            ArrayView<uint> warp = Lanes.Share(a, b);
            for (int k = 0; k < Depth; k++)
            {
                (int row, int column) = Lanes.Own;
                float a0 = Value(Lanes.A(warp, row, k)), a8 = Value(Lanes.A(warp, row + 8, k));
                float b0 = Value(Lanes.B(warp, k, column)), b1 = Value(Lanes.B(warp, k, column + 1));
                sums.C0 += a0 * b0;
                sums.C1 += a0 * b1;
                sums.C2 += a8 * b0;
                sums.C3 += a8 * b1;
            }
            Group.Barrier();
            return sums;
        }

        static uint Upper(float value)
        {
            uint bits = Interop.FloatAsInt(value);
            return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
        }

        static float Value(uint half) => Interop.IntAsFloat(half << 16);
    }

    internal readonly struct EmulatedFloat16 : ITensorFormat, IPacking
    {
        public static int Depth => Pairs.Depth;

        public static float Of(float value) => value;

        public static uint Pack(float first, float second) => (Bits(second) << 16) | Bits(first);

        public static LeftFragment Left(ArrayView<float> shared, int k, int row, int pitch, int lane) =>
            Pairs.Left<EmulatedFloat16>(shared, k, row, pitch, lane);

        public static RightFragment Right(ArrayView<float> shared, int k, int column, int pitch, int lane) =>
            Pairs.Right<EmulatedFloat16>(shared, k, column, pitch, lane);

        public static Fragment Multiply(Fragment sums, LeftFragment a, RightFragment b)
        {
            ArrayView<uint> warp = Lanes.Share(a, b);
            for (int k = 0; k < Depth; k++)
            {
                (int row, int column) = Lanes.Own;
                float a0 = Value(Lanes.A(warp, row, k)), a8 = Value(Lanes.A(warp, row + 8, k));
                float b0 = Value(Lanes.B(warp, k, column)), b1 = Value(Lanes.B(warp, k, column + 1));
                sums.C0 += a0 * b0;
                sums.C1 += a0 * b1;
                sums.C2 += a8 * b0;
                sums.C3 += a8 * b1;
            }
            Group.Barrier();
            return sums;
        }

        /// <summary>To the nearest, ties to even, in arithmetic that ILGPU compiles.</summary>
        static uint Bits(float value)
        {
            uint bits = Interop.FloatAsInt(value), sign = (bits >> 16) & 0x8000, size = bits & 0x7FFF_FFFF;
            // From 2^16 on.
            if (size >= 0x4780_0000) return sign | 0x7C00;
            // Below 2^-14, in steps of 2^-24, which are those of floats from 0.5 on.
            if (size < 0x3880_0000)
                return sign | (Interop.FloatAsInt(Interop.IntAsFloat(size) + 0.5f) - 0x3F00_0000);
            size -= 0x3800_0000;
            return sign | ((size + 0xFFF + ((size >> 13) & 1)) >> 13);
        }

        static float Value(uint half)
        {
            uint size = half & 0x7FFF;
            float value = size >= 0x7C00 ? Interop.IntAsFloat(0x7F80_0000u)
                : size < 0x400 ? size * Interop.IntAsFloat(0x3380_0000u)
                : Interop.IntAsFloat((size << 13) + 0x3800_0000);
            return half >= 0x8000 ? -value : value;
        }
    }

    /// <summary>PTX ISA, "Matrix fragments for mma.m16n8k16", for types of 16 bits.</summary>
    static class Lanes
    {
        const int Warp = 32, Registers = 6, MaxThreads = 256;

        /// <summary>The row and the column of a lane's first sum.</summary>
        public static (int Row, int Column) Own => (Group.IdxX % Warp / 4, Group.IdxX % 4 * 2);

        /// <summary>Shares what the lanes of a warp hold.</summary>
        public static ArrayView<uint> Share(LeftFragment a, RightFragment b)
        {
            ArrayView<uint> exchange = SharedMemory.Allocate<uint>(MaxThreads * Registers);
            int thread = Group.IdxX, own = thread * Registers;
            exchange[own] = a.A0;
            exchange[own + 1] = a.A1;
            exchange[own + 2] = a.A2;
            exchange[own + 3] = a.A3;
            exchange[own + 4] = b.B0;
            exchange[own + 5] = b.B1;
            Group.Barrier();
            return exchange.SubView((thread - thread % Warp) * Registers, Warp * Registers);
        }

        /// <summary>A: the row is groupID for a0, a1, a4, a5, and groupID + 8 for the others; the column is
        /// threadID_in_group · 2 + (i &amp; 1), and + 8 for a4 to a7.</summary>
        public static uint A(ArrayView<uint> warp, int row, int column) => Part(
            warp[(row % 8 * 4 + column % 8 / 2) * Registers + (row >= 8 ? 1 : 0) + (column >= 8 ? 2 : 0)], column);

        /// <summary>B: the row is threadID_in_group · 2 + (i &amp; 1), and + 8 for b2 and b3; the column is
        /// groupID.</summary>
        public static uint B(ArrayView<uint> warp, int row, int column) =>
            Part(warp[(column * 4 + row % 8 / 2) * Registers + 4 + (row >= 8 ? 1 : 0)], row);

        static uint Part(uint pair, int index) => index % 2 == 0 ? pair & 0xFFFF : pair >> 16;
    }
}
