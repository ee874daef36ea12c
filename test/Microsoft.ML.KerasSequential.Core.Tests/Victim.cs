using Microsoft.ML.KerasSequential.Callbacks;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A training that is killed: the test assembly, run as a program, saves a checkpoint after each epoch until then.</summary>
internal static class Victim
{
    static void Main(string[] arguments)
    {
        if (arguments is not [var path]) throw new ArgumentException("The victim takes the checkpoint's path.", nameof(arguments));
        using var model = new Sequential([new Dense(200, inputShape: [100]), new Dense(1)]);
        model.Compile("adam", "mse");
        Console.WriteLine("begins");
        model.Fit(new NDArray(32, 100), new NDArray(32, 1), epochs: int.MaxValue, verbose: 0, callbacks: [new ModelCheckpoint(path)]);
    }
}
