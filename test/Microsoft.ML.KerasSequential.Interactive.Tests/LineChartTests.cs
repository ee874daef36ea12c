using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.KerasSequential.Interactive.Drawing;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Lines over epochs.</summary>
[TestClass]
public sealed class LineChartTests
{
    const double Threshold = 3;

    [TestMethod]
    public void Greater_values_stand_higher_and_later_epochs_further_right()
    {
        (double X, double Y)[] points = Points(Lines(Chart([1, 3, 2])).Single());
        Assert.HasCount(3, points);
        Assert.IsTrue(points[0].X < points[1].X && points[1].X < points[2].X);
        Assert.IsTrue(points[1].Y < points[2].Y && points[2].Y < points[0].Y);
        Assert.AreEqual(points[0].Y - points[2].Y, points[2].Y - points[1].Y, 0.02);
        Assert.AreEqual(points[1].X - points[0].X, points[2].X - points[1].X, 0.02);
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(double.NegativeInfinity)]
    [DataRow(double.MaxValue)]
    [DataRow(null)]
    public void Where_a_value_cannot_be_drawn_the_line_has_a_gap(double? hole)
    {
        XElement[] lines = Lines(Chart([1, 2, hole, 4, 5]));
        Assert.HasCount(2, lines);
        Assert.HasCount(2, Points(lines[0]));
        Assert.HasCount(2, Points(lines[1]));
        // A value between two gaps is a point.
        XElement alone = Chart([hole, 2, hole]);
        Assert.IsEmpty(Lines(alone));
        Assert.HasCount(1, Shown.All(alone, "circle"));
        Assert.Contains("no finite values", Chart([hole]).Value);
    }

    [TestMethod]
    [DataRow(new[] { 0.0, 0.0 })]
    [DataRow(new[] { 5.0 })]
    [DataRow(new[] { -3.0, -3.0, -3.0 })]
    [DataRow(new[] { 1e-300, 2e-300 })]
    [DataRow(new[] { -9e299, 9e299 })]
    [DataRow(new[] { 1.0, 1.0 + 1e-15 })]
    [DataRow(new[] { 1e-7, 1e7 })]
    public void Values_of_any_size_lie_within_the_chart_beside_round_numbers(double[] values)
    {
        XElement chart = Chart([.. values]);
        (double width, double height) = (Number(chart, "width"), Number(chart, "height"));
        foreach (XElement circle in Shown.All(chart, "circle"))
        {
            Assert.IsInRange(0, width, Number(circle, "cx"));
            Assert.IsInRange(0, height, Number(circle, "cy"));
        }
        Assert.HasCount(values.Length, Shown.All(chart, "circle"));
        string[] ticks = [.. Shown.All(chart, "text")
            .Where(t => t.Attribute("text-anchor")!.Value == "end").Select(t => t.Value)];
        Assert.IsInRange(1, 12, ticks.Length);
        CollectionAssert.AllItemsAreUnique(ticks);
    }

    [TestMethod]
    public void Epochs_are_whole_numbers()
    {
        foreach (int count in new[] { 1, 2, 3, 7, 60, 1000 })
        {
            string[] ticks = [.. Shown.All(Chart([.. Enumerable.Range(0, count).Select(e => (double?)e)]), "text")
                .Where(t => t.Attribute("text-anchor")!.Value == "middle" && t.Value != "epoch").Select(t => t.Value)];
            Assert.IsInRange(1, 12, ticks.Length);
            foreach (string tick in ticks) Assert.IsInRange(1, count, int.Parse(tick, CultureInfo.InvariantCulture));
        }
    }

    [TestMethod]
    public void Lines_stand_out_from_light_and_dark_notebooks()
    {
        foreach (string colour in LineChart.Colours)
            foreach (string ground in new[] { "#FFFFFF", "#1E1E1E", "#000000" })
                Assert.IsGreaterThanOrEqualTo(Threshold, Contrast(colour, ground), $"{colour} on {ground}");
    }

    [TestMethod]
    public void The_second_line_is_dashed_and_all_else_has_the_colour_of_the_text()
    {
        XElement chart = LineChart.Draw("loss", [0, 1], [("loss", [1, 2]), ("val_loss", [2, 3])]);
        Assert.AreEqual(2, Shown.All(chart, "polyline").Count(l => l.Attribute("stroke-dasharray") is not null));
        foreach (XElement text in Shown.All(chart, "text"))
            Assert.AreEqual("currentColor", text.Attribute("fill")!.Value);
        foreach (XElement line in Shown.All(chart, "line"))
            Assert.AreEqual("currentColor", line.Attribute("stroke")!.Value);
    }

    static XElement Chart(double?[] values) =>
        LineChart.Draw("loss", [.. Enumerable.Range(0, values.Length)], [("loss", values)]);

    /// <summary>The lines of the chart, without the sample in the legend, which stands first.</summary>
    static XElement[] Lines(XElement chart) => Shown.All(chart, "polyline")[1..];

    static (double X, double Y)[] Points(XElement line) => [.. line.Attribute("points")!.Value.Split(' ')
        .Select(p => p.Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray())
        .Select(p => (p[0], p[1]))];

    static double Number(XElement element, string name) =>
        double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    /// <summary>The contrast of two colours as WCAG 2 defines it.</summary>
    static double Contrast(string one, string other)
    {
        double[] both = [.. new[] { Luminance(one), Luminance(other) }.Order()];
        return (both[1] + 0.05) / (both[0] + 0.05);
    }

    static double Luminance(string colour) => new[] { 0.2126, 0.7152, 0.0722 }.Select((share, i) =>
    {
        double value = Convert.ToInt32(colour.Substring(1 + 2 * i, 2), 16) / 255.0;
        return share * (value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4));
    }).Sum();
}
