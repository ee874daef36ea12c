using TemplateNamespace;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddProblemDetails();
builder.Services.AddValidation();
builder.Services.AddOpenApi();
builder.Services.AddPredictions();
builder.AddTelemetry();

WebApplication app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
//#if (Prometheus)
app.MapPrometheusScrapingEndpoint();        // GET /metrics
//#endif
app.MapOpenApi();                           // GET /openapi/v1.json
app.MapHealth();                            // GET /health/live, /health/ready
app.MapPredictions();                       // POST /predict, /predict/batch
app.Run();
