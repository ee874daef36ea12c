using System.Xml.Linq;
using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Metrics;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Models, their layers, summaries and results.</summary>
[TestClass]
public sealed class ModelTests
{
    const string Hostile = "<img src=x onerror=alert(1)>";

    [TestMethod]
    public void A_summary_is_Keras_table_with_whole_names()
    {
        const string Long = "a_name_that_is_much_too_long_for_a_column_of_text";
        using var model = new Sequential([
            new Dense(1000, inputShape: [2], name: Long),
            new BatchNormalization(name: "norm"),
            new Dense(1, name: "out"),
        ], name: "m");
        XElement html = Shown.Html(model.SummaryTable());
        string[][] table = Shown.Table(html);
        Assert.AreEqual("Model: \"m\"", Shown.All(html, "caption").Single().Value);
        CollectionAssert.AreEqual(new[] { "Layer (type)", "Output Shape", "Param #" }, table[0]);
        CollectionAssert.AreEqual(new[] { $"{Long} (Dense)", "(None, 1000)", "3,000" }, table[1]);
        CollectionAssert.AreEqual(new[] { "norm (BatchNormalization)", "(None, 1000)", "4,000" }, table[2]);
        CollectionAssert.AreEqual(new[] { "out (Dense)", "(None, 1)", "1,001" }, table[3]);
        CollectionAssert.AreEqual(
            new[] { "Total params: 8,001", "Trainable params: 6,001", "Non-trainable params: 2,000" },
            html.Elements("div").Select(d => d.Value).ToArray());
        var printed = new List<string>();
        model.Summary(printFn: printed.Add);
        Assert.AreEqual(string.Join(Environment.NewLine, printed), Shown.Text(model.SummaryTable()));
        Assert.AreEqual(Shown.Text(model.SummaryTable()), Shown.Text(model));
    }

    [TestMethod]
    public void A_model_is_a_diagram_with_its_summary_below()
    {
        using var model = new Sequential([
            new Dense(4, inputShape: [2], name: "first"),
            new Residual([new Dense(4, name: "inner")], name: "block"),
            new Dense(1, name: "last"),
        ], name: "m");
        XElement html = Shown.Html(model), svg = Shown.All(html, "svg").Single();
        string[] texts = [.. Shown.All(svg, "text").Select(t => t.Value)];
        foreach (string expected in new[] { "first: Dense", "block", "inner: Dense", "last: Dense", "(None, 1)" })
            Assert.Contains(expected, texts);
        Assert.AreEqual("The layers of m (Sequential), 3 layers", Shown.All(svg, "title").Single().Value);
        Assert.HasCount(1, Shown.All(html, "table"));
        // Colours are the notebook's, in light and dark.
        string[] colours = [.. svg.Descendants().Attributes().Where(a => a.Name.LocalName is "fill" or "stroke")
            .Select(a => a.Value).Distinct().Order()];
        CollectionAssert.AreEqual(new[] { "currentColor", "none" }, colours);
        Assert.AreEqual("m (Sequential), 3 layers", Shown.Brief(model));
    }

    [TestMethod]
    public void A_model_that_is_not_built_lists_its_layers()
    {
        using var model = new Sequential([new Dense(4, name: "a"), new Dense(1, name: "b")], name: "m");
        XElement html = Shown.Html(model);
        Assert.Contains("not built yet", html.Value);
        CollectionAssert.AreEqual(
            new[] { "a (Dense)", "b (Dense)" }, Shown.All(html, "li").Select(l => l.Value).ToArray());
        Assert.Contains("not built yet", Shown.Text(model));
        Assert.Contains("b (Dense)", Shown.Text(model));
        Assert.ThrowsExactly<InvalidOperationException>(() => model.SummaryTable());
        using var empty = new Sequential(name: "empty");
        Assert.StartsWith("empty (Sequential), 0 layers, not built yet", Shown.Html(empty).Value);
    }

    [TestMethod]
    public void A_layer_tells_its_shapes_and_weights()
    {
        using var model = new Sequential([new Dense(3, inputShape: [2], name: "d"), new Dense(1, name: "e")]);
        string[][] table = Shown.Table(Shown.Html(model.Layers[0]));
        CollectionAssert.AreEqual(new[] { "input", "(None, 2)" }, table[1]);
        CollectionAssert.AreEqual(new[] { "output", "(None, 3)" }, table[2]);
        CollectionAssert.AreEqual(new[] { "parameters", "9" }, table[3]);
        CollectionAssert.AreEqual(new[] { "(2, 3)", "(3,)" }, table[4..].Select(row => row[1]).ToArray());
        Assert.AreEqual("d (Dense): (None, 2) to (None, 3), 9 parameters", Shown.Text(model.Layers[0]));
        Assert.AreEqual("x (Dense): not built yet", Shown.Html(new Dense(1, name: "x")).Value);
    }

    [TestMethod]
    public void Names_of_models_layers_and_metrics_are_escaped()
    {
        using var model = new Sequential([new Dense(1, inputShape: [2], name: Hostile)], name: $"{Hostile}&\u0002");
        model.Compile("sgd", "mse", metrics: [new MeanAbsoluteError(name: Hostile)]);
        NDArray x = new(4, 2), y = new(4, 1);
        object[] values = [model, model.SummaryTable(), model.Layers[0], model.Evaluate(x, y, verbose: 0),
            model.Fit(x, y, epochs: 2, verbose: 0)];
        foreach (object value in values)
        {
            XElement html = Shown.Html(value);
            Assert.IsEmpty(Shown.All(html, "img"), html.ToString());
            Assert.Contains(Hostile, html.Value);
        }
    }

    [TestMethod]
    public void An_evaluation_has_a_row_for_each_name()
    {
        using var model = new Sequential([new Dense(1, inputShape: [1], kernelInitializer: "zeros", name: "d")]);
        model.Compile("sgd", "mse", metrics: ["mae"]);
        NDArray x = new float[,] { { 1 }, { 1 } }, y = new float[,] { { 1 }, { 2 } };
        Evaluation evaluation = model.Evaluate(x, y, verbose: 0);
        string[][] table = Shown.Table(Shown.Html(evaluation));
        CollectionAssert.AreEqual(new[] { "loss", "2.5" }, table[1]);
        Assert.AreEqual("1.5", table[2][1]);
        Assert.AreEqual(evaluation.ToString(), Shown.Text(evaluation));
    }
}
