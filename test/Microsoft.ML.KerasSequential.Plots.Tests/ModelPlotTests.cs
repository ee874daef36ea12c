using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models as diagrams, like Keras' plot_model.</summary>
[TestClass]
public sealed class ModelPlotTests
{
    [TestMethod]
    public void One_box_per_layer_shows_name_and_class_after_the_input_box()
    {
        using var folder = new PictureFolder();
        using Sequential model =
            new([new Dense(32, activation: "relu", inputShape: [500]), new Dropout(0.2), new Dense(10)]);
        model.Plot(folder["m.svg"]);
        CollectionAssert.AreEqual(new[] { "dense_1_input: InputLayer", "dense_1: Dense", "dropout_1: Dropout",
            "dense_2: Dense" }, folder.Texts("m.svg"));
        Assert.HasCount(3, Elements(folder, "polyline"));
        model.Plot(folder["m.svg"], showLayerNames: false);
        CollectionAssert.AreEqual(new[] { "InputLayer", "Dense", "Dropout", "Dense" }, folder.Texts("m.svg"));
        model.Plot(folder["m.svg"], showShapes: true);
        CollectionAssert.AreEqual(new[] { "dense_1: Dense", "input:", "output:", "(None, 500)", "(None, 32)" },
            folder.Texts("m.svg")[5..10]);
    }

    [TestMethod]
    public void Wrappers_show_what_they_wrap()
    {
        using var folder = new PictureFolder();
        using Sequential model = new([
            new Embedding(50, 8, inputLength: 6),
            new Bidirectional(new LSTM(4, returnSequences: true)),
            new TimeDistributed(new Dense(3)),
        ]);
        model.Plot(folder["m.svg"], expandNested: true);
        CollectionAssert.AreEqual(
            new[] { "embedding_1_input: InputLayer", "embedding_1: Embedding",
            "bidirectional_1(lstm_1): Bidirectional(LSTM)", "time_distributed_1(dense_1): TimeDistributed(Dense)" },
            folder.Texts("m.svg"));
    }

    [TestMethod]
    public void Nested_models_are_a_box_or_a_frame()
    {
        using var folder = new PictureFolder();
        using Sequential inner = new([new Dense(4, inputShape: [3]), new Dense(5)], name: "inner"),
            steps = new([new Dense(2)], name: "steps");
        using Sequential model = new([inner, new RepeatVector(3), new TimeDistributed(steps)], name: "outer");
        model.Plot(folder["m.svg"]);
        CollectionAssert.AreEqual(
            new[] { "inner_input: InputLayer", "inner: Sequential", "repeat_vector_1: RepeatVector",
            "time_distributed_1(steps): TimeDistributed(Sequential)" }, folder.Texts("m.svg"));
        Assert.IsEmpty(Elements(folder, "rect").Where(r => r.Attribute("stroke-dasharray") is not null));

        model.Plot(folder["m.svg"], expandNested: true);
        string[] texts = folder.Texts("m.svg");
        foreach (string expected in new[] { "inner", "dense_1: Dense", "dense_2: Dense",
            "time_distributed_1: TimeDistributed", "steps", "repeat_vector_1: RepeatVector" })
            Assert.Contains(expected, texts);
        XElement[] all = [.. Elements(folder, "rect").Skip(1)],
            frames = [.. all.Where(r => r.Attribute("stroke-dasharray") is not null)];
        Assert.HasCount(2, frames);
        XElement[] boxes = [.. all.Except(frames)];
        // Outside are the input, RepeatVector and the wrapper; in the frames, an input and the layers of each.
        Assert.AreEqual(3 + 3 + 2, boxes.Length);
        Assert.AreEqual(3 + 2, boxes.Count(b => frames.Any(f => Holds(f, b))));
        AssertApart(boxes);
    }

    [TestMethod]
    [DataRow("TB")]
    [DataRow("LR")]
    public void The_branches_of_blocks_are_side_by_side(string rankdir)
    {
        using var folder = new PictureFolder();
        using Sequential model = new([
            new Reshape([4, 4, 2], inputShape: [32]),
            new Residual([new Conv2D(2, 3, padding: "same"), new Conv2D(2, 3, padding: "same")]),
            new Branches([new Conv2D(3, 1), new Sequential([new Conv2D(4, 1), new Activation("relu")])], "concatenate"),
            new Flatten(),
        ]);
        model.Plot(folder["m.svg"], showShapes: true, rankdir: rankdir, expandNested: true);
        string[] texts = folder.Texts("m.svg");
        foreach (string expected in new[] { "add_1: Add", "concatenate_1: Concatenate",
            "[(None, 4, 4, 2), (None, 4, 4, 2)]", "[(None, 4, 4, 3), (None, 4, 4, 4)]", "(None, 4, 4, 7)" })
            Assert.Contains(expected, texts);
        XElement[] all = [.. Elements(folder, "rect").Skip(1)],
            frames = [.. all.Where(r => r.Attribute("stroke-dasharray") is not null)];
        Assert.HasCount(3, frames);
        AssertApart([.. all.Except(frames)]);
        (double width, double height) = Size(folder.Svg("m.svg"));
        foreach (XElement box in all) Assert.IsTrue(Left(box) >= 0 && Top(box) >= 0 && Right(box) <= width
            && Bottom(box) <= height, "A box leaves the picture.");
        // Reshape; the residual's trunk, two layers, sum of two; the branches' trunk, one layer and three, join of two;
        // Flatten.
        Assert.HasCount(1 + (1 + 2 + 2) + (1 + 1 + 3 + 2) + 1, Elements(folder, "polyline"));
        Assert.HasCount(1 + (2 + 2) + (1 + 3 + 2) + 1, Elements(folder, "polygon"));
        Assert.IsTrue(rankdir == "TB" ? height > width / 4 : width > height, "The direction is wrong.");
    }

    [TestMethod]
    public void Names_can_contain_anything()
    {
        using var folder = new PictureFolder();
        string[] names = ["<&\"'>", "名前 🙂", "bell\u0007", "a\ud800b"];
        using Sequential model =
            new([.. names.Select((n, i) => new Dense(2, inputShape: i == 0 ? [2] : null, name: n))]);
        model.Plot(folder["m.svg"]);
        string[] texts = folder.Texts("m.svg");
        Assert.AreEqual("<&\"'>: Dense", texts[1]);
        Assert.AreEqual("名前 🙂: Dense", texts[2]);
        Assert.AreEqual("bell\ufffd: Dense", texts[3]);
        Assert.AreEqual("a\ufffdb: Dense", texts[4]);
        model.Plot(folder["m.png"]);
        folder.Image("m.png").Dispose();
        new[] { (names[0], HistoryPlotTests.Trained(3)), (names[1], HistoryPlotTests.Trained(2)),
            (names[2], HistoryPlotTests.Trained(2)), (names[3], HistoryPlotTests.Trained(2)) }
            .Plot(folder["runs.svg"], title: "\u0001");
        Assert.Contains(names[0], folder.Texts("runs.svg"));
    }

    [TestMethod]
    public void Dots_per_inch_scale_the_picture()
    {
        using var folder = new PictureFolder();
        using Sequential model = new([new Dense(2, inputShape: [2])]);
        model.Plot(folder["a.png"]);
        model.Plot(folder["b.png"], dpi: 192);
        model.Plot(folder["b.svg"], dpi: 192);
        using SkiaSharp.SKBitmap usual = folder.Image("a.png"), twice = folder.Image("b.png");
        Assert.AreEqual(2 * usual.Width, twice.Width, 2.0);
        Assert.AreEqual(2 * usual.Height, twice.Height, 2.0);
        XElement svg = folder.Svg("b.svg");
        Assert.AreEqual(twice.Width, double.Parse(svg.Attribute("width")!.Value, CultureInfo.InvariantCulture), 1.0);
        Assert.IsGreaterThan(100, folder.Count("a.png", "#EAF2F8"));
    }

    [TestMethod]
    public void An_unbuilt_model_is_rejected()
    {
        using var folder = new PictureFolder();
        using Sequential model = new([new Dense(2)]);
        Assert.Contains("not yet been built", Assert.ThrowsExactly<InvalidOperationException>(() =>
            model.Plot(folder["m.png"])).Message);
        Assert.AreEqual("rankdir", Assert.ThrowsExactly<ArgumentException>(() =>
            model.Plot(folder["m.png"], rankdir: "RL")).ParamName);
        Assert.AreEqual("dpi", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            model.Plot(folder["m.png"], dpi: 5000)).ParamName);
        model.Build([null, 7]);
        model.Plot(folder["m.svg"], showShapes: true);
        Assert.Contains("(None, 7)", folder.Texts("m.svg"));
    }

    static XElement[] Elements(PictureFolder folder, string name) =>
        [.. folder.Svg("m.svg").Descendants().Where(e => e.Name.LocalName == name)];

    static void AssertApart(XElement[] boxes)
    {
        for (int i = 0; i < boxes.Length; i++)
            for (int j = 0; j < i; j++)
                Assert.IsFalse(Math.Min(Right(boxes[i]), Right(boxes[j])) - Math.Max(Left(boxes[i]),
                    Left(boxes[j])) > 0.1
                    && Math.Min(Bottom(boxes[i]), Bottom(boxes[j])) - Math.Max(Top(boxes[i]), Top(boxes[j])) > 0.1,
                    $"Boxes {i} and {j} overlap.");
    }

    static bool Holds(XElement outer, XElement inner) =>
        Left(outer) <= Left(inner) && Top(outer) <= Top(inner) && Right(outer) >= Right(inner)
        && Bottom(outer) >= Bottom(inner);

    static (double Width, double Height) Size(XElement svg) => svg.Attribute("viewBox")!.Value.Split(' ') is var parts
        ? (Number(parts[2]), Number(parts[3])) : default;

    static double Left(XElement e) => Number(e.Attribute("x")!.Value);

    static double Top(XElement e) => Number(e.Attribute("y")!.Value);

    static double Right(XElement e) => Left(e) + Number(e.Attribute("width")!.Value);

    static double Bottom(XElement e) => Top(e) + Number(e.Attribute("height")!.Value);

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
