//#if (OpenTelemetry)
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
//#if (Tracing)
using OpenTelemetry.Trace;
//#endif

//#endif
namespace TemplateNamespace;

/// <summary>What the service measures, and where it goes.</summary>
public static class Telemetry
{
    //#if (OpenTelemetry)
    // The meter, and the source of activities, of the library that trains and predicts.
    const string KerasSequential = "Microsoft.ML.KerasSequential";

    //#endif
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PredictionMetrics>();
        //#if (OpenTelemetry)
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName))
            //#if (Tracing)
            .WithTracing(tracing =>
            {
                tracing.AddAspNetCoreInstrumentation().AddSource(KerasSequential);
                //#if (Otlp)
                tracing.AddOtlpExporter();
                //#else
                tracing.AddConsoleExporter();
                //#endif
            })
            //#endif
            .WithMetrics(metrics =>
            {
                metrics.AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
                    "System.Runtime");
                metrics.AddMeter(PredictionMetrics.MeterName, KerasSequential);
                //#if (Prometheus)
                metrics.AddPrometheusExporter();
                //#elseif (Otlp)
                metrics.AddOtlpExporter();
                //#else
                metrics.AddConsoleExporter();
                //#endif
            });
        //#endif
    }
}
