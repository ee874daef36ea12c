using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Graphs;

namespace Benchmarks;

/// <summary>
/// The tables: our kernels, training steps and predictions compared with their floors, and with PyTorch and ONNX
/// Runtime on the same work. Ours and the peer's are measured in turn, and the medians compared.
/// </summary>
internal static class Compare
{
    static readonly (int M, int K, int N)[] s_products =
        [(32, 32, 32), (64, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512), (1024, 1024, 1024),
            (2048, 2048, 2048), (8192, 128, 128), (64, 4096, 64), (128, 1024, 1024), (32, 784, 512)];

    static readonly int[] s_batches = [1, 32, 1024];

    /// <summary>Prints the tables.</summary>
    /// <param name="wanted">Part of the names of what to measure; all if it is empty.</param>
    public static void Run(string wanted)
    {
        int all = Device.Threads;
        Machine[] machines = [.. new[] { 1, all }.Distinct().Select(threads => new Machine(threads))];
        foreach (Machine machine in machines)
        {
            Device.Threads = machine.Threads;
            for (int i = 0; i < 10; i++) machine.IsFree();
        }
        Console.WriteLine($"{Device.Cpu}; peak of multiply-adds: "
            + $"{string.Join(", ", machines.Select(m => $"{m.Peak:0} GFLOP/s on {Threads(m)}"))}");
        Work[] works = [.. Work.All.Where(w => w.Key.Contains(wanted, StringComparison.Ordinal))];
        if ("matmul".Contains(wanted, StringComparison.Ordinal)) Products(machines);
        if ("int8".Contains(wanted, StringComparison.Ordinal)) Integers.Run(machines);
        if (works.Length > 0) Steps(machines, works);
        Predictions(machines, works);
        Footprints(all, works);
#if MLNET
        if ("wide_and_deep".Contains(wanted, StringComparison.Ordinal)) WideAndDeep.Run(machines);
#endif
        Device.Threads = all;
    }

    static void Products(Machine[] machines)
    {
        var table = new Table("matrix product (GFLOP/s)", "ours", "peak", "ours / peak", "PyTorch", "times as fast");
        foreach (Machine machine in machines)
        {
            using Torch? torch = Torch.Open(machine.Threads);
            Device.Threads = machine.Threads;
            foreach ((int m, int k, int n) in s_products)
            {
                Tensor a = K.Placeholder(m, k), b = K.Placeholder(k, n);
                using var function = Device.Cpu.Compile(new Graph([a, b], [K.Dot(a, b)], []));
                function.Prepare(1);
                function.Write(0, Values(m * k));
                function.Write(1, Values(k * n));
                double work = 2.0 * m * k * n;
                Turns turns = Turns.Of(machine, () => machine.Floor(work, 0, false),
                    () => Timing.Microseconds(function.Run, (int)Math.Clamp(1e6 / work, 1, 1000)),
                    torch is null ? null : () => torch.Ask($"matmul {m} {k} {n}"));
                table.Add($"{m} × {k} × {n}, {Threads(machine)}", work / turns.Ours / 1e3, machine.Peak,
                    1 / turns.OverFloor, work / turns.Peer / 1e3, turns.TimesAsFast);
            }
        }
        table.Print();
    }

    static void Steps(Machine[] machines, Work[] works)
    {
        var table = new Table("training step (µs)", "ours", "floor", "ours / floor", "PyTorch", "times as fast");
        foreach (Machine machine in machines)
        {
            using Torch? torch = Torch.Open(machine.Threads);
            Device.Threads = machine.Threads;
            foreach (Work work in works)
            {
                (Sequential model, NDArray x, NDArray y) = work.Make();
                int perEpoch = x.Rows / work.Batch;
                Turns turns = Turns.Of(machine, () => work.StepFloor(model, machine),
                    () => Timing.Microseconds(() => model.Fit(x, y, batchSize: work.Batch, verbose: 0)) / perEpoch,
                    torch is null ? null : () => torch.Ask($"step {work.Key}"));
                turns.AddTo(table, $"{work.Key}: {work.Describe}, {Threads(machine)}");
                model.Dispose();
            }
        }
        table.Print();
    }

    static void Predictions(Machine[] machines, Work[] works)
    {
        var table = new Table("prediction (µs)", "ours", "floor", "ours / floor", "ONNX Runtime", "of its speed");
        foreach (Machine machine in machines)
        {
            Device.Threads = machine.Threads;
            foreach (Work work in works.Where(w => w.Key != "tabular_1024"))
            {
                (Sequential model, NDArray x, _) = work.Make();
                using var scorer = Peer.Open(model, machine.Threads);
                foreach (int batch in s_batches.Where(b => b <= work.MostRows))
                {
                    NDArray rows = x.Rows >= batch ? x.Slice(0, batch)
                        : NDArray.Concatenate([.. Enumerable.Repeat(x, (batch + x.Rows - 1) / x.Rows)]).Slice(0, batch);
                    Turns turns = Turns.Of(machine, () => work.PredictionFloor(model, batch, machine),
                        () => Timing.Microseconds(() => model.Predict(rows, batchSize: batch)),
                        scorer is null ? null : () => scorer.Microseconds(rows));
                    turns.AddTo(table,
                        $"{work.Key.Replace("_32", "", StringComparison.Ordinal)}, batch {batch}, {Threads(machine)}");
                }
                model.Dispose();
            }
        }
        table.Print();
    }

    static void Footprints(int threads, Work[] works)
    {
        var table = new Table("training in a process of its own", "most memory (MB)", "PyTorch (MB)",
            "allocated a step (bytes)", "first step (ms)");
        foreach (Work work in works)
        {
            Footprint footprint = Footprint.Of(work.Key);
            table.Add(work.Key, footprint.Megabytes, Torch.Memory(work.Key, threads), footprint.BytesPerStep,
                footprint.FirstStep);
        }
        table.Print();
    }

    public static string Threads(Machine machine) => machine.Threads == 1 ? "1 thread" : $"{machine.Threads} threads";

    static float[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 7919L % 1000) / 1000f)];
}
