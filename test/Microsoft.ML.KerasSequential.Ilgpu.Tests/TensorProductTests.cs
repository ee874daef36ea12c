using ILGPU;
using ILGPU.Runtime.CPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Numerics;
using Same = Microsoft.ML.KerasSequential.Numerics.Bind<
    Microsoft.ML.KerasSequential.Numerics.N0,
    Microsoft.ML.KerasSequential.Numerics.Input<Microsoft.ML.KerasSequential.Numerics.N0>,
    Microsoft.ML.KerasSequential.Numerics.Done>;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// The tensor core kernel on 256 threads of the emulator, with its instruction emulated according to the layout in
/// NVIDIA's PTX ISA.
/// </summary>
[TestClass]
public sealed class TensorProductTests
{
    [TestMethod]
    [DataRow(128, 128, 16)]
    [DataRow(131, 140, 24)]
    public void Products_agree(int m, int n, int k)
    {
        IlgpuDevice device = Emulator.Create(new CPUDevice(16, 16, 1), new Grids(256, 64, 32, 1));
        using var workspace = new Workspace(device);
        var binding = new GpuBinding(device, new Bindings(new Dictionary<Symbol, int>()), FloatPrecision.TensorFloat32,
            workspace, _ => default, _ => false, _ => default);
        var random = new Random(1);
        float[] a = Values(m * k), b = Values(k * n), c = new float[m * n];
        using DeviceMemory.Range left = device.Memory.Allocate(a.Length), right = device.Memory.Allocate(b.Length),
            result = device.Memory.Allocate(c.Length);
        device.Upload<float>(left.View, a);
        device.Upload<float>(right.View, b);
        var size = new ProductSize(m, n, k);
        var arguments = ProductArguments<StridedFactor, StridedFactor, Same>.Of(
            StridedFactor.Of(left.View, k, false), StridedFactor.Of(right.View, n, false), size,
            Epilogue.Plain(binding, result.View), 1, 128, 128, 16);
        var kernel = device.Kernels.Get<TensorProduct<Emulated, StridedFactor, StridedFactor, Same, N1, Plane, N1>,
            ProductArguments<StridedFactor, StridedFactor, Same>>();
        kernel(device.Stream, new KernelConfig(1, 256), arguments);
        device.Download(result.View, c);
        for (int row = 0; row < m; row++)
        {
            for (int column = 0; column < n; column++)
            {
                double expected = Enumerable.Range(0, k).Sum(i => (double)a[row * k + i] * b[i * n + column]);
                Assert.AreEqual(expected, c[row * n + column], 1e-4, $"({row}, {column})");
            }
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    /// <summary>
    /// TF32's layout with exact factors: each lane writes its part to shared memory and reads from it the operands of
    /// its sums.
    /// </summary>
    internal readonly struct Emulated : ITensorFormat
    {
        const int Warp = 32, Registers = 6, MaxThreads = 256;

        public static int Depth => TensorFloat32.Depth;

        public static float Of(float value) => value;

        public static LeftFragment Left(ArrayView<float> shared, int k, int row, int pitch, int lane) =>
            TensorFloat32.Left(shared, k, row, pitch, lane);

        public static RightFragment Right(ArrayView<float> shared, int k, int column, int pitch, int lane) =>
            TensorFloat32.Right(shared, k, column, pitch, lane);

        public static Fragment Multiply(Fragment sums, LeftFragment a, RightFragment b)
        {
            ArrayView<uint> exchange = SharedMemory.Allocate<uint>(MaxThreads * Registers);
            int thread = Group.IdxX, lane = thread % Warp, own = thread * Registers;
            ArrayView<uint> warp = exchange.SubView((thread - lane) * Registers, Warp * Registers);
            exchange[own] = a.A0;
            exchange[own + 1] = a.A1;
            exchange[own + 2] = a.A2;
            exchange[own + 3] = a.A3;
            exchange[own + 4] = b.B0;
            exchange[own + 5] = b.B1;
            Group.Barrier();
            int group = lane / 4, pair = lane % 4 * 2;
            for (int k = 0; k < 8; k++)
            {
                sums.C0 += A(warp, group, k) * B(warp, k, pair);
                sums.C1 += A(warp, group, k) * B(warp, k, pair + 1);
                sums.C2 += A(warp, group + 8, k) * B(warp, k, pair);
                sums.C3 += A(warp, group + 8, k) * B(warp, k, pair + 1);
            }
            Group.Barrier();
            return sums;
        }

        /// <summary>PTX ISA, mma.m16n8k8 for .tf32, matrix A: row = groupID for a0 and a2, groupID + 8 for a1 and a3;
        /// column = threadID_in_group for a0 and a1, + 4 for a2 and a3.</summary>
        static float A(ArrayView<uint> warp, int row, int column) =>
            Interop.IntAsFloat(
                warp[(row % 8 * 4 + column % 4) * Registers + (row >= 8 ? 1 : 0) + (column >= 4 ? 2 : 0)]);

        /// <summary>Matrix B: row = threadID_in_group for b0, + 4 for b1; column = groupID.</summary>
        static float B(ArrayView<uint> warp, int row, int column) =>
            Interop.IntAsFloat(warp[(column * 4 + row % 4) * Registers + 4 + (row >= 4 ? 1 : 0)]);
    }
}
