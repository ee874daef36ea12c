using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Diagnostics;
using Microsoft.ML.KerasSequential.Layers;

namespace Benchmarks;

/// <summary>What meters, traces, loggers and progress cost, where somebody listens and where nobody does.</summary>
internal static class Telemetry
{
    const int Rows = 4096, BatchSize = 32, Epochs = 8;

    public static void Run()
    {
        using var model = new Sequential([new Dense(32, activation: "relu", inputShape: [16]), new Dense(1)]);
        model.Compile("adam", "mse");
        (NDArray x, NDArray y) = (new(Rows, 16), new(Rows, 1));
        ILogger silent = model.Logger;
        var table = new Table("small steps", "µs a step", "bytes a step", "µs a prediction");
        // In rounds, since another process may have a processor for a while.
        (string Name, Func<IDisposable?> Listen)[] ways =
        [
            ("nobody listens", () => null),
            ("meters", Meters),
            ("meters and traces", () => new Both(Meters(), Traces())),
            ("meters, traces, log and progress", () => new Both(Meters(), Traces(), new Logged(model, silent))),
        ];
        var figures = ways.ToDictionary(w => w.Name, _ => new List<(double Step, double Bytes, double Prediction)>());
        for (int round = 0; round <= Timing.Rounds; round++)
        {
            foreach ((string name, Func<IDisposable?> listen) in ways)
            {
                using IDisposable? listening = listen();
                IProgress<TrainingProgress>? progress = listening is Both { Count: 3 } ? new Nowhere() : null;
                (double, double, double) figure = Measure(model, x, y, progress);
                // The first round warms up.
                if (round > 0) figures[name].Add(figure);
            }
        }
        foreach ((string name, List<(double Step, double Bytes, double Prediction)> all) in figures)
        {
            // The least: what is looked for is smaller than what other processes do to a round.
            table.Add(name, all.Min(f => f.Step), all.Min(f => f.Bytes), all.Min(f => f.Prediction));
        }
        table.Print();

        long looks = 0;
        double look = Timing.Best(() => looks += TrainingObserver.BeginWait() + TrainingObserver.BeginStep(), 100_000);
        Console.WriteLine(FormattableString.Invariant(
            $"what a step looks at where nobody listens: {look * 1e9:0.0} ns ({looks})"));
    }

    static (double Step, double Bytes, double Prediction) Measure(Sequential model, NDArray x, NDArray y,
        IProgress<TrainingProgress>? progress)
    {
        const int Steps = Rows / BatchSize * Epochs;
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        model.Fit(x, y, batchSize: BatchSize, epochs: Epochs, verbose: 0, progress: progress);
        double step = clock.Elapsed.TotalMicroseconds / Steps;
        double allocated = (double)(GC.GetAllocatedBytesForCurrentThread() - bytes) / Steps;
        NDArray one = x.Slice(0, 1);
        return (step, allocated, Timing.Microseconds(() => model.PredictOnBatch(one), 100));
    }

    static MeterListener Meters()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == KerasDiagnostics.MeterName) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => { });
        listener.Start();
        return listener;
    }

    static ActivityListener Traces()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KerasDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    sealed class Both(params IDisposable[] parts) : IDisposable
    {
        public int Count => parts.Length;

        public void Dispose()
        {
            foreach (IDisposable part in parts) part.Dispose();
        }
    }

    sealed class Logged : IDisposable, ILogger
    {
        readonly Sequential _model;
        readonly ILogger _before;

        public Logged(Sequential model, ILogger before)
        {
            (_model, _before) = (model, before);
            model.Logger = this;
        }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            formatter(state, exception);

        public void Dispose() => _model.Logger = _before;
    }

    sealed class Nowhere : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
