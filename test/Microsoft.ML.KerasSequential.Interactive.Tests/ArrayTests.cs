using System.Xml.Linq;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Arrays and results as tables.</summary>
[TestClass]
public sealed class ArrayTests
{
    [TestMethod]
    public void A_number_stands_behind_its_shape()
    {
        Assert.AreEqual("NDArray (): 1.5", Shown.Html((NDArray)1.5f).Value);
        Assert.AreEqual("NDArray (): NaN", Shown.Html((NDArray)float.NaN).Value);
    }

    [TestMethod]
    public void A_vector_is_a_row_under_its_indices()
    {
        XElement html = Shown.Html((NDArray)new[] { 1f, -0.1f, float.PositiveInfinity });
        Assert.AreEqual("NDArray (3,)", Shown.All(html, "caption").Single().Value);
        string[][] table = Shown.Table(html);
        CollectionAssert.AreEqual(new[] { "", "0", "1", "2" }, table[0]);
        CollectionAssert.AreEqual(new[] { "", "1", "-0.1", "Infinity" }, table[1]);
    }

    [TestMethod]
    public void A_matrix_has_its_rows()
    {
        string[][] table = Shown.Table(Shown.Html((NDArray)new[,] { { 1f, 2f }, { 3f, 0.333333343f } }));
        CollectionAssert.AreEqual(new[] { "", "0", "1" }, table[0]);
        CollectionAssert.AreEqual(new[] { "0", "1", "2" }, table[1]);
        CollectionAssert.AreEqual(new[] { "1", "3", "0.33333334" }, table[2]);
    }

    [TestMethod]
    public void Of_a_large_matrix_the_corners_are_shown()
    {
        const int Rows = 2000, Columns = 30;
        NDArray large = new(Rows, Columns);
        for (int i = 0; i < large.Size; i++) large.Span[i] = i;
        string[][] table = Shown.Table(Shown.Html(large));
        Assert.HasCount(22, table);
        foreach (string[] row in table) Assert.HasCount(22, row);
        CollectionAssert.AreEqual(new[] { "9", "…", "20" }, table[0][10..13]);
        Assert.AreEqual("…", table[11][0]);
        CollectionAssert.AreEqual(new[] { "1990", "59700", "59701" }, table[12][..3]);
        Assert.AreEqual("59999", table[^1][^1]);
    }

    [TestMethod]
    public void More_than_two_dimensions_are_matrices_under_their_indices()
    {
        NDArray few = new([.. Enumerable.Range(0, 8).Select(i => (float)i)], 2, 2, 2);
        XElement html = Shown.Html(few);
        CollectionAssert.AreEqual(new[] { "[0, :, :]", "[1, :, :]" }, Captions(html));
        CollectionAssert.AreEqual(new[] { "1", "6", "7" }, Shown.Table(html)[^1]);

        html = Shown.Html(new NDArray(3, 5, 2, 2));
        CollectionAssert.AreEqual(
            new[] { "[0, 0, :, :]", "[0, 1, :, :]", "[2, 3, :, :]", "[2, 4, :, :]" }, Captions(html));
        Assert.Contains("11 more", html.Value);
    }

    [TestMethod]
    [DataRow(new[] { 0 })]
    [DataRow(new[] { 0, 3 })]
    [DataRow(new[] { 3, 0 })]
    [DataRow(new[] { 2, 0, 4 })]
    public void An_array_without_values_says_so(int[] shape) =>
        Assert.AreEqual($"NDArray {new Shape([.. shape])}: no values", Shown.Html(new NDArray(shape)).Value);

    [TestMethod]
    public void The_plain_text_is_what_the_array_says_of_itself()
    {
        NDArray array = new float[,] { { 1, 2 } };
        Assert.AreEqual(array.ToString(), Shown.Text(array));
        Assert.AreEqual("NDArray (1, 2)", Shown.Brief(array));
    }

    [TestMethod]
    public void A_shape_is_written_as_Keras_does()
    {
        Shape shape = [null, 28, 28];
        Assert.AreEqual("(None, 28, 28)", Shown.Html(shape).Value);
        Assert.AreEqual("(None, 28, 28)", Shown.Text(shape));
    }

    static string[] Captions(XElement html) => [.. Shown.All(html, "caption").Select(c => c.Value)];
}
