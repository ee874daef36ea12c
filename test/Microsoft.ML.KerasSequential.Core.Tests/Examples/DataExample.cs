using System.Runtime.CompilerServices;
using Microsoft.ML.KerasSequential;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Preprocessing;

namespace Guide;

/// <summary>The example of docs/guide/data.md.</summary>
[TestClass]
public sealed class DataExample
{
    [TestMethod]
    public void Runs()
    {
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory("data").FullName;
        Environment.CurrentDirectory = folder;
        try
        {
            File.WriteAllText("flowers.csv",
                "length,width,species\n5.1,3.5,setosa\n7.0,NA,versicolor\n6.3,3.3,virginica\n");
            File.WriteAllText("numbers.csv", "1,2\n3,4\n");
            for (int i = 0; i < 10; i++)
            {
                string kind = Path.Combine("flowers", i % 2 == 0 ? "roses" : "tulips");
                Directory.CreateDirectory(kind);
                Image.SaveImg(Path.Combine(kind, $"{i}.png"), new NDArray(8, 8, 3));
            }
            Example();
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Example()
    {
        #region example
        // Numbers of a CSV file; features, labels and texts of one.
        NDArray numbers = NDArray.FromCsv("numbers.csv");
        CsvTable csv = CsvTable.Read("flowers.csv", missingValue: 0);
        NDArray x = csv.Columns("length", "width"), y = csv.Classes("species", out string[] species);
        Console.WriteLine($"{csv.Rows} flowers of {string.Join(", ", species)}");

        // A table that is shipped, mixed and split.
        var ((train, labels), (test, testLabels)) = Datasets.Iris().Split(testShare: 0.3, seed: 1);

        // Objects of the program's own.
        Measurement[] measurements = [new(5.1f, 3.5f, "setosa"), new(6.3f, 3.3f, "virginica")];
        NDArray features = NDArray.FromRecords(measurements, m => m.Length, m => m.Width);
        NDArray classes = NDArray.FromClasses(measurements.Select(m => m.Species), species);

        // The images of a folder, all at once; or batches that are read when they are needed.
        var (images, imageLabels, classNames) = ImageDataset.Load("flowers", imageSize: (8, 8));
        ImageDataset batches = ImageDataset.FromDirectory("flowers", imageSize: (8, 8), batchSize: 4,
            validationSplit: 0.2, subset: "training", seed: 1);

        // Batches that come asynchronously.
        using var model = new Sequential([new Dense(3, activation: "softmax", inputShape: [4])]);
        model.Compile("adam", "sparse_categorical_crossentropy", ["accuracy"]);
        model.Fit(Rows(), epochs: 2, verbose: 0);
        Console.WriteLine(model.Evaluate(test, testLabels, verbose: 0));

        async IAsyncEnumerable<Batch> Rows([EnumeratorCancellation] CancellationToken token = default)
        {
            for (int start = 0; start + 15 <= train.Shape[0]; start += 15)
            {
                await Task.Delay(1, token);                         // a database or a service, for example
                yield return (train.Slice(start, 15), labels.Slice(start, 15));
            }
        }
        #endregion
        Assert.AreEqual((4, 3, 2, 10, 2), (numbers.Size, y.Size, classes.Size, images.Shape[0], batches.Count));
        Assert.AreEqual(4, features.Size);
        Assert.AreEqual(6, x.Size);
        Assert.AreEqual(2, classes.Span[1]);
        Assert.AreEqual("roses tulips", string.Join(' ', classNames));
        Assert.AreEqual(10, imageLabels.Size);
    }

    #region record
    record Measurement(float Length, float Width, string Species);
    #endregion
}
