using System.Diagnostics;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Ops;

namespace Benchmarks;

/// <summary>
/// What networks would make of this machine's steps: each work's step is measured with the moments at which its buckets set off, then all-reduce by ring and by tree is simulated beside it, for machines like this one.
/// </summary>
/// <remarks>
/// The usual model of a message, latency + bytes / bandwidth: https://doi.org/10.1177/1094342005051521. A bucket is sent when it is ready and those before it have arrived.
/// </remarks>
internal static class Scaling
{
    const int Steps = 20;

    static readonly int[] s_nodes = [2, 4, 8, 16, 32, 64, 128, 256];

    /// <summary>Networks: what is said of them, Gbit/s, and the latency of a message in µs: TCP on Ethernet, then what RDMA networks usually have.</summary>
    static readonly (string Name, double Gigabits, double Latency)[] s_networks = [("10 Gbit/s, 25 µs", 10, 25), ("100 Gbit/s, 5 µs", 100, 5), ("400 Gbit/s, 2 µs", 400, 2)];

    static readonly string[] s_works = ["tabular_1024", "mnist_mlp", "mnist_cnn", "resnet", "imdb_lstm", "transformer"];

    /// <summary>The parts of a step, in seconds from its beginning.</summary>
    sealed record Step(double Seconds, (double Ready, long Bytes)[] Buckets);

    public static void Run()
    {
        var steps = s_works.ToDictionary(name => name, name => Measure(Work.All.Single(w => w.Key == name)));
        var measured = new Table("step on this machine, half a batch", "ms", "gradients (MB)", "buckets", "first ready (ms)", "last ready (ms)");
        foreach ((string name, Step step) in steps)
            measured.Add(name, step.Seconds * 1e3, step.Buckets.Sum(b => b.Bytes) / 1e6, step.Buckets.Length, step.Buckets[0].Ready * 1e3, step.Buckets[^1].Ready * 1e3);
        measured.Print();

        foreach ((string network, double gigabits, double latency) in s_networks)
        {
            var table = new Table([$"share of the ideal speed (%), {network}", .. s_nodes.Select(n => $"{n} nodes")]);
            foreach ((string name, Step step) in steps)
            {
                table.Add($"{name}, ring", [.. s_nodes.Select(n => (double?)Share(step, bytes => Ring(n, bytes, gigabits, latency)))]);
                table.Add($"{name}, tree", [.. s_nodes.Select(n => (double?)Share(step, bytes => Tree(n, bytes, gigabits, latency)))]);
            }
            table.Print();
        }
    }

    /// <summary>How much of the step's time is left to work, if each bucket takes so long.</summary>
    static double Share(Step step, Func<long, double> seconds)
    {
        double free = 0;
        foreach ((double ready, long bytes) in step.Buckets) free = Math.Max(free, ready) + seconds(bytes);
        // What comes behind the last bucket, the update, waits for it.
        double rest = step.Seconds - step.Buckets[^1].Ready;
        return 100 * step.Seconds / Math.Max(step.Seconds, free + rest);
    }

    /// <summary>Each node sends its neighbour a part, and the next one; 2 (n − 1) messages of an n-th.</summary>
    static double Ring(int nodes, long bytes, double gigabits, double latency) => 2 * (nodes - 1) * (latency * 1e-6 + (double)bytes / nodes * 8 / (gigabits * 1e9));

    /// <summary>Sums go up a binary tree and the result comes down, whole.</summary>
    static double Tree(int nodes, long bytes, double gigabits, double latency) => 2 * Math.Log2(nodes) * (latency * 1e-6 + bytes * 8 / (gigabits * 1e9));

    static Step Measure(Work work)
    {
        var recorder = new Recorder();
        (Sequential model, NDArray x, NDArray y) = work.Make();
        using (model)
        {
            model.Distribute = recorder;
            (NDArray batch, NDArray targets) = (x.Slice(0, work.Batch), y.Slice(0, work.Batch));
            for (int i = 0; i < Steps; i++) model.TrainOnBatch(batch, targets);
            var steps = new List<Step>();
            for (int i = 0; i < Steps; i++)
            {
                recorder.Sums.Clear();
                long start = Stopwatch.GetTimestamp();
                model.TrainOnBatch(batch, targets);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                steps.Add(new(seconds, [.. recorder.Sums.Select(s => (Stopwatch.GetElapsedTime(start, s.At).TotalSeconds, s.Bytes))]));
            }
            return steps.OrderBy(s => s.Seconds).ElementAt(Steps / 2);
        }
    }

    /// <summary>One of two ranks whose other one is silent, and is not waited for: it computes its half and remembers what it would have sent.</summary>
    sealed unsafe class Recorder : Distribution
    {
        public List<(long At, long Bytes)> Sums { get; } = [];

        public override int Rank => 0;

        public override int Size => 2;

        public override PredictionResults Predictions => PredictionResults.OnEachRank;

        public override TimeSpan Waiting => default;

        internal override nint Begin(float* values, int count, ReduceKind kind)
        {
            Sums.Add((Stopwatch.GetTimestamp(), (long)count * sizeof(float)));
            return 0;
        }

        internal override void Progress()
        {
        }

        internal override void End(nint begun)
        {
        }

        internal override void Broadcast(Span<byte> bytes)
        {
        }

        internal override void Collect(ReadOnlySpan<long> own, Span<long> all)
        {
            for (int rank = 0; rank < Size; rank++) own.CopyTo(all[(rank * own.Length)..]);
        }

        internal override void Gather(ReadOnlySpan<float> own, Span<float> all, IReadOnlyList<int> counts) => own.CopyTo(all);
    }
}
