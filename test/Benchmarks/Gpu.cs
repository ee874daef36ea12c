using System.Diagnostics;
using System.Globalization;
using ILGPU;
using ILGPU.Runtime;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ilgpu;
using Microsoft.ML.KerasSequential.Ilgpu.Kernels;
using Microsoft.ML.KerasSequential.Ilgpu.Runtime;
using Device = Microsoft.ML.KerasSequential.Device;

namespace Benchmarks;

/// <summary>The GPU tables: products and training steps compared with the card's peaks and PyTorch on the same
/// card.</summary>
internal static class Gpu
{
    static readonly (string Name, FloatPrecision Precision)[] s_precisions = [("float32", FloatPrecision.Float32),
        ("tf32", FloatPrecision.TensorFloat32), ("bf16", FloatPrecision.BFloat16)];

    static readonly int[] s_edges = [256, 512, 1024, 2048, 4096, 8192], s_batches = [128, 1024, 8192];

    /// <param name="largest">The size of the largest product, and the largest batch.</param>
    /// <param name="only">The only work to measure, or empty for all.</param>
    public static void Run(int largest, string only)
    {
        if (Device.Default is not IlgpuDevice device)
        {
            Console.WriteLine($"There is no GPU: the default device is {Device.Default}.");
            return;
        }
        Dictionary<string, double> torch = Torch.OnGpu(largest);
        (double flops, double bytes) = (Peaks.FlopsPerSecond(device), Peaks.BytesPerSecond(device));
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"{device}: {flops / 1e12:0.00} TFLOP/s of multiply-adds, {bytes / 1e9:0} GB/s of copying; PyTorch: "
                + $"{(torch.Count > 0 ? "beside us" : "not found")}"));

        var products = new Table("product, TFLOP/s", "ours", "ours / float32 peak", "PyTorch (cuBLAS)",
            "ours / PyTorch");
        foreach (int n in s_edges.Where(n => n <= largest && "product".Contains(only, StringComparison.Ordinal)))
        {
            foreach ((string name, FloatPrecision precision) in s_precisions)
            {
                double ours = 2.0 * n * n * n / Product(device, n, precision) / 1e12;
                double? peer = torch.TryGetValue($"matmul_{n}_{name}", out double t) ? t : null;
                products.Add($"{n}³ {name}", ours, ours * 1e12 / flops, peer, ours / peer);
            }
        }
        Console.WriteLine(products);

        var steps = new Table("training step, µs", "ours", "launches", "TFLOP/s", "of peak", "PyTorch eager",
            "times as fast", "PyTorch compiled", "times as fast");
        foreach (int batch in s_batches.Where(b => b <= largest))
        {
            foreach ((string name, FloatPrecision precision) in s_precisions[..2])
            {
                Step("tabular", batch, precision, name, 20.0 * 64 + 64 * 64 + 64, Models.Tabular);
                Step("mnist_mlp", batch, precision, name, 784.0 * 512 + 512 * 512 + 512 * 10, Models.MnistMlp);
                if (batch > 1024) continue;
                Step("mnist_cnn", batch, precision, name,
                    26.0 * 26 * 9 * 32 + 24 * 24 * 9 * 32 * 64 + 9216 * 128 + 128 * 10, Models.MnistCnn);
                Step("imdb_lstm", batch, precision, name, 80.0 * (128 * 512 + 128 * 512), () => Models.ImdbLstm(0));
                // For each of 4 blocks and 64 steps: four projections, two attention products, two dense layers.
                Step("transformer", batch, precision, name, 4 * 64.0 * (4 * 128 * 128 + 2 * 64 * 128 + 2 * 128 * 512),
                    Models.Transformer);
            }
        }
        Console.WriteLine(steps);

        void Step(string work, int batch, FloatPrecision precision, string name, double multiplyAdds,
            Func<(Sequential, NDArray, NDArray)> make)
        {
            if (!work.Contains(only, StringComparison.Ordinal)) return;
            (Sequential model, NDArray x, NDArray y) = make();
            using (model)
            {
                (model.Device, model.Precision) = (device, precision);
                (x, y) = (Repeat(x, batch), Repeat(y, batch));
                // As many steps as PyTorch runs.
                int epochs = Math.Max(1, 200 * batch / x.Rows);
                model.Fit(x, y, batchSize: batch, epochs: 2, verbose: 0, shuffle: false);
                double ours = Enumerable.Range(0, Timing.Rounds)
                    .Min(
                        _ => Seconds(() => model.Fit(x, y, batchSize: batch, epochs: epochs, verbose: 0,
                            shuffle: false))) / epochs / (x.Rows / batch);
                double done = 3 * 2 * multiplyAdds * batch / ours;
                double? eager = torch.TryGetValue($"{work}_{batch}_{name}_eager", out double e) ? e : null,
                    compiled = torch.TryGetValue($"{work}_{batch}_{name}_compiled", out double c) ? c : null;
                steps.Add($"{work}, batch {batch}, {name}", ours * 1e6, Launches(device, model, x, y), done / 1e12,
                    done / flops, eager, eager / (ours * 1e6), compiled, compiled / (ours * 1e6));
            }
        }
    }

    /// <summary>Seconds per product, of many in a row.</summary>
    static double Product(IlgpuDevice device, int n, FloatPrecision precision)
    {
        Tensor a = K.Placeholder([n, n]), b = K.Placeholder([n, n]);
        using Microsoft.ML.KerasSequential.Runtime.Executable executable = device.Compile(
            new Graph([a, b], [K.Dot(a, b)], []), precision);
        executable.Prepare(1);
        int repeats = (int)Math.Clamp(2e11 / (2.0 * n * n * n), 3, 200);
        double best = double.PositiveInfinity;
        for (int round = 0; round <= Timing.Rounds; round++)
        {
            double seconds = Seconds(() =>
            {
                for (int i = 0; i < repeats; i++) executable.Run();
                device.Stream.Synchronize();
            }) / repeats;
            if (round > 0) best = Math.Min(best, seconds);
        }
        return best;
    }

    static double Launches(IlgpuDevice device, Sequential model, NDArray x, NDArray y)
    {
        long before = GpuExecutable.TotalLaunches;
        model.TrainOnBatch(x.Slice(0, 1), y.Slice(0, 1));
        long after = GpuExecutable.TotalLaunches;
        device.Stream.Synchronize();
        return after - before;
    }

    /// <summary>Repeats rows to at least the size of a batch.</summary>
    static NDArray Repeat(NDArray data, int rows)
    {
        if (data.Rows >= rows) return data.Slice(0, data.Rows / rows * rows);
        var result = new NDArray([rows, .. data.Shape[1..]]);
        for (int i = 0; i < rows; i++)
            data.Span.Slice(i % data.Rows * data.RowSize, data.RowSize).CopyTo(result.Span[(i * data.RowSize)..]);
        return result;
    }

    static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Measures the card's peaks: independent multiply-adds in registers, and copying.</summary>
    internal sealed class Peaks : IKernel<Peaks.Arguments>
    {
        const int Steps = 4096, Chains = 8;

        public struct Arguments
        {
            public ArrayView<float> Target;
            public float Factor;
        }

        public static void Run(Arguments a)
        {
            float f = a.Factor, x0 = f, x1 = f + 1, x2 = f + 2, x3 = f + 3, x4 = f + 4, x5 = f + 5, x6 = f + 6,
                x7 = f + 7;
            for (int i = 0; i < Steps; i++)
            {
                x0 = x0 * f + f;
                x1 = x1 * f + f;
                x2 = x2 * f + f;
                x3 = x3 * f + f;
                x4 = x4 * f + f;
                x5 = x5 * f + f;
                x6 = x6 * f + f;
                x7 = x7 * f + f;
            }
            a.Target[Items.First % 1024] = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7;
        }

        public static double FlopsPerSecond(IlgpuDevice device)
        {
            using DeviceMemory.Range target = device.Memory.Allocate(1024);
            Action<AcceleratorStream, KernelConfig, Arguments> kernel = device.Kernels.Get<Peaks, Arguments>();
            Grids grids = device.Grids;
            var grid = new KernelConfig(grids.Processors * 16, grids.GroupSize);
            return Best(device, () => kernel(device.Stream, grid, new() { Target = target.View, Factor = 0.5f }),
                2.0 * Steps * Chains * grids.Processors * 16 * grids.GroupSize);
        }

        public static double BytesPerSecond(IlgpuDevice device)
        {
            int floats = (int)Math.Min(256L << 20, device.MemoryBytes / 64) / sizeof(float);
            using DeviceMemory.Range from = device.Memory.Allocate(floats), to = device.Memory.Allocate(floats);
            return Best(device, () => from.View.CopyTo(device.Stream, to.View), 2.0 * sizeof(float) * floats);
        }

        static double Best(IlgpuDevice device, Action launch, double work)
        {
            double best = 0;
            for (int i = 0; i < 10; i++)
            {
                best = Math.Max(best, work / Seconds(() =>
                {
                    launch();
                    device.Stream.Synchronize();
                }));
            }
            return best;
        }
    }
}
