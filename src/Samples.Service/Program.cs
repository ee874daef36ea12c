using Microsoft.ML;
using Samples.Service;

// A minimal scoring service: POST /predict with {"features": [5.1, 3.5, 1.4, 0.2]} gives {"species": "setosa", "probabilities": [...]}.
// The model is a file that any ML.NET program may have written; `-- --model FILE` names it, otherwise one is trained at the start.
// `-- --onnx FILE` runs the pipeline in an ONNX file on ONNX Runtime instead, on the CPU; the project Samples.Service.Gpu
// does it on a CUDA GPU, and on the CPU where there is none. The log tells which. Where there is no file, one is made.
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
    throw new NotSupportedException($"{onnx} cannot be run: the service was built where ONNX Runtime was not at hand.");
#endif
}
