using System.Globalization;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Optimizers;
using Microsoft.ML.KerasSequential.Plots;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Samples;

/// <summary>One plot of each kind, for networks that read digits and one that reads sentences.</summary>
internal static class Pictures
{
    public static void Run(int seed, string folder)
    {
        foreach (string file in Draw(seed, folder)) Console.WriteLine(file);
    }

    /// <summary>Trains networks and draws plots.</summary>
    /// <returns>The files.</returns>
    public static IReadOnlyList<string> Draw(int seed, string folder)
    {
        var files = new List<string>();
        string In(string name)
        {
            files.Add(Path.Combine(folder, name));
            return files[^1];
        }

        var ((x, y), (testX, testY)) = Datasets.Digits().Split(1.0 / 3, seed);
        foreach (NDArray images in (NDArray[])[x, testX])
            foreach (ref float pixel in images.Span) pixel /= 16;

        using Sequential model = Network(), other = Network();
        History adam = Fit(model, "adam", x, y), sgd = Fit(other, new SGD(learningRate: 0.05), x, y);
        adam.Plot(In("history.png"), title: "Digits");
        new[] { ("adam", adam), ("sgd", sgd) }.Plot(In("runs.png"), "val_loss", title: "Two optimizers");

        string[] digits = [.. Enumerable.Range(0, 10).Select(d => d.ToString(CultureInfo.InvariantCulture))];
        // The network that learns more slowly makes more mistakes to show.
        NDArray p = other.Predict(testX);
        new ConfusionMatrix(testY, p, digits).Plot(In("confusion.png"));
        RocCurve.Of(testY, p, digits).Plot(In("roc.png"));
        PrecisionRecallCurve.Of(testY, p, digits).Plot(In("precision-recall.png"));
        model.PlotFilters(In("filters.png"));

        // The digits in the last hidden layer.
        using var hidden = new Sequential(model.Layers.Take(model.Layers.Count - 1));
        new PrincipalComponents(hidden.Predict(testX)).Plot(In("points.png"), classes: testY, classNames: digits,
            title: "Digits in the last hidden layer", width: 700, height: 520);

        using Sequential drawn = Nested();
        drawn.Plot(In("model.png"), showShapes: true, expandNested: true);
        drawn.Plot(In("model.svg"), showShapes: true, expandNested: true);
        File.WriteAllText(In("model.md"), $"```mermaid\n{drawn.ToMermaid(showShapes: true, expandNested: true)}```\n");

        (Sequential reader, Tokenizer tokenizer, _, _) = Sentences.Train(seed, verbose: 0);
        using (reader) reader.PlotEmbedding(In("embedding.png"), tokenizer.WordIndex,
            title: "Words of praise and blame");
        return files;
    }

    static Sequential Network() => new([
        new Reshape([8, 8, 1], inputShape: [64]),
        new Conv2D(16, 5, padding: "same", activation: "relu"),
        new MaxPooling2D(2),
        new Flatten(),
        new Dense(32, activation: "relu"),
        new Dense(10, activation: "softmax"),
    ]);

    /// <summary>A network with a nested network, and a shortcut around two layers.</summary>
    static Sequential Nested() => new([
        new Reshape([8, 8, 1], inputShape: [64]),
        new Sequential([new Conv2D(16, 5, strides: 2, padding: "same", activation: "relu")], name: "stem"),
        new Residual([new Conv2D(16, 3, padding: "same", activation: "relu"), new Conv2D(16, 3, padding: "same")]),
        new Flatten(),
        new Dense(10, activation: "softmax"),
    ]);

    static History Fit(Sequential model, Optimizer optimizer, NDArray x, NDArray y)
    {
        model.Compile(optimizer, "sparse_categorical_crossentropy", metrics: ["accuracy"]);
        return model.Fit(x, y, batchSize: 32, epochs: 12, validationSplit: 0.1, verbose: 0,
            cancellationToken: Interrupt.Token);
    }
}
