using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Ops;

namespace Benchmarks;

/// <summary>Measures the speedup of several single-threaded ranks, how long they wait for each other, and the cost of a
/// sum over all of them.</summary>
internal static class Mpi
{
    const int Turns = 9, LargestSum = 16 << 20;

    /// <summary>Prints all tables, from runs of this program under <c>mpirun</c>, in turn.</summary>
    public static void Run(int mostRanks)
    {
        int[] ranks = [1, .. Enumerable.Range(2, mostRanks - 1)];
        var turns = ranks.ToDictionary(n => n, _ => new List<(double Samples, double Waiting)>());
        for (int turn = 0; turn < Turns; turn++)
        {
            foreach (int n in ranks)
            {
                double[] figures = Launch(n, "mpi-train", "mnist_cnn");
                turns[n].Add((figures[0], figures[1]));
            }
        }
        var table = new Table("mnist_cnn, one thread a rank", "samples a second", "times one rank",
            "waiting for others (%)");
        foreach (int n in ranks)
        {
            double[] times = [.. turns[n].Zip(turns[1], (own, one) => own.Samples / one.Samples)];
            table.Add($"{n} rank{(n == 1 ? "" : "s")}", Timing.Median(turns[n].Select(t => t.Samples)),
                Timing.Median(times), 100 * Timing.Median(turns[n].Select(t => t.Waiting)));
        }
        table.Print();

        var sums = new Table("sum over 2 ranks on one machine (µs)", "time");
        double[] all = Launch(2, "mpi-sums");
        for (int i = 0; i + 1 < all.Length; i += 2) sums.Add($"{all[i] * sizeof(float) / 1024:0} KiB", all[i + 1]);
        sums.Print();
    }

    /// <summary>One rank's training; rank 0 prints samples per second and the fraction of time spent waiting.</summary>
    public static void Train(string name)
    {
        Distribution ranks = Distribution.Mpi();
        Work work = Work.All.Single(w => w.Key == name);
        (Sequential model, NDArray x, NDArray y) = work.Make();
        model.Distribute = ranks;
        (x, y) = (NDArray.Concatenate([x, x, x]), NDArray.Concatenate([y, y, y]));
        // The JIT compiler runs during the first epoch, on the same processor.
        model.Fit(x, y, batchSize: work.Batch, epochs: 1, verbose: 0);
        TimeSpan waited = ranks.Waiting;
        var clock = Stopwatch.StartNew();
        model.Fit(x, y, batchSize: work.Batch, epochs: 1, verbose: 0);
        double seconds = clock.Elapsed.TotalSeconds;
        if (ranks.Rank == 0)
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture,
                    $"{x.Shape[0] / seconds} {(ranks.Waiting - waited).TotalSeconds / seconds}"));
    }

    /// <summary>Sums of many sizes; rank 0 prints pairs of values and microseconds.</summary>
    public static unsafe void Sums()
    {
        Distribution ranks = Distribution.Mpi();
        float[] values = new float[LargestSum];
        var line = new List<string>();
        fixed (float* address = values)
        {
            for (int count = 256; count <= LargestSum; count *= 4)
            {
                int times = Math.Max(10, (1 << 22) / count);
                for (int i = 0; i < 3; i++) ranks.End(ranks.Begin(address, count, ReduceKind.Sum));
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < times; i++) ranks.End(ranks.Begin(address, count, ReduceKind.Sum));
                line.Add(
                    string.Create(CultureInfo.InvariantCulture,
                        $"{count} {Stopwatch.GetElapsedTime(start).TotalMicroseconds / times}"));
            }
        }
        if (ranks.Rank == 0) Console.WriteLine(string.Join(" ", line));
    }

    static double[] Launch(int ranks, params string[] arguments)
    {
        string line = Child.LastLine(start =>
        {
            string[] command = [.. start.ArgumentList];
            start.FileName = "mpirun";
            start.ArgumentList.Clear();
            foreach (
                string argument in (string[])["--allow-run-as-root", "--oversubscribe", "-n", $"{ranks}", "dotnet",
                    .. command])
                start.ArgumentList.Add(argument);
            // Without terminal control sequences in the output.
            start.Environment["TERM"] = "dumb";
            start.Environment["KERASML_THREADS"] = "1";
            start.Environment[Device.EnvironmentVariable] = "cpu";
        }, arguments);
        return [.. line.Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
    }
}
