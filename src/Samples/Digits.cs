using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Spectre.Console;

namespace Samples;

/// <summary>The main sample: a network learns to read handwritten digits of 8×8 pixels.</summary>
internal static class Digits
{
    public static void Run(int seed)
    {
        (Sequential model, NDArray testX, NDArray testY) = Train(seed, verbose: 1);
        using (model)
        {
            Evaluation result = model.Evaluate(testX, testY, verbose: 0);
            Console.WriteLine($"on {testX.Shape[0]} digits not used in training:");
            foreach ((string metric, double value) in result)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {metric}: {value:0.0000}"));
            Confusion(testY, model.PredictClasses(testX));
        }
    }

    /// <summary>Trains on two thirds of the digits, optionally with several processes; returns the last third with the
    /// model.</summary>
    public static (Sequential Model, NDArray TestX, NDArray TestY) Train(
        int seed, int verbose, Distribution? ranks = null)
    {
        var ((x, y), (testX, testY)) = Datasets.Digits().Split(1.0 / 3, seed);
        foreach (NDArray images in (NDArray[])[x, testX])
            foreach (ref float pixel in images.Span) pixel /= 16;

        // The last tenth stays unchanged, for validation; the others are also shown shifted by one pixel in each
        // direction.
        int validation = x.Shape[0] / 10, training = x.Shape[0] - validation;
        (x, y) = WithShifted(x, y, training);

        var model = new Sequential([
            new Dense(256, activation: "relu", inputShape: [Pixels]),
            new Dropout(0.3),
            new Dense(128, activation: "relu"),
            new Dropout(0.3),
            new Dense(10, activation: "softmax"),
        ], name: "digits")
        { Distribute = ranks };
        if (verbose > 0) model.Summary();
        model.Compile(optimizer: new Adam(learningRate: 0.002), loss: "sparse_categorical_crossentropy",
            metrics: ["accuracy"]);

        var clock = Stopwatch.StartNew();
        model.Fit(x, y, batchSize: 64, epochs: 30, validationSplit: (double)validation / x.Shape[0], verbose: verbose,
            cancellationToken: ranks is null ? Interrupt.Token : default);
        if (verbose > 0)
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"trained in {clock.Elapsed.TotalSeconds:0.0} s"));
        return (model, testX, testY);
    }

    /// <summary>The first images and their copies shifted by one pixel up, down, left and right; then the rest,
    /// unchanged.</summary>
    static (NDArray X, NDArray Y) WithShifted(NDArray x, NDArray y, int count)
    {
        (int Rows, int Columns)[] shifts = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)];
        var images = new List<float[]>();
        var labels = new List<float>();
        foreach ((int rows, int columns) in shifts)
        {
            for (int i = 0; i < count; i++)
            {
                images.Add(Shift(x.Span.Slice(i * Pixels, Pixels), rows, columns));
                labels.Add(y.Span[i]);
            }
        }
        for (int i = count; i < x.Shape[0]; i++)
        {
            images.Add(x.Span.Slice(i * Pixels, Pixels).ToArray());
            labels.Add(y.Span[i]);
        }
        return (images.ToArray(), labels.ToArray());
    }

    static float[] Shift(ReadOnlySpan<float> image, int rows, int columns)
    {
        float[] result = new float[Pixels];
        for (int r = 0; r < Side; r++)
            for (int c = 0; c < Side; c++)
                if (r - rows is >= 0 and < Side && c - columns is >= 0 and < Side)
                    result[r * Side + c] = image[(r - rows) * Side + c - columns];
        return result;
    }

    const int Side = 8, Pixels = Side * Side;

    /// <summary>Prints how often each digit was read as each digit.</summary>
    static void Confusion(NDArray truth, NDArray predicted)
    {
        int[,] counts = new int[10, 10];
        for (int i = 0; i < truth.Size; i++) counts[(int)truth.Span[i], (int)predicted.Span[i]]++;
        Console.WriteLine("digit (rows) read as (columns):");
        var table = new Spectre.Console.Table().AddColumn("");
        for (int digit = 0; digit < 10; digit++) table.AddColumn(new TableColumn($"{digit}").RightAligned());
        for (int row = 0; row < 10; row++)
            table.AddRow(
                [$"{row}",
                    .. Enumerable.Range(0, 10).Select(c => counts[row, c] == 0 ? "·"
                        : counts[row, c].ToString(CultureInfo.InvariantCulture))]);
        AnsiConsole.Write(table);
    }
}
