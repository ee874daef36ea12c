using ILGPU.Runtime.CPU;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Microsoft.ML.KerasSequential.Ops;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Kernels with the groups of real GPUs, on as many threads: few small cases, because threads wait for each other at
/// every barrier.
/// </summary>
[TestClass]
public sealed class TileTests
{
    static readonly Lazy<IlgpuDevice> s_one = new(() => Device(processors: 1)),
        s_two = new(() => Device(processors: 2)), s_many = new(() => Device(processors: 64));

    [TestMethod]
    [DataRow(130, 140, 19, false, false)]
    [DataRow(140, 130, 17, true, true)]
    [DataRow(132, 140, 20, false, false)]
    [DataRow(140, 132, 20, true, true)]
    [DataRow(136, 136, 6, true, false)]
    public void Large_tiles(int m, int n, int k, bool transposeA, bool transposeB) =>
        Product(s_one.Value, typeof(LargeTile), m, n, k, transposeA, transposeB);

    [TestMethod]
    [DataRow(70, 60, 35, false, true)]
    [DataRow(64, 65, 5, true, false)]
    public void Medium_tiles(int m, int n, int k, bool transposeA, bool transposeB) =>
        Product(s_two.Value, typeof(MediumTile), m, n, k, transposeA, transposeB);

    [TestMethod]
    [DataRow(20, 33, 70, false, false)]
    [DataRow(9, 10, 700, true, false)]
    [DataRow(12, 8, 700, false, true)]
    public void Small_tiles_full_and_partial(int m, int n, int k, bool transposeA, bool transposeB) =>
        Product(s_many.Value, typeof(SmallTile), m, n, k, transposeA, transposeB);

    [TestMethod]
    public void Whole_groups_reduce_rows()
    {
        Tensor x = K.Placeholder([3, 1100]);
        Compare(s_one.Value, [x], [.. new[] { K.Sum(K.Square(x), axis: 1), K.Max(x, axis: 1), K.Sum(x, axis: 0) }], 3);
        Tensor softmax = K.Softmax(x);
        Compare(s_one.Value, [x], [softmax], 3);
    }

    [TestMethod]
    public void Large_sums_are_cut_into_segments()
    {
        Tensor x = K.Placeholder([2, 70_000]);
        Compare(Emulator.Shared, [x], [K.Sum(x, axis: 1), K.Min(x, axis: 1)], 5);
        Tensor y = K.Placeholder([70_000, 2]);
        Compare(Emulator.Shared, [y], [K.Sum(y, axis: 0)], 6);
    }

    static IlgpuDevice Device(int processors) =>
        Emulator.Create(new CPUDevice(16, 16, 1), new Grids(256, 64, 32, processors));

    static void Product(IlgpuDevice device, Type tile, int m, int n, int k, bool transposeA, bool transposeB)
    {
        Tensor a = K.Placeholder(transposeA ? [k, m] : [m, k]), b = K.Placeholder(transposeB ? [n, k] : [k, n]),
            bias = K.Placeholder([n]);
        Compare(device, [a, b, bias], [K.Tanh(new Tensor(new MatMul(transposeA, transposeB), a, b) + bias)], 7);
        Assert.IsTrue(device.Kernels.Methods.Any(method => method.DeclaringType!.GetGenericArguments().Contains(tile)),
            $"{tile.Name} was not used");
    }

    static void Compare(Device device, Tensor[] inputs, Tensor[] outputs, int seed)
    {
        float[][] expected = Run(KerasSequential.Device.Cpu), actual = Run(device);
        for (int i = 0; i < expected.Length; i++)
            GoldenCase.AssertClose(actual[i], expected[i], 1e-4, 1e-4, $"output {i}");

        float[][] Run(Device on)
        {
            var random = new Random(seed);
            using Microsoft.ML.KerasSequential.Runtime.Executable executable =
                on.Compile(new Graph(inputs, outputs, []));
            executable.Prepare(1);
            for (int i = 0; i < inputs.Length; i++)
            {
                float[] values = new float[inputs[i].Shape.Aggregate(1, (size, d) => size * d!.Value)];
                foreach (ref float v in values.AsSpan()) v = (float)random.NextDouble() - 0.5f;
                executable.Write(i, values);
            }
            executable.Run();
            return [.. outputs.Select((_, i) =>
            {
                float[] values = new float[executable.OutputSizes(i).Aggregate(1, (size, d) => size * d)];
                executable.Read(i, values);
                return values;
            })];
        }
    }
}
