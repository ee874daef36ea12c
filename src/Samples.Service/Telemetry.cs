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
    /// <summary>What histograms of times count in, in seconds: OpenTelemetry's own steps begin with 5 s.</summary>
    static readonly ExplicitBucketHistogramConfiguration s_seconds =
        new() { Boundaries = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1, 3, 10] };

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration["telemetry"] == "none") return;
        int interval = 1000 * builder.Configuration.GetValue("telemetry-seconds", 10);
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(KerasDiagnostics.MeterName)
                .AddView(instrument => instrument.Unit == "s" ? s_seconds : null)
                .AddConsoleExporter((_, reader) =>
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = interval))
            // A prediction is traced where the request that asked for it is.
            .WithTracing(traces => traces.AddSource("Microsoft.AspNetCore", KerasDiagnostics.ActivitySourceName)
                .AddConsoleExporter());
    }

    /// <summary>Listens from now on, and not only when the host starts: a model may be trained before.</summary>
    public static void StartTelemetry(this IHost host)
    {
        _ = host.Services.GetService<MeterProvider>();
        _ = host.Services.GetService<TracerProvider>();
    }
}
