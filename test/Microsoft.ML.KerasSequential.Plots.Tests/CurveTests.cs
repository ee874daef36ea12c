using Microsoft.ML.KerasSequential.Plots;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>ROC and precision–recall curves. The first numbers are those of scikit-learn's documentation; the others
/// are computed by hand or over all pairs.</summary>
[TestClass]
public sealed class CurveTests
{
    static readonly NDArray s_truth = new float[] { 0, 0, 1, 1 }, s_scores = new float[] { 0.1f, 0.4f, 0.35f, 0.8f };

    [TestMethod]
    public void The_curves_have_the_known_points_and_areas()
    {
        var roc = new RocCurve(s_truth, s_scores, "model");
        AssertClose([0, 0, 0.5, 0.5, 1], roc.FalsePositiveRate);
        AssertClose([0, 0.5, 0.5, 1, 1], roc.TruePositiveRate);
        AssertClose([0.8, 0.4, 0.35, 0.1], [.. roc.Thresholds.Skip(1)]);
        Assert.AreEqual(double.PositiveInfinity, roc.Thresholds[0]);
        Assert.AreEqual(0.75, roc.Area, 1e-12);
        Assert.AreEqual("model", roc.Name);

        var precision = new PrecisionRecallCurve(s_truth, s_scores);
        AssertClose([1, 1, 0.5, 2 / 3.0, 0.5], precision.Precision);
        AssertClose([0, 0.5, 0.5, 1, 1], precision.Recall);
        Assert.AreEqual(0.5 * 1 + 0.5 * 2 / 3, precision.AveragePrecision, 1e-12);
    }

    [TestMethod]
    public void Equal_scores_are_grouped()
    {
        // 0.5: two positives and a negative; 0.2: the other negative.
        NDArray truth = new float[] { 1, 0, 1, 0 }, scores = new float[] { 0.5f, 0.5f, 0.5f, 0.2f };
        var roc = new RocCurve(truth, scores);
        AssertClose([0, 0.5, 1], roc.FalsePositiveRate);
        AssertClose([0, 1, 1], roc.TruePositiveRate);
        Assert.AreEqual(0.75, roc.Area, 1e-12);
        Assert.AreEqual(2 / 3.0, new PrecisionRecallCurve(truth, scores).AveragePrecision, 1e-12);

        NDArray same = new float[] { 3, 3, 3, 3 };
        Assert.AreEqual(0.5, new RocCurve(truth, same).Area, 1e-12);
        Assert.AreEqual(0.5, new PrecisionRecallCurve(truth, same).AveragePrecision, 1e-12);
        Assert.AreEqual(1, new RocCurve(truth, truth).Area, 1e-12);
        Assert.AreEqual(1, new PrecisionRecallCurve(truth, truth).AveragePrecision, 1e-12);
        Assert.AreEqual(0, new RocCurve(truth, new float[] { 0, 1, 0, 1 }).Area, 1e-12);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void The_area_is_the_share_of_correctly_ordered_pairs(int seed)
    {
        var random = new Random(seed);
        float[] truth = [1, 0, .. Enumerable.Range(0, 200).Select(_ => (float)random.Next(2))];
        // Few distinct scores, so that many are equal.
        float[] scores = [.. truth.Select(t => (float)Math.Round(random.NextDouble() * 10 + 2 * t))];
        double right = 0, pairs = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            for (int j = 0; j < truth.Length; j++)
            {
                if (truth[i] != 1 || truth[j] != 0) continue;
                pairs++;
                right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
            }
        }
        Assert.AreEqual(right / pairs, new RocCurve(truth, scores).Area, 1e-12);

        double average = 0, positives = truth.Sum();
        foreach (float threshold in scores.Distinct().OrderDescending())
        {
            int taken = scores.Count(s => s >= threshold), found = truth.Zip(scores)
                .Count(p => p.First == 1 && p.Second >= threshold);
            int gained = truth.Zip(scores).Count(p => p.First == 1 && p.Second == threshold);
            average += gained / positives * found / taken;
        }
        Assert.AreEqual(average, new PrecisionRecallCurve(truth, scores).AveragePrecision, 1e-12);
    }

    [TestMethod]
    public void Two_classes_have_one_curve_and_more_have_one_each()
    {
        NDArray oneHot = new float[,] { { 1, 0 }, { 1, 0 }, { 0, 1 }, { 0, 1 } },
            columns = new float[,] { { 0.9f, 0.1f }, { 0.6f, 0.4f }, { 0.65f, 0.35f }, { 0.2f, 0.8f } };
        foreach ((NDArray y, NDArray p) in new[] { (s_truth, s_scores), (s_truth.Reshape(4, 1), s_scores.Reshape(4, 1)),
            (s_truth, columns), (oneHot, columns), (oneHot, s_scores) })
            Assert.AreEqual(0.75, RocCurve.Of(y, p, ["no", "yes"]).Single().Area, 1e-6);
        Assert.AreEqual("yes", RocCurve.Of(s_truth, columns, ["no", "yes"])[0].Name);
        Assert.AreEqual("", RocCurve.Of(s_truth, s_scores)[0].Name);

        NDArray three = new float[,] { { 0.8f, 0.1f, 0.1f }, { 0.3f, 0.6f, 0.1f }, { 0.4f, 0.5f, 0.1f },
            { 0.2f, 0.3f, 0.5f } };
        IReadOnlyList<RocCurve> curves = RocCurve.Of(new float[] { 0, 1, 0, 2 }, three);
        Assert.AreEqual("class 0, class 1, class 2", string.Join(", ", curves.Select(c => c.Name)));
        AssertClose([1, 1, 1], [.. curves.Select(c => c.Area)]);
        // Class 2 has no samples, so it has no curve.
        Assert.AreEqual("a, b", string.Join(", ",
            PrecisionRecallCurve.Of(new float[] { 0, 1, 0, 1 }, three, ["a", "b", "c"]).Select(c => c.Name)));
        // Labels that are not mutually exclusive.
        NDArray labels = new float[,] { { 1, 1 }, { 0, 1 }, { 1, 0 }, { 0, 0 } };
        Assert.HasCount(2, RocCurve.Of(labels, columns));
    }

    [TestMethod]
    public void Data_without_a_curve_is_rejected()
    {
        Assert.Contains("positive and negative samples",
            Refused("yTrue", () => new RocCurve(new float[] { 1, 1 }, new float[] { 0, 1 }))
            .Message);
        Assert.Contains("positive and negative samples", Refused("yTrue", () =>
            new PrecisionRecallCurve(new float[] { 0, 0 }, new float[] { 0, 1 })).Message);
        Assert.Contains("one class", Refused("yTrue", () => RocCurve.Of(new float[] { 1, 1 }, new float[] { 0, 1 }))
            .Message);
        Assert.Contains("one class", Refused("yTrue", () =>
            PrecisionRecallCurve.Of(new float[] { 2, 2 }, new float[,] { { 1, 0, 0 }, { 0, 1, 0 } })).Message);
        Refused("yScore", () => new RocCurve(new float[] { 0, 1 }, new float[] { 0, 1, 1 }));
        Refused("yScore", () => new RocCurve(new float[] { 0, 1 }, new float[] { 0, float.NaN }));
        Refused("yTrue", () => new RocCurve(new float[] { 0, 2 }, new float[] { 0, 1 }));
        Refused("yTrue", () => new RocCurve(new NDArray(2, 2), new float[] { 0, 1 }));
        Refused("yTrue", () => RocCurve.Of(new float[] { 0, 3 }, new float[,] { { 1, 0, 0 }, { 0, 1, 0 } }));
        Refused("yPred", () => RocCurve.Of(new float[] { 0, 1 }, new float[] { 0, 1, 1 }));
        Refused("yPred", () => RocCurve.Of(new float[,] { { 1, 0, 0 }, { 0, 1, 0 } },
            new float[,] { { 1, 0 }, { 0, 1 } }));
        Refused("classNames", () => RocCurve.Of(new float[] { 0, 1 }, new float[] { 0, 1 }, ["a", "b", "c"]));
    }

    [TestMethod]
    public void The_pictures_show_areas_and_axes()
    {
        using var folder = new PictureFolder();
        new RocCurve(s_truth, s_scores).Plot(folder["r.svg"]);
        CollectionAssert.IsSubsetOf(new[] { "ROC", "false positive rate", "true positive rate", "AUC = 0.750" },
            folder.Texts("r.svg"));
        new[] { new PrecisionRecallCurve(s_truth, s_scores, "small & <new>") }.Plot(folder["p.svg"]);
        CollectionAssert.IsSubsetOf(new[] { "recall", "precision", "small & <new> (AP = 0.833)" },
            folder.Texts("p.svg"));
        RocCurve[] many = [.. Enumerable.Range(0, 12)
            .Select(i => new RocCurve(s_truth, new float[] { 0.1f, 0.4f + i, 0.35f * i, 0.8f }, $"model {i}"))];
        many.Plot(folder["many.png"], title: "Twelve", width: 600, height: 600);
        folder.Image("many.png", 600, 600).Dispose();
        Assert.IsGreaterThan(100, folder.Count("many.png", "#0072B2"));
    }

    [TestMethod]
    public void A_large_number_of_scores_gives_a_small_picture()
    {
        using var folder = new PictureFolder();
        var random = new Random(1);
        float[] truth = [.. Enumerable.Range(0, 300_000).Select(i => (float)(i % 2))];
        new RocCurve(truth, truth.Select(t => (float)(random.NextDouble() + 0.3 * t)).ToArray()).Plot(folder["r.svg"]);
        Assert.IsLessThan(200_000L, new FileInfo(folder["r.svg"]).Length);
    }

    static ArgumentException Refused(string parameter, Func<object> make)
    {
        var error = Assert.ThrowsExactly<ArgumentException>(make);
        Assert.AreEqual(parameter, error.ParamName);
        return error;
    }

    static void AssertClose(double[] expected, IReadOnlyList<double> actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], 1e-6);
    }
}
