using Microsoft.ML;
using Samples.Service;

// A minimal scoring service: POST /predict with {"features": [5.1, 3.5, 1.4, 0.2]} returns {"species": "setosa",
// "probabilities": [...]}. The model is a file from any ML.NET program, given by `-- --model FILE`; otherwise one is
// trained at startup. `-- --onnx FILE` runs the pipeline in an ONNX file on ONNX Runtime instead, on the CPU; the
// project Samples.Service.Gpu does so on a CUDA GPU, or on the CPU if there is none. The log says which. If the file
// does not exist, it is created.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
WebApplication app = builder.Build();
using IFlowerModel model = Open(new MLContext(seed: 1));

app.MapPost("/predict", (Flower flower) =>
{
    if (flower.Features is not { Length: Flowers.Sizes }) return Results.BadRequest($"A flower has {Flowers.Sizes} features; given {flower.Features?.Length ?? 0}.");
    Answer answer = model.Predict(flower);
    return Results.Ok(new { species = answer.PredictedLabel, probabilities = answer.Score });
});
app.Run();

IFlowerModel Open(MLContext ml)
{
    if (app.Configuration["onnx"] is not { } onnx)
        return new EngineModel(ml, app.Configuration["model"] is { } file ? ml.Model.Load(file, out _) : Flowers.Train(ml));
#if ONNX_RUNTIME
    return new OnnxModel(ml, onnx, app.Logger.Say);
#else
    throw new NotSupportedException($"{onnx} cannot be run: the service was built without ONNX Runtime.");
#endif
}
