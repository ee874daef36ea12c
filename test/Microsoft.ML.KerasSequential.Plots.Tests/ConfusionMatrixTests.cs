using Microsoft.ML.KerasSequential.Plots;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Confusion matrices: counts and plots.</summary>
[TestClass]
public sealed class ConfusionMatrixTests
{
    static readonly NDArray s_actual = new float[] { 0, 0, 0, 1, 1, 2, 2, 2, 2 },
        s_predicted = new float[] { 0, 0, 1, 1, 0, 2, 2, 2, 0 };

    [TestMethod]
    public void Samples_are_counted_by_class_and_prediction()
    {
        var matrix = new ConfusionMatrix(s_actual, s_predicted, ["cat", "dog", "owl"]);
        int[,] expected = { { 2, 1, 0 }, { 1, 1, 0 }, { 1, 0, 3 } };
        for (int r = 0; r < 3; r++)
            for (int c = 0; c < 3; c++) Assert.AreEqual(expected[r, c], matrix[r, c]);
        Assert.AreEqual(9, matrix.Total);
        Assert.AreEqual(6 / 9.0, matrix.Accuracy, 1e-12);
        Assert.AreEqual(2 / 3.0, matrix.Share(0, 0), 1e-12);
        Assert.AreEqual(0.75, matrix.Share(2, 2), 1e-12);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => matrix[3, 0]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => matrix[0, -1]);
        Assert.AreEqual(0, new ConfusionMatrix(new float[] { 0, 0 }, new float[] { 0, 1 }).Share(1, 1),
            "A class without samples has no shares.");
    }

    [TestMethod]
    public void One_hot_and_probabilities_count_as_their_largest_column()
    {
        var numbers = new ConfusionMatrix(s_actual, s_predicted);
        NDArray oneHot = new(9, 3), scores = new(9, 3);
        for (int i = 0; i < 9; i++)
        {
            oneHot[i, (int)s_actual[i]] = 1;
            for (int c = 0; c < 3; c++) scores[i, c] = c == (int)s_predicted[i] ? 0.5f : 0.25f;
        }
        foreach ((NDArray y, NDArray p) in new[] { (oneHot, scores), (s_actual, scores), (oneHot, s_predicted),
            (s_actual.Reshape(9, 1), s_predicted.Reshape(9, 1)) })
        {
            var matrix = new ConfusionMatrix(y, p);
            for (int r = 0; r < 3; r++)
                for (int c = 0; c < 3; c++) Assert.AreEqual(numbers[r, c], matrix[r, c]);
        }
    }

    [TestMethod]
    public void Probabilities_above_one_half_are_class_1()
    {
        var matrix = new ConfusionMatrix(new float[] { 0, 0, 1, 1, 1 },
            new float[,] { { 0.2f }, { 0.7f }, { 0.5f }, { 0.51f }, { 1 } });
        Assert.AreEqual("1 1 1 2", $"{matrix[0, 0]} {matrix[0, 1]} {matrix[1, 0]} {matrix[1, 1]}");
    }

    [TestMethod]
    public void Values_that_are_not_classes_are_rejected()
    {
        Refused("yPred", new float[] { 0, 1 }, new float[] { 0, 1, 1 });
        Refused("yTrue", new float[] { 0, 0.5f }, new float[] { 0, 1 });
        Refused("yTrue", new float[] { 0, -1 }, new float[] { 0, 1 });
        Refused("yTrue", new float[] { 0, float.NaN }, new float[] { 0, 1 });
        Refused("yPred", new float[] { 0, 1 }, new float[] { 0.5f, 2 });
        Refused("yPred", new float[] { 0, 1 }, new float[] { 0, float.NaN });
        Refused("yTrue", new NDArray(0), new NDArray(0));
        Refused("yTrue", new NDArray(2, 2, 2), new float[] { 0, 1 });
        Refused("yTrue", new float[] { 0, 3 }, new float[,] { { 1, 0, 0 }, { 0, 1, 0 } });
        Refused("yPred", new float[,] { { 1, 0 }, { 0, 1 } }, new float[,] { { 1, 0, 0 }, { 0, 1, 0 } });
        Refused("yTrue", new float[,] { { 1, 1 }, { 0, 1 } }, new float[] { 0, 1 });
        Refused("classNames", new float[] { 0, 2 }, new float[] { 0, 1 }, ["a", "b"]);
        Refused("classNames", new float[,] { { 1, 0 }, { 0, 1 } }, new float[] { 0, 1 }, ["a", "b", "c"]);
        Assert.HasCount(3, new ConfusionMatrix(new float[] { 0, 1 }, new float[] { 0, 1 }, ["a", "b", "c"]).ClassNames,
            "A class may have no samples here.");
    }

    [TestMethod]
    public void The_cells_show_counts_and_shares_of_the_rows()
    {
        using var folder = new PictureFolder();
        var matrix = new ConfusionMatrix(s_actual, s_predicted, ["cat", "dog & <wolf>", "owl"]);
        matrix.Plot(folder["c.svg"]);
        string[] texts = folder.Texts("c.svg");
        foreach (string expected in new[] { "cat", "dog & <wolf>", "owl", "predicted", "true", "66.7%", "33.3%",
            "75.0%", "Confusion matrix, accuracy 66.7%" })
            Assert.Contains(expected, texts);
        Assert.AreEqual(2, texts.Count(t => t == "50.0%"));
        Assert.AreEqual(3, texts.Count(t => t == "0"));
        matrix.Plot(folder["c.png"]);
        folder.Image("c.png", 470, 420).Dispose();
        matrix.Plot(folder["n.png"], normalize: true, title: "Shares");
        using SkiaSharp.SKBitmap counts = folder.Image("c.png"), shares = folder.Image("n.png");
        CollectionAssert.AreNotEqual(counts.Pixels, shares.Pixels);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(10)]
    [DataRow(30)]
    [DataRow(150)]
    public void Any_number_of_classes_can_be_drawn(int classes)
    {
        using var folder = new PictureFolder();
        NDArray y = Enumerable.Range(0, 3 * classes).Select(i => (float)(i % classes)).ToArray(),
            p = Enumerable.Range(0, 3 * classes).Select(i => (float)(i * 7 % classes)).ToArray();
        new ConfusionMatrix(y, p, [.. Enumerable.Range(0, classes).Select(c => $"a rather long name {c}")])
            .Plot(folder["c.png"]);
        folder.Image("c.png").Dispose();
    }

    [TestMethod]
    public void Text_contrasts_with_every_shade()
    {
        for (double share = 0; share <= 1; share += 0.01)
        {
            ScottPlot.Color back = Plots.Drawing.Colours.Blue(share), text = Plots.Drawing.Colours.TextOn(back);
            (double dark, double light) = (Luminance(back), Luminance(text));
            if (dark > light) (dark, light) = (light, dark);
            Assert.IsGreaterThanOrEqualTo(4.5, (light + 0.05) / (dark + 0.05),
                $"The shade {share} is hard to read on.");
        }

        static double Luminance(ScottPlot.Color c)
        {
            double Part(byte v) => v / 255.0 <= 0.03928 ? v / 255.0 / 12.92
                : Math.Pow((v / 255.0 + 0.055) / 1.055, 2.4);
            return 0.2126 * Part(c.R) + 0.7152 * Part(c.G) + 0.0722 * Part(c.B);
        }
    }

    static void Refused(string parameter, NDArray y, NDArray p, string[]? names = null) =>
        Assert.AreEqual(parameter, Assert.ThrowsExactly<ArgumentException>(() => new ConfusionMatrix(y, p, names))
        .ParamName);
}
