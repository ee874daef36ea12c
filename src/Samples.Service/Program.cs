using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Samples.Service;

// A minimal scoring service: POST /predict with {"features": [5.1, 3.5, 1.4, 0.2]} gives {"species": "setosa", "probabilities": [...]}.
// The model is a file that any ML.NET program may have written; `-- --model FILE` names it, otherwise one is trained at the start.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
var ml = new MLContext(seed: 1);
ITransformer model = builder.Configuration["model"] is { } file ? ml.Model.Load(file, out _) : Flowers.Train(ml);

// A prediction engine serves one request at a time, so there is a pool of them over the one model.
builder.Services.AddSingleton<ObjectPool<PredictionEngine<Flower, Answer>>>(new DefaultObjectPoolProvider().Create(new EnginePolicy(ml, model)));
WebApplication app = builder.Build();

app.MapPost("/predict", (Flower flower, ObjectPool<PredictionEngine<Flower, Answer>> engines) =>
{
    if (flower.Features is not { Length: Flowers.Sizes }) return Results.BadRequest($"A flower has {Flowers.Sizes} features; given {flower.Features?.Length ?? 0}.");
    PredictionEngine<Flower, Answer> engine = engines.Get();
    try
    {
        Answer answer = engine.Predict(flower);
        return Results.Ok(new { species = answer.PredictedLabel, probabilities = answer.Score });
    }
    finally
    {
        engines.Return(engine);
    }
});
app.Run();
