using Microsoft.ML.KerasSequential;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Samples.Service;

/// <summary>
/// What the library measures and traces, on the console; <c>-- --telemetry none</c> leaves it out. In a service of your
/// own
/// another exporter of OpenTelemetry, such as that of OTLP, takes the place of the console's.
/// </summary>
internal static class Telemetry
{
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration["telemetry"] == "none") return;
        int interval = 1000 * builder.Configuration.GetValue("telemetry-seconds", 10);
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(KerasDiagnostics.MeterName).AddConsoleExporter(
                (_, reader) => reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = interval))
            .WithTracing(traces => traces.AddSource(KerasDiagnostics.ActivitySourceName).AddConsoleExporter());
    }

    /// <summary>Listens from now on, and not only when the host starts: a model may be trained before.</summary>
    public static void StartTelemetry(this IHost host)
    {
        _ = host.Services.GetService<MeterProvider>();
        _ = host.Services.GetService<TracerProvider>();
    }
}
