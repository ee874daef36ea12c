using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;

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
        var start = new ProcessStartInfo("dotnet", [typeof(Footprint).Assembly.Location, "footprint", work]) { RedirectStandardOutput = true };
        // Looking for GPUs is not part of a step.
        start.Environment[Device.EnvironmentVariable] = "cpu";
        using Process process = Process.Start(start)!;
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
        var clock = Stopwatch.StartNew();
        model.TrainOnBatch(x.Slice(0, work.Batch), y.Slice(0, work.Batch));
        double first = clock.Elapsed.TotalMilliseconds;
        var allocation = new Allocation();
        model.Fit(x, y, batchSize: work.Batch, epochs: 3, verbose: 0, callbacks: [allocation]);
        string peak = File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] : "0";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{double.Parse(peak, CultureInfo.InvariantCulture) / 1024} {allocation.PerStep} {first}"));
    }

    /// <summary>What the steps within an epoch allocate, on all threads.</summary>
    sealed class Allocation : Callback
    {
        long _atFirst, _atLast;
        int _steps;

        public double PerStep => (_atLast - _atFirst) / (double)Math.Max(1, _steps);

        public override void OnTrainBatchEnd(int batch, IReadOnlyDictionary<string, double> logs)
        {
            _atLast = GC.GetTotalAllocatedBytes(precise: true);
            if (batch > 0)
            {
                _steps = batch;
                return;
            }
            _atFirst = _atLast;
        }
    }
}
