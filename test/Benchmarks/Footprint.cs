using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;

namespace Benchmarks;

/// <summary>The cost of training besides time, in a separate process: the peak memory, the allocation per step, and the
/// time of the first step.</summary>
/// <param name="Megabytes">The peak memory of the process.</param>
/// <param name="BytesPerStep">Managed memory allocated per step, after the first epochs.</param>
/// <param name="FirstStep">Tracing, compiling and running the first step, in milliseconds.</param>
internal sealed record Footprint(double Megabytes, double BytesPerStep, double FirstStep)
{
    /// <summary>Measures in a new process.</summary>
    public static Footprint Of(string work)
    {
        // Looking for GPUs is not part of a step.
        string line = Child.LastLine(start => start.Environment[Device.EnvironmentVariable] = "cpu", "footprint", work);
        double[] figures = [.. line.Split(' ').Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
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
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{Child.MostMegabytes()} {allocation.PerStep} {first}"));
    }

    /// <summary>Measures the allocation of the steps within an epoch, on all threads.</summary>
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
