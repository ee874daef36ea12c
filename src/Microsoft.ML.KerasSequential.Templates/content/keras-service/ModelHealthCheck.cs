using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TemplateNamespace;

/// <summary>Ready as soon as the model is loaded, until the service stops.</summary>
public sealed class ModelHealthCheck(ModelHost host, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public const string ReadyTag = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context,
        CancellationToken cancellationToken = default) =>
        Task.FromResult(
            lifetime.ApplicationStopping.IsCancellationRequested
            ? HealthCheckResult.Unhealthy("The service is stopping.")
            : host.IsReady ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy("The model is not loaded yet."));
}

/// <summary>The endpoints that orchestrators ask: is the process alive, and may it be sent requests?</summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ModelHealthCheck.ReadyTag),
        });
    }
}
