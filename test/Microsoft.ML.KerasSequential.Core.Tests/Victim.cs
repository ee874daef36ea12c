using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// Training that is killed: the test assembly, run as a program. It saves a checkpoint after each epoch forever; or
/// resumes training from a checkpoint and runs to the end.
/// </summary>
internal static class Victim
{
    static void Main(string[] arguments)
    {
        if (arguments is not [var path, .. var more])
            throw new ArgumentException("The victim takes the file's path.", nameof(arguments));
        if (more is ["resume"]) Resume(path);
        else Save(path);
    }

    static void Save(string path)
    {
        using var model = new Sequential([new Dense(200, inputShape: [100]), new Dense(1)]);
        model.Compile("adam", "mse");
        Console.WriteLine("begins");
        model.Fit(new NDArray(32, 100), new NDArray(32, 1), epochs: int.MaxValue, verbose: 0,
            callbacks: [new ModelCheckpoint(path)]);
    }

    static void Resume(string path)
    {
        K.SetRandomSeed(4);
        using var model = new Sequential(
            [new Dense(64, activation: "relu", inputShape: [20]), new Dropout(0.2), new Dense(64, activation: "relu"),
                new Dense(1)]);
        model.Compile("adam", "mse", metrics: ["mae"]);
        var random = new Random(1);
        NDArray x = RandomModels.Input(random, 3200, [20]), y = RandomModels.Input(random, 3200, [1]);
        bool resumes = File.Exists(path) || File.Exists($"{path}.previous");
        Console.WriteLine("begins");
        model.Fit(x, y, epochs: 12, verbose: 0, callbacks: [new TrainingCheckpoint(path, everySteps: 10)],
            resumeFrom: resumes ? path : null);
        model.SaveWeights($"{path}.weights");
    }
}
