using System.Text.Json.Serialization;
using Microsoft.ML;

namespace TemplateNamespace;

/// <summary>The service's endpoints for predictions.</summary>
public static class PredictionEndpoints
{
    public static void AddPredictions(this IServiceCollection services)
    {
        services.AddSingleton(_ => new MLContext(seed: 1));
        services.AddSingleton<ModelHost>();
        services.AddHostedService(provider => provider.GetRequiredService<ModelHost>());
        services.AddSingleton(provider => new EnginePool<Flower, ScoredFlower>(
            provider.GetRequiredService<MLContext>(), () => provider.GetRequiredService<ModelHost>().Model));
        services.AddSingleton<Predictor>();
        services.AddHealthChecks().AddCheck<ModelHealthCheck>("model", tags: [ModelHealthCheck.ReadyTag]);

        // A number is a JSON number, and what cannot be read is a 400 with problem details in every environment.
        services.ConfigureHttpJsonOptions(o => o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict);
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
    }

    public static void MapPredictions(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder group = app.MapGroup("/predict").WithTags("Predictions")
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .AddEndpointFilter(RefuseUntilReady);

        group.MapPost("", (PredictionRequest request, Predictor predictor) => predictor.Predict(request))
            .WithName("Predict")
            .WithSummary("Tells the species of a flower.");

        group.MapPost("/batch", (BatchRequest request, Predictor predictor) => predictor.Predict(request.Flowers!))
            .WithName("PredictBatch")
            .WithSummary("Tells the species of several flowers.");
    }

    static async ValueTask<object?> RefuseUntilReady(EndpointFilterInvocationContext context,
        EndpointFilterDelegate next)
    {
        if (context.HttpContext.RequestServices.GetRequiredService<ModelHost>().IsReady) return await next(context);
        context.HttpContext.Response.Headers.RetryAfter = "5";
        return TypedResults.Problem("The model is not loaded yet.",
            statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
