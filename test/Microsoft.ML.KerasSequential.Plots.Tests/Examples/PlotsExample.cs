using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots;

namespace Guide;

/// <summary>The example of docs/guide/plots.md.</summary>
[TestClass]
public sealed class PlotsExample
{
    [TestMethod]
    public void Runs()
    {
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory().FullName;
        Environment.CurrentDirectory = folder;
        try
        {
            #region example
            var random = new Random(1);
            var (x, y) = (new NDArray(120, 8, 8, 1), new NDArray(120));        // your pictures and their classes
            for (int i = 0; i < 120; i++)
            {
                y[i] = i % 3;
                for (int k = 0; k < 64; k++) x.Span[i * 64 + k] = random.NextSingle() + (k % 3 == i % 3 ? 0.5f : 0);
            }

            Sequential Network() => new([
                new Conv2D(16, 5, padding: "same", activation: "relu", inputShape: [8, 8, 1]),
                new MaxPooling2D(2),
                new Flatten(),
                new Dense(3, activation: "softmax"),
            ]);
            using Sequential model = Network(), other = Network();
            model.Compile("adam", "sparse_categorical_crossentropy", metrics: ["accuracy"]);
            other.Compile("sgd", "sparse_categorical_crossentropy", metrics: ["accuracy"]);
            History adam = model.Fit(x, y, epochs: 8, validationSplit: 0.2, verbose: 0);
            History sgd = other.Fit(x, y, epochs: 8, validationSplit: 0.2, verbose: 0);

            adam.Plot("plots/history.png");                            // loss and accuracy, training and validation
            adam.Plot("plots/loss.svg", metrics: ["loss"], title: "digits", width: 640, height: 400);
            new[] { ("adam", adam), ("sgd", sgd) }.Plot("plots/runs.png", "val_loss");

            model.Plot("plots/model.svg", showShapes: true);           // Keras plot_model
            string mermaid = model.ToMermaid(showShapes: true);        // for Markdown; needs no package

            string[] names = ["circle", "square", "star"];
            NDArray p = model.Predict(x);
            new ConfusionMatrix(y, p, names).Plot("plots/confusion.png");
            RocCurve.Of(y, p, names).Plot("plots/roc.png");
            PrecisionRecallCurve.Of(y, p, names).Plot("plots/precision-recall.png");
            Console.WriteLine($"area under the curve of {names[0]}: {RocCurve.Of(y, p, names)[0].Area:0.000}");

            model.PlotFilters("plots/filters.png");
            new PrincipalComponents(x.Reshape(-1, 64)).Plot("plots/points.png", classes: y, classNames: names);

            using var words = new Sequential([new Embedding(100, 16), new GlobalAveragePooling1D(), new Dense(1)]);
            words.Build([null, null]);
            words.PlotEmbedding("plots/words.png", labels: ["good", "bad", "dull"], rows: [1, 2, 3]);
            #endregion
            string[] files = [.. Directory.GetFiles("plots").Select(f => Path.GetFileName(f)).Order()];
            CollectionAssert.AreEqual(new[] { "confusion.png", "filters.png", "history.png", "loss.svg", "model.svg",
                "points.png", "precision-recall.png", "roc.png", "runs.png", "words.png" }, files);
            Assert.StartsWith("flowchart TB", mermaid);
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }
}
