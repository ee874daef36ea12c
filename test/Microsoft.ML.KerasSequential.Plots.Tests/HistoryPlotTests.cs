namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Training histories as curves.</summary>
[TestClass]
public sealed class HistoryPlotTests
{
    const string Blue = "#0072B2", Orange = "#D55E00", Green = "#009E73";

    [TestMethod]
    [DataRow("h.png")]
    [DataRow("h.JPG")]
    [DataRow("h.jpeg")]
    [DataRow("h.webp")]
    public void Every_pixel_format_is_an_image_of_the_requested_size(string name)
    {
        using var folder = new PictureFolder();
        Trained(12).Plot(folder[name], width: 700, height: 330);
        folder.Image(name, 700, 330).Dispose();
        CollectionAssert.AreEqual(new[] { name }, folder.Files);
    }

    [TestMethod]
    public void Loss_and_metrics_have_panels_with_curves_of_training_and_validation()
    {
        using var folder = new PictureFolder();
        History history = Trained(12);
        history.Plot(folder["h.png"]);
        folder.Image("h.png", 1120, 420).Dispose();
        Assert.IsGreaterThan(500, folder.Count("h.png", Blue));
        Assert.IsGreaterThan(300, folder.Count("h.png", Orange));

        history.Plot(folder["h.svg"], title: "A <first> run & \"more\"");
        string[] texts = folder.Texts("h.svg");
        foreach (string expected in new[] { "loss", "val_loss", "accuracy", "val_accuracy", "epoch", "1", "12",
            "A <first> run & \"more\"" })
            Assert.Contains(expected, texts);
        // Nothing is drawn twice: each panel has its axis once.
        Assert.AreEqual(2, texts.Count(t => t == "epoch"));
        foreach (System.Xml.Linq.XElement text in folder.Svg("h.svg").Descendants()
            .Where(e => e.Name.LocalName == "text"))
            foreach (string list in new[] { "x", "y" }) Assert.DoesNotEndWith(", ", text.Attribute(list)!.Value);
    }

    [TestMethod]
    public void Some_metrics_are_chosen_by_name()
    {
        using var folder = new PictureFolder();
        History history = Trained(4);
        history.Plot(folder["one.svg"], ["accuracy"]);
        CollectionAssert.IsSubsetOf(new[] { "accuracy", "val_accuracy" }, folder.Texts("one.svg"));
        Assert.DoesNotContain("val_loss", folder.Texts("one.svg"));
        history.Plot(folder["validation.svg"], ["val_loss"]);
        Assert.Contains("val_loss", folder.Texts("validation.svg"));
        Assert.AreEqual(1, folder.Texts("validation.svg").Count(t => t == "loss"),
            "The title names the metric, the legend only the chosen curve.");

        var error = Assert.ThrowsExactly<ArgumentException>(() => history.Plot(folder["none.png"], ["f1"]));
        Assert.AreEqual("metrics", error.ParamName);
        Assert.Contains("\"val_accuracy\"", error.Message);
        Assert.ThrowsExactly<ArgumentException>(() => history.Plot(folder["none.png"], []));
        Assert.DoesNotContain("none.png", folder.Files);
    }

    [TestMethod]
    public void One_epoch_is_a_marker()
    {
        using var folder = new PictureFolder();
        Trained(1).Plot(folder["h.png"], ["loss"]);
        Assert.IsGreaterThan(20, folder.Count("h.png", Blue));
        Trained(1).Plot(folder["h.svg"], ["loss"]);
        string[] ticks = [.. folder.Texts("h.svg").Where(t => int.TryParse(t, out _))];
        Assert.Contains("1", ticks);
        Assert.DoesNotContain("2", ticks);
    }

    [TestMethod]
    public void NaN_values_are_gaps()
    {
        using var folder = new PictureFolder();
        History history = Made([3, double.NaN, 2, 1.5, double.PositiveInfinity, 1, double.NegativeInfinity]);
        history.Plot(folder["gaps.png"]);
        Assert.IsGreaterThan(50, folder.Count("gaps.png", Blue));
        Plots.Numbers.Curve curve = Plots.Numbers.Curve.Of(history, "loss", "loss");
        Assert.AreEqual("(1, 3)|(3, 2) (4, 1.5)|(6, 1)",
            string.Join("|", curve.Pieces.Select(p => string.Join(" ", p))));

        Made([double.NaN, double.NaN]).Plot(folder["nothing.svg"]);
        Assert.Contains("no finite values", folder.Texts("nothing.svg"));
        Made([double.MaxValue, -double.MaxValue]).Plot(folder["huge.png"]);
        folder.Image("huge.png").Dispose();
        Made([2, 2, 2]).Plot(folder["flat.png"]);
        Assert.IsGreaterThan(300, folder.Count("flat.png", Blue));
    }

    [TestMethod]
    public void Validation_at_some_epochs_is_a_curve_through_them()
    {
        var history = new History();
        for (int epoch = 0; epoch < 6; epoch++)
        {
            var logs = new Dictionary<string, double> { ["loss"] = 6 - epoch };
            if (epoch % 2 == 1) logs["val_loss"] = 7 - epoch;
            history.OnEpochEnd(epoch, logs);
        }
        Assert.AreEqual("(2, 6) (4, 4) (6, 2)", string.Join(" ", Plots.Numbers.Curve.Of(history, "val_loss", "")
            .Pieces.Single()));
    }

    [TestMethod]
    public void Several_runs_share_one_picture()
    {
        using var folder = new PictureFolder();
        (string, History)[] runs = [("adam", Trained(8)), ("sgd", Trained(5, 0.5)),
            ("sgd & <momentum>", Trained(8, 0.9))];
        runs.Plot(folder["runs.png"]);
        Assert.IsGreaterThan(200, folder.Count("runs.png", Blue));
        Assert.IsGreaterThan(200, folder.Count("runs.png", Green));
        HistoryPlot.Compare(folder["runs.svg"], "val_accuracy", runs);
        CollectionAssert.IsSubsetOf(new[] { "adam", "sgd", "sgd & <momentum>", "val_accuracy" },
            folder.Texts("runs.svg"));
        new[] { ("adam", Trained(3)) }.Plot(folder["named.svg"], "loss", title: "One");
        CollectionAssert.IsSubsetOf(new[] { "One", "loss" }, folder.Texts("named.svg"));

        var error = Assert.ThrowsExactly<ArgumentException>(() =>
            new[] { ("adam", Trained(3)), ("plain", Made([1])) }.Plot(folder["x.png"]));
        Assert.AreEqual("metric", error.ParamName);
        Assert.Contains("\"plain\"", error.Message);
        Assert.ThrowsExactly<ArgumentException>(() => Array.Empty<(string, History)>().Plot(folder["x.png"]));
        Assert.ThrowsExactly<ArgumentException>(() => new[] { ("none", (History)null!) }.Plot(folder["x.png"]));
        Assert.DoesNotContain("x.png", folder.Files);
    }

    [TestMethod]
    public void An_empty_history_is_rejected()
    {
        using var folder = new PictureFolder();
        Assert.ThrowsExactly<InvalidOperationException>(() => new History().Plot(folder["h.png"]));
        Assert.IsEmpty(folder.Files);
    }

    [TestMethod]
    [DataRow(1L, 1L, "1")]
    [DataRow(1L, 5L, "1 2 3 4 5")]
    [DataRow(1L, 12L, "2 4 6 8 10 12")]
    [DataRow(3L, 30L, "5 10 15 20 25 30")]
    [DataRow(1L, 100L, "10 20 30 40 50 60 70 80 90 100")]
    [DataRow(1L, 1500L, "200 400 600 800 1000 1200 1400")]
    public void Epochs_are_integers(long first, long last, string expected) =>
        Assert.AreEqual(expected, string.Join(" ", Plots.Numbers.WholeTicks.Between(first, last, 10)));

    internal static History Made(double[] losses)
    {
        var history = new History();
        foreach ((int epoch, double loss) in losses.Index()) history.OnEpochEnd(epoch,
            new Dictionary<string, double> { ["loss"] = loss });
        return history;
    }

    /// <summary>A history in the order of Keras' logs.</summary>
    internal static History Trained(int epochs, double speed = 0.2)
    {
        var history = new History();
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            double loss = Math.Exp(-speed * epoch);
            history.OnEpochEnd(epoch, new Dictionary<string, double>
            {
                ["val_loss"] = loss + 0.1,
                ["val_accuracy"] = 0.95 - 0.5 * loss,
                ["loss"] = loss,
                ["accuracy"] = 1 - 0.5 * loss,
            });
        }
        return history;
    }
}
