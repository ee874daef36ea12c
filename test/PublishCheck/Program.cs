using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;

namespace PublishCheck;

/// <summary>
/// <c>PublishCheck train MODEL</c> writes a model file, <c>PublishCheck predict MODEL</c> loads it and prints the time
/// from the start of the process to the first prediction, <c>PublishCheck fit</c> the same for a first training run.
/// <c>PublishCheck numbers</c> writes the results of all checks, one line each; <c>PublishCheck numbers FILE</c>
/// compares with such lines.
/// </summary>
static class Program
{
    static int Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        switch (arguments)
        {
            case ["train", string path]:
                using (Sequential model = Trained()) model.Save(path);
                return 0;
            case ["predict", string path]:
                using (Sequential model = Sequential.Load(path)) model.Predict(Some(1, 16));
                Console.WriteLine($"first prediction after {SinceStart():0} ms on {Device.Cpu.Name}");
                return 0;
            case ["fit"]:
                Trained().Dispose();
                Console.WriteLine($"first training after {SinceStart():0} ms");
                return 0;
            case ["numbers"]:
                foreach ((string name, float[] values) in Checks.All())
                    Console.WriteLine($"{name}: {string.Join(' ', values)}");
                return 0;
            case ["numbers", string path]:
                return Compare(File.ReadAllLines(path));
            default:
                Console.Error.WriteLine("Expected: train MODEL, predict MODEL, fit, numbers or numbers FILE.");
                return 2;
        }
    }

    static Sequential Trained()
    {
        K.SetRandomSeed(1);
        var model = new Sequential([
            new Dense(64, activation: "relu", inputShape: [16]),
            new Dropout(0.1),
            new Dense(4, activation: "softmax"),
        ]);
        model.Compile("adam", "sparse_categorical_crossentropy", metrics: ["accuracy"]);
        model.Fit(Some(128, 16), Some(128, 1, classes: 4), epochs: 2, verbose: 0);
        return model;
    }

    /// <summary>Numbers that are the same in each run, in [−1, 1), or classes.</summary>
    internal static NDArray Some(int rows, int columns, int classes = 0)
    {
        var random = new Random(rows + columns);
        var values = new NDArray(rows, columns);
        foreach (ref float value in values.Span)
            value = classes > 0 ? random.Next(classes) : 2 * random.NextSingle() - 1;
        return values;
    }

    static double SinceStart() => (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;

    /// <summary>Other vector widths add in a different order, so training results agree only in some digits.</summary>
    static int Compare(string[] lines)
    {
        int failures = 0, count = 0;
        foreach ((string name, float[] values) in Checks.All())
        {
            string line = count < lines.Length ? lines[count++] : "";
            string[] expected = line.StartsWith($"{name}: ", StringComparison.Ordinal)
                ? line[(name.Length + 2)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
            double worst = expected.Length != values.Length ? double.PositiveInfinity
                : values.Zip(expected, (v, e) => Distance(v, float.Parse(e, CultureInfo.InvariantCulture)))
                    .Append(0).Max();
            if (worst <= 1e-3) continue;
            failures++;
            Console.WriteLine($"FAILED  {name}: {worst:g2} apart; "
                + $"{string.Join(' ', values.Take(8))} instead of {string.Join(' ', expected.Take(8))}");
        }
        Console.WriteLine($"{count - failures} checks passed, {failures} failed");
        return failures == 0 && count == lines.Length ? 0 : 1;
    }

    static double Distance(float value, float expected) =>
        value.Equals(expected) ? 0 : Math.Abs(value - expected) / Math.Max(1, Math.Abs(expected));
}
