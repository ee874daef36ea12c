using Microsoft.ML;
using Samples.Service;

// A minimal scoring service: POST /predict with {"features": [5.1, 3.5, 1.4, 0.2]} returns {"species": "setosa",
// "probabilities": [...]}. The model is a file from any ML.NET program, given by `-- --model FILE`; otherwise one is
// trained at startup. `-- --onnx FILE` runs the pipeline in an ONNX file on ONNX Runtime instead, on the CPU; the
// project Samples.Service.Gpu does so on a CUDA GPU, or on the CPU if there is none. The log says which. If the file
// does not exist, it is created.
// The console exporter of OpenTelemetry shows the metrics and traces of the library; `-- --telemetry none` omits it.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
#if OPENTELEMETRY
builder.AddTelemetry();
#endif
builder.Services.AddSingleton(new MLContext(seed: 1));
if (builder.Configuration["onnx"] is { } onnx)
{
    builder.Services.AddSingleton<IFlowerModel>(services => OpenOnnx(services, onnx));
}
else
{
    if (builder.Configuration["model"] is { } file) builder.Services.AddKerasSequentialEngine<Flower, Answer>(file);
    else builder.Services.AddKerasSequentialEngine<Flower, Answer>(Flowers.Train);
    builder.Services.AddSingleton<IFlowerModel, EngineModel>();
}
WebApplication app = builder.Build();

app.MapPost("/predict", (Flower flower, IFlowerModel model) =>
{
    if (flower.Features is not { Length: Flowers.Sizes })
        return Results.BadRequest($"A flower has {Flowers.Sizes} features; given {flower.Features?.Length ?? 0}.");
    Answer answer = model.Predict(flower);
    return Results.Ok(new { species = answer.PredictedLabel, probabilities = answer.Score });
});
#if OPENTELEMETRY
app.StartTelemetry();
#endif
// A model that cannot be had is an error now, and not with the first request.
_ = app.Services.GetRequiredService<IFlowerModel>();
app.Run();

static IFlowerModel OpenOnnx(IServiceProvider services, string path) =>
#if ONNX_RUNTIME
    new OnnxModel(services.GetRequiredService<MLContext>(), path,
        services.GetRequiredService<ILogger<OnnxModel>>().Say);
#else
    throw new NotSupportedException($"{path} cannot be run: the service was built without ONNX Runtime.");
#endif
