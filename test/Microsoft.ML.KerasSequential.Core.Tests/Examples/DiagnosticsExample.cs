using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace Guide;

/// <summary>The example of docs/guide/diagnostics.md.</summary>
[TestClass]
public sealed class DiagnosticsExample
{
    [TestMethod]
    public void Runs()
    {
        var logger = new Microsoft.ML.KerasSequential.Tests.ListLogger();
        #region example
        NDArray x = new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, y = new float[] { 1, 2, 3 };
        using var model = new Sequential([new Dense(1, inputShape: [2])], name: "prices");
        model.Compile("adam", "mse");

        // What is measured. In a host: AddOpenTelemetry().WithMetrics(m => m.AddMeter(KerasDiagnostics.MeterName)).
        long steps = 0;
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == KerasDiagnostics.MeterName) listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, state) =>
        {
            if (instrument.Name == "keras.training.steps") steps += value;
        });
        meters.Start();
        #endregion
        model.Logger = logger;
        #region trained
        // model.Logger takes any ILogger: in a host, one of its ILoggerFactory.
        var progress = new Progress<TrainingProgress>(p => Console.WriteLine($"{p.Fraction:P0}, loss {p.Loss:0.000}"));
        History history = model.Fit(x, y, batchSize: 1, epochs: 4, verbose: 0, progress: progress);
        Console.WriteLine(history);                            // a table: a row an epoch
        Console.WriteLine(model.Predict(x));                   // rows and columns, as NumPy prints them
        Console.WriteLine(model.OutputShape);                  // (None, 1)

        // One model for all requests, loaded when it is first asked for.
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.zip");
        model.Save(path);
        using ServiceProvider services = new ServiceCollection().AddKerasSequential(path).BuildServiceProvider();
        NDArray answer = services.GetRequiredService<Sequential>().Predict(x);
        #endregion
        Assert.AreEqual(12, steps);
        Assert.HasCount(6, logger.Entries);
        CollectionAssert.AreEqual(model.Predict(x).ToArray(), answer.ToArray());
        File.Delete(path);
    }
}
