using System.Text.Json;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>What Console.WriteLine shows of arrays, shapes and histories.</summary>
[TestClass]
public sealed class PrintingTests
{
    [TestMethod]
    public void Arrays_print_as_NumPy_prints_them()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", "numpy-text.json");
        using JsonDocument cases = JsonDocument.Parse(File.ReadAllText(path));
        Assert.IsGreaterThan(100, cases.RootElement.GetArrayLength());
        foreach (JsonElement recorded in cases.RootElement.EnumerateArray())
        {
            int[] shape = [.. recorded.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32())];
            float[] values = recorded.TryGetProperty("count_divided_by", out JsonElement divisor)
                ? [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(i => i / divisor.GetSingle())]
                : [.. recorded.GetProperty("bits").EnumerateArray().Select(b =>
                    BitConverter.UInt32BitsToSingle(b.GetUInt32()))];
            string printed = new NDArray(values, shape).ToString().ReplaceLineEndings("\n");
            Assert.AreEqual(recorded.GetProperty("text").GetString(), printed, $"shape ({string.Join(", ", shape)})");
        }
    }

    [TestMethod]
    public void Printing_an_array_changes_neither_it_nor_depends_on_the_culture()
    {
        NDArray x = new float[,] { { 1.5f, -2 }, { float.NaN, 1e-3f } };
        float[] before = x.ToArray();
        string plain = x.ToString();
        (System.Globalization.CultureInfo culture, System.Globalization.CultureInfo.CurrentCulture) =
            (System.Globalization.CultureInfo.CurrentCulture,
                new("") { NumberFormat = { NumberDecimalSeparator = "," } });
        try
        {
            Assert.AreEqual(plain, x.ToString());
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
        }
        CollectionAssert.AreEqual(before, x.ToArray());
    }

    [TestMethod]
    public void A_history_prints_as_a_table()
    {
        var history = new History();
        history.OnEpochEnd(0, new Dictionary<string, double> { ["loss"] = 0.5, ["accuracy"] = 0.25 });
        history.OnEpochEnd(1,
            new Dictionary<string, double> { ["val_loss"] = 12.25, ["loss"] = 0.0001, ["accuracy"] = 1 });
        string[] expected =
        [
            "epoch        loss  accuracy  val_loss",
            "    1      0.5000    0.2500",
            "    2  1.0000e-04    1.0000   12.2500",
        ];
        Assert.AreEqual(string.Join(Environment.NewLine, expected), history.ToString());
    }

    [TestMethod]
    public void A_long_history_shows_its_ends_and_an_empty_one_says_so()
    {
        var history = new History();
        Assert.AreEqual("No epochs.", history.ToString());
        for (int i = 0; i < 20; i++) history.OnEpochEnd(i, new Dictionary<string, double> { ["loss"] = i });
        Assert.HasCount(21, history.ToString().Split('\n'));
        history.OnEpochEnd(20, new Dictionary<string, double> { ["loss"] = double.NaN });
        string[] lines = history.ToString().Split(Environment.NewLine);
        Assert.HasCount(12, lines);
        CollectionAssert.AreEqual(new[] { "    5   4.0000", "  ...      ...", "   17  16.0000" }, lines[5..8]);
        Assert.AreEqual("   21      NaN", lines[^1]);
    }

    [TestMethod]
    public void A_shape_prints_as_Keras_prints_it()
    {
        Assert.AreEqual("(None, 3)", new Shape(null, 3).ToString());
        Assert.AreEqual("(None,)", $"{new Shape((int?)null)}");
        Assert.AreEqual("()", new Shape().ToString());
        using var model = new Sequential([new Dense(2, inputShape: [28, 28])]);
        Assert.AreEqual("(None, 28, 28) (None, 28, 2)", $"{model.InputShape} {model.Outputs[0].Shape}");
    }
}
