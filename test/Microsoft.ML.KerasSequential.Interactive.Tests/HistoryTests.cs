using System.Globalization;
using System.Xml.Linq;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A training as charts and a table.</summary>
[TestClass]
public sealed class HistoryTests
{
    [TestMethod]
    public void Epochs_count_from_1_and_those_without_a_validation_have_empty_cells()
    {
        History history = Shown.Of(
            [("loss", 0.75)], [("loss", 0.5), ("val_loss", 0.123456789)], [("loss", 1e-9), ("val_loss", 1234567)]);
        string[][] table = Shown.Table(Shown.Html(history));
        CollectionAssert.AreEqual(new[] { "epoch", "loss", "val_loss" }, table[0]);
        CollectionAssert.AreEqual(new[] { "1", "0.75", "" }, table[1]);
        CollectionAssert.AreEqual(new[] { "2", "0.5", "0.123457" }, table[2]);
        CollectionAssert.AreEqual(new[] { "3", "1E-09", "1.23457E+06" }, table[3]);
    }

    [TestMethod]
    public void Loss_comes_first_and_a_chart_holds_training_and_validation()
    {
        XElement html = Shown.Html(Shown.Of(
            [("val_loss", 4), ("val_accuracy", 0.25), ("accuracy", 0.5), ("loss", 3), ("lr", 0.001)],
            [("val_loss", 2), ("val_accuracy", 0.75), ("accuracy", 1), ("loss", 1), ("lr", 0.0005)]));
        CollectionAssert.AreEqual(new[]
        {
            "loss by epoch: loss from 3 to 1; val_loss from 4 to 2",
            "accuracy by epoch: accuracy from 0.5 to 1; val_accuracy from 0.25 to 0.75",
            "lr by epoch: lr from 0.001 to 0.0005",
        }, Shown.All(html, "svg").Select(svg => Shown.All(svg, "title")[0].Value).ToArray());
        CollectionAssert.AreEqual(
            new[] { "epoch", "loss", "val_loss", "accuracy", "val_accuracy", "lr" }, Shown.Table(html)[0]);
        foreach (XElement svg in Shown.All(html, "svg")) Assert.AreEqual("img", svg.Attribute("role")!.Value);
    }

    [TestMethod]
    public void Of_a_long_training_the_first_and_the_last_epochs_are_listed()
    {
        XElement html = Shown.Html(Shown.Of(Enumerable.Range(0, 1000).Select(e => new[] { ("loss", 1.0 / (e + 1)) })));
        string[] epochs = [.. Shown.Table(html).Skip(1).Select(row => row[0])];
        string[] first = [.. Enumerable.Range(1, 10).Select(e => $"{e}")];
        string[] last = [.. Enumerable.Range(991, 10).Select(e => $"{e}")];
        CollectionAssert.AreEqual((string[])[.. first, "…", .. last], epochs);
        Assert.AreEqual("1000 epochs", Shown.All(html, "summary").Single().Value);
    }

    [TestMethod]
    public void Names_are_escaped_whatever_they_hold()
    {
        const string Hostile = "</td><script>alert('x')</script>&amp;\"\u0001\uD800";
        XElement html = Shown.Html(Shown.Of([(Hostile, 1)], [(Hostile, 2)]));
        Assert.IsEmpty(Shown.All(html, "script"));
        Assert.AreEqual("</td><script>alert('x')</script>&amp;\"\uFFFD\uFFFD", Shown.Table(html)[0][1]);
    }

    [TestMethod]
    public void Numbers_are_written_the_same_in_all_languages()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        // Globalization is invariant here, so a culture is made whose numbers are written otherwise.
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign) = (",", "minus ");
        History history = Shown.Of([("loss", -0.5)], [("loss", -0.25)], [("loss", -1.125)]);
        string expected = Shown.Html(history).ToString();
        try
        {
            CultureInfo.CurrentCulture = other;
            Assert.AreEqual(expected, Shown.Html(history).ToString());
            Assert.AreEqual("-0.5", Shown.Table(Shown.Html((NDArray)new[] { -0.5f }))[1][1]);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [TestMethod]
    public void A_training_without_epochs_says_so()
    {
        Assert.AreEqual("History: 0 epochs", Shown.Html(new History()).Value);
        Assert.AreEqual("History: 0 epochs", Shown.Brief(new History()));
    }

    [TestMethod]
    public void A_notebook_is_given_html_and_plain_text()
    {
        History history = Shown.Of([("loss", 1)]);
        Assert.AreEqual(history.ToString(), Shown.Text(history));
        Assert.AreEqual("History: 1 epoch, loss", Shown.Brief(history));
        CollectionAssert.AreEquivalent(new[] { "text/html", "text/plain" },
            FormattedValue.CreateManyFromObject(history).Select(v => v.MimeType).ToArray());
    }
}
