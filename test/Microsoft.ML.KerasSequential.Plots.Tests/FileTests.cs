using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Where plots are written, and what remains when they are not.</summary>
[TestClass]
public sealed class FileTests
{
    static readonly NDArray s_classes = new float[] { 0, 1, 1 };

    static readonly Dictionary<string, Action<string>> s_kinds = new()
    {
        ["history"] = p => HistoryPlotTests.Trained(3).Plot(p),
        ["runs"] = p => new[] { ("a", HistoryPlotTests.Trained(3)) }.Plot(p),
        ["model"] = p => Small().Plot(p),
        ["confusion"] = p => new ConfusionMatrix(s_classes, s_classes).Plot(p),
        ["roc"] = p => RocCurve.Of(s_classes, s_classes).Plot(p),
        ["one roc"] = p => new RocCurve(s_classes, s_classes).Plot(p),
        ["precision"] = p => PrecisionRecallCurve.Of(s_classes, s_classes).Plot(p),
        ["one precision"] = p => new PrecisionRecallCurve(s_classes, s_classes).Plot(p),
        ["filters"] = p => new Sequential([new Conv2D(2, 2, inputShape: [4, 4, 1])]).PlotFilters(p),
        ["embedding"] = p => new Sequential([new Embedding(4, 3)]).Also(m => m.Build([null, 5])).PlotEmbedding(p),
        ["points"] = p => new PrincipalComponents(new float[,] { { 1, 2 }, { 3, 4 } }).Plot(p),
    };

    static IEnumerable<object[]> Kinds => s_kinds.Keys.Select(k => new object[] { k });

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void Every_kind_of_plot_is_written_in_every_format_to_a_new_folder(string kind)
    {
        using var folder = new PictureFolder();
        string[] names = ["a.jpeg", "a.jpg", "a.png", "a.svg", "a.webp"];
        foreach (string name in names) s_kinds[kind](folder[name]);
        CollectionAssert.AreEqual(names, folder.Files);
        foreach (string name in names.Where(n => n != "a.svg")) folder.Image(name).Dispose();
        Assert.IsNotEmpty(folder.Texts("a.svg"));
        // Writing again replaces the existing file.
        s_kinds[kind](folder["a.png"]);
        CollectionAssert.AreEqual(names, folder.Files);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void An_unknown_extension_is_rejected_and_the_known_ones_are_named(string kind)
    {
        using var folder = new PictureFolder();
        foreach (string name in new[] { "a.bmp", "a.pdf", "a", "a.png.txt" })
        {
            var error = Assert.ThrowsExactly<ArgumentException>(() => s_kinds[kind](folder[name]));
            Assert.AreEqual("path", error.ParamName);
            Assert.Contains(".png, .svg, .jpg, .jpeg, .webp", error.Message);
        }
        Assert.ThrowsExactly<ArgumentException>(() => s_kinds[kind](""));
        Assert.ThrowsExactly<ArgumentNullException>(() => s_kinds[kind](null!));
        Assert.IsEmpty(folder.Files);
    }

    [TestMethod]
    public void Existing_content_stays_when_a_picture_cannot_be_drawn()
    {
        using var folder = new PictureFolder();
        HistoryPlotTests.Trained(3).Plot(folder["a.png"]);
        byte[] before = File.ReadAllBytes(folder["a.png"]);
        string path = folder["a.png"];
        Action[] wrong =
        [
            () => HistoryPlotTests.Trained(3).Plot(path, ["f1"]),
            () => HistoryPlotTests.Trained(3).Plot(path, width: 3),
            () => HistoryPlotTests.Trained(3).Plot(path, height: 100_000),
            () => new[] { ("a", HistoryPlotTests.Trained(3)) }.Plot(path, "f1"),
            () => new Sequential([new Dense(2)]).Plot(path),
            () => Small().Plot(path, rankdir: "up"),
            () => Small().Plot(path, dpi: 0),
            () => Small().PlotFilters(path),
            () => Small().PlotEmbedding(path),
            () => new ConfusionMatrix(s_classes, s_classes).Plot(path, width: -1),
            () => Array.Empty<RocCurve>().Plot(path),
            () => new PrincipalComponents(new float[,] { { 1, 2 }, { 3, 4 } }).Plot(path, labels: ["one"]),
        ];
        foreach (Action action in wrong)
        {
            try
            {
                action();
                Assert.Fail("Nothing was refused.");
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
            }
            CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        }
        CollectionAssert.AreEqual(new[] { "a.png" }, folder.Files);
    }

    [TestMethod]
    public void A_picture_that_is_too_large_for_pixels_is_rejected_and_svg_is_not()
    {
        using var folder = new PictureFolder();
        using Sequential deep =
            new([new Dense(1, inputShape: [1]), .. Enumerable.Range(0, 60).Select(_ => new Dense(1))]);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => deep.Plot(folder["deep.webp"], dpi: 1200));
        Assert.Contains(".svg", error.Message);
        deep.Plot(folder["deep.svg"], dpi: 1200);
        Assert.HasCount(62, folder.Texts("deep.svg"));
        CollectionAssert.AreEqual(new[] { "deep.svg" }, folder.Files);
    }

    [TestMethod]
    public void A_font_file_is_used_for_text()
    {
        string? font = new[] { "/usr/share/fonts", "/Library/Fonts", @"C:\Windows\Fonts" }.Where(Directory.Exists)
            .SelectMany(f => Directory.EnumerateFiles(f, "*Mono*.ttf", SearchOption.AllDirectories)).FirstOrDefault();
        if (font is null) Assert.Inconclusive("There is no font to try.");
        using var folder = new PictureFolder();
        new[] { ("a", HistoryPlotTests.Trained(3)) }.Plot(folder["usual.png"]);
        try
        {
            PlotFont.Use(font);
            new[] { ("a", HistoryPlotTests.Trained(3)) }.Plot(folder["file.png"]);
            Small().Plot(folder["model.svg"]);
            Assert.Contains("Mono", folder.Svg("model.svg").Attribute("font-family")!.Value);
        }
        finally
        {
            PlotFont.Use(null);
        }
        new[] { ("a", HistoryPlotTests.Trained(3)) }.Plot(folder["again.png"]);
        CollectionAssert.AreNotEqual(File.ReadAllBytes(folder["usual.png"]), File.ReadAllBytes(folder["file.png"]));
        CollectionAssert.AreEqual(File.ReadAllBytes(folder["usual.png"]), File.ReadAllBytes(folder["again.png"]));

        Assert.ThrowsExactly<FileNotFoundException>(() => PlotFont.Use(folder["none.ttf"]));
        File.WriteAllText(folder["text.ttf"], "no font");
        Assert.ThrowsExactly<ArgumentException>(() => PlotFont.Use(folder["text.ttf"]));
    }

    static Sequential Small() => new([new Dense(2, inputShape: [3])]);
}

file static class Fluent
{
    public static T Also<T>(this T value, Action<T> action)
    {
        action(value);
        return value;
    }
}
