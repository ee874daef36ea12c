using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.KerasSequential;

namespace Benchmarks;

/// <summary>What a training costs besides time, in a process of its own: the most memory, what a step allocates, and how long the first one takes.</summary>
/// <param name="Megabytes">The most memory that the process had.</param>
/// <param name="BytesPerStep">Managed memory allocated a step, once the first epochs are over.</param>
/// <param name="FirstStep">Tracing, compiling and running the first step, in milliseconds.</param>
internal sealed record Footprint(double Megabytes, double BytesPerStep, double FirstStep)
{
    /// <summary>Measures in a new process.</summary>
    public static Footprint Of(string work)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Footprint).Assembly.Location, "footprint", work]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double[] figures = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
        return new(figures[0], figures[1], figures[2]);
    }

    /// <summary>Measures in this process, and prints the figures.</summary>
    public static void Print(string name)
    {
        Work work = Work.All.Single(w => w.Key == name);
        (Sequential model, NDArray x, NDArray y) = work.Make();
        NDArray few = x.Slice(0, work.Batch), labels = y.Slice(0, work.Batch);
        var clock = Stopwatch.StartNew();
        model.TrainOnBatch(few, labels);
        double first = clock.Elapsed.TotalMilliseconds;
        int perEpoch = x.Rows / work.Batch;
        model.Fit(x, y, batchSize: work.Batch, epochs: 3, verbose: 0);
        // An epoch allocates its logs; what more steps an epoch allocate is the steps'.
        double one = Allocated(1), two = Allocated(2);
        string peak = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] : "0";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{double.Parse(peak, CultureInfo.InvariantCulture) / 1024} {(two - one) / perEpoch} {first}"));

        double Allocated(int times)
        {
            NDArray xs = times == 1 ? x : NDArray.Concatenate([x, x]), ys = times == 1 ? y : NDArray.Concatenate([y, y]);
            model.Fit(xs, ys, batchSize: work.Batch, epochs: 1, verbose: 0, shuffle: false);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            model.Fit(xs, ys, batchSize: work.Batch, epochs: 1, verbose: 0, shuffle: false);
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }
}
