using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

// Two half moons reach into each other. The model learns which of them a point belongs to.
K.SetRandomSeed(1);
(NDArray x, NDArray y) = Moons(1000, seed: 1);
(NDArray testX, NDArray testY) = Moons(200, seed: 2);

using var model = new Sequential([
    new Dense(32, activation: "relu", inputShape: [2]),
    new Dense(32, activation: "relu"),
    new Dense(1, activation: "sigmoid"),
]);
model.Compile(optimizer: "adam", loss: "binary_crossentropy", metrics: ["accuracy"]);
model.Summary();

// A fifth of the points is held back; training stops when the model no longer gets better on them.
model.Fit(x, y, batchSize: 16, epochs: 100, verbose: 2, validationSplit: 0.2,
    callbacks: new EarlyStopping(patience: 5, restoreBestWeights: true));

Evaluation result = model.Evaluate(testX, testY, verbose: 0);
Console.WriteLine($"\nOn new points: loss {result["loss"]:0.000}, accuracy {result["accuracy"]:0.0%}\n");

// The file holds layers, weights and the optimizer's state. Any program with this package can load it.
model.Save("moons.zip");
using Sequential loaded = Sequential.Load("moons.zip");

// What the model has learned: a map of the plane, a character a point.
const int Width = 64, Height = 20;
var points = new float[Width * Height, 2];
for (int i = 0; i < Width * Height; i++)
{
    points[i, 0] = -1.5f + 4f * (i % Width) / Width;
    points[i, 1] = 1.5f - 2.5f * (i / Width) / Height;
}
float[] probabilities = loaded.Predict(points).ToArray();
foreach (float[] line in probabilities.Chunk(Width))
    Console.WriteLine(string.Concat(line.Select(p => p > 0.9f ? '#' : p > 0.5f ? '+' : p > 0.1f ? '-' : '.')));

static (NDArray X, NDArray Y) Moons(int count, int seed)
{
    var random = new Random(seed);
    float[,] x = new float[count, 2], y = new float[count, 1];
    for (int i = 0; i < count; i++)
    {
        float angle = MathF.PI * random.NextSingle(), moon = i % 2;
        x[i, 0] = (moon == 0 ? MathF.Cos(angle) : 1 - MathF.Cos(angle)) + 0.3f * (random.NextSingle() - 0.5f);
        x[i, 1] = (moon == 0 ? MathF.Sin(angle) : 0.5f - MathF.Sin(angle)) + 0.3f * (random.NextSingle() - 0.5f);
        y[i, 0] = moon;
    }
    return (x, y);
}
