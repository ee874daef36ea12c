using System.Diagnostics;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Ops;

namespace Benchmarks;

/// <summary>
/// Simulates scaling over networks: each work's step is measured with the times at which its buckets are sent and
/// waited for, then ring and tree all-reduce are simulated alongside it, for machines like this one.
/// </summary>
/// <remarks>
/// The usual model of a message, latency + bytes / bandwidth: https://doi.org/10.1177/1094342005051521. A bucket is
/// sent when it is ready and the previous ones have arrived; a step that waits for one delays everything after it.
/// </remarks>
internal static class Scaling
{
    const int Steps = 20;

    static readonly int[] s_nodes = [2, 4, 8, 16, 32, 64, 128, 256];

    /// <summary>Networks: description, Gbit/s, and the latency of a message in µs: TCP on Ethernet, then typical RDMA
    /// networks.</summary>
    static readonly (string Name, double Gigabits, double Latency)[] s_networks = [("10 Gbit/s, 25 µs", 10, 25),
        ("100 Gbit/s, 5 µs", 100, 5), ("400 Gbit/s, 2 µs", 400, 2)];

    static readonly string[] s_works = ["tabular_1024", "mnist_mlp", "mnist_cnn", "resnet", "imdb_lstm", "transformer"];

    /// <summary>A bucket is sent or, without bytes, waited for; in seconds from the start of the step.</summary>
    readonly record struct Event(double At, int Bucket, long Bytes);

    /// <summary>A step as it runs without waiting.</summary>
    sealed record Step(double Seconds, Event[] Events)
    {
        public Event[] Buckets { get; } = [.. Events.Where(e => e.Bytes > 0)];
    }

    public static void Run()
    {
        var steps = s_works.ToDictionary(name => name, name => Measure(Work.All.Single(w => w.Key == name)));
        var measured = new Table("step on this machine, half a batch", "ms", "gradients (MB)", "buckets",
            "first ready (ms)", "last ready (ms)");
        foreach ((string name, Step step) in steps)
            measured.Add(name, step.Seconds * 1e3, step.Buckets.Sum(b => b.Bytes) / 1e6, step.Buckets.Length,
                step.Buckets[0].At * 1e3, step.Buckets[^1].At * 1e3);
        measured.Print();

        foreach ((string network, double gigabits, double latency) in s_networks)
        {
            var table =
                new Table([$"fraction of the ideal speed (%), {network}", .. s_nodes.Select(n => $"{n} nodes")]);
            foreach ((string name, Step step) in steps)
            {
                table.Add($"{name}, ring",
                    [.. s_nodes.Select(n => (double?)Share(step, bytes => Ring(n, bytes, gigabits, latency)))]);
                table.Add($"{name}, tree",
                    [.. s_nodes.Select(n => (double?)Share(step, bytes => Tree(n, bytes, gigabits, latency)))]);
            }
            table.Print();
        }
    }

    /// <summary>The fraction of the step's time that is left for work, if each bucket takes the given time.</summary>
    static double Share(Step step, Func<long, double> seconds)
    {
        double free = 0, late = 0;
        var arrived = new Dictionary<int, double>();
        foreach ((double at, int bucket, long bytes) in step.Events)
        {
            if (bytes > 0) arrived[bucket] = free = Math.Max(free, at + late) + seconds(bytes);
            else late += Math.Max(0, arrived[bucket] - (at + late));
        }
        return 100 * step.Seconds / (step.Seconds + late);
    }

    /// <summary>Each node sends parts to its neighbor: 2 (n − 1) messages of 1/n of the data.</summary>
    static double Ring(int nodes, long bytes, double gigabits, double latency) =>
        2 * (nodes - 1) * (latency * 1e-6 + (double)bytes / nodes * 8 / (gigabits * 1e9));

    /// <summary>Sums go up a binary tree and the result comes down, each with all the data.</summary>
    static double Tree(int nodes, long bytes, double gigabits, double latency) =>
        2 * Math.Log2(nodes) * (latency * 1e-6 + bytes * 8 / (gigabits * 1e9));

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
                recorder.Events.Clear();
                long start = Stopwatch.GetTimestamp();
                model.TrainOnBatch(batch, targets);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                steps.Add(
                    new(seconds,
                        [.. recorder.Events.Select(e =>
                            new Event(Stopwatch.GetElapsedTime(start, e.At).TotalSeconds, e.Bucket, e.Bytes))]));
            }
            return steps.OrderBy(s => s.Seconds).ElementAt(Steps / 2);
        }
    }

    /// <summary>One of two ranks without the other: it computes its half and records what it would have sent.</summary>
    sealed unsafe class Recorder : Distribution
    {
        int _sums;

        public List<(long At, int Bucket, long Bytes)> Events { get; } = [];

        public override int Rank => 0;

        public override int Size => 2;

        public override PredictionResults Predictions => PredictionResults.OnEachRank;

        public override TimeSpan Waiting => default;

        internal override nint Begin(float* values, int count, ReduceKind kind)
        {
            Events.Add((Stopwatch.GetTimestamp(), ++_sums, (long)count * sizeof(float)));
            return _sums;
        }

        internal override void Progress()
        {
        }

        internal override void End(nint begun) => Events.Add((Stopwatch.GetTimestamp(), (int)begun, 0));

        internal override void Broadcast(Span<byte> bytes)
        {
        }

        internal override void Collect(ReadOnlySpan<long> own, Span<long> all)
        {
            for (int rank = 0; rank < Size; rank++) own.CopyTo(all[(rank * own.Length)..]);
        }

        internal override void Gather(ReadOnlySpan<float> own, Span<float> all, IReadOnlyList<int> counts) =>
            own.CopyTo(all);
    }
}
