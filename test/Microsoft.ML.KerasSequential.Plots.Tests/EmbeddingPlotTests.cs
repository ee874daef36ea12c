using Microsoft.ML.KerasSequential.Layers;
using Microsoft.ML.KerasSequential.Plots;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Vectors in two dimensions. The expected directions and fractions are known from how the vectors were
/// created.</summary>
[TestClass]
public sealed class EmbeddingPlotTests
{
    [TestMethod]
    public void The_components_are_those_of_the_largest_variance()
    {
        // ±2 along (0.6, 0.8) and ±1 along (-0.8, 0.6), around (10, 20).
        (double Along, double Across)[] places = [(2, 1), (2, -1), (-2, 1), (-2, -1)];
        NDArray vectors = places.Select(p =>
            new[] { (float)(10 + 0.6 * p.Along - 0.8 * p.Across), (float)(20 + 0.8 * p.Along + 0.6 * p.Across) })
            .ToArray();
        var pca = new PrincipalComponents(vectors);
        AssertClose([0.6, 0.8, 0.8, -0.6], pca.Components);
        AssertClose([.. places.SelectMany(p => new[] { p.Along, -p.Across })], pca.Points);
        Assert.AreEqual(0.8, pca.ExplainedVarianceRatio[0], 1e-6);
        Assert.AreEqual(0.2, pca.ExplainedVarianceRatio[1], 1e-6);
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(60)]
    [DataRow(300)]
    public void Axes_of_known_variances_are_found_in_their_order(int size)
    {
        // A pair ±a along each axis, the longest along axes 3 and 1.
        double[] lengths = [.. Enumerable.Range(0, size).Select(i => 0.5 + 0.4 * i / size)];
        (lengths[3], lengths[1]) = (1.1, 1.0);
        var vectors = new NDArray(2 * size, size);
        for (int i = 0; i < size; i++)
            (vectors[2 * i, i], vectors[2 * i + 1, i]) = ((float)lengths[i], -(float)lengths[i]);
        var pca = new PrincipalComponents(vectors);
        Assert.AreEqual(1, pca.Components[0, 3], 1e-5);
        Assert.AreEqual(1, pca.Components[1, 1], 1e-5);
        double total = lengths.Sum(l => l * l);
        Assert.AreEqual(1.21 / total, pca.ExplainedVarianceRatio[0], 1e-6);
        Assert.AreEqual(1.0 / total, pca.ExplainedVarianceRatio[1], 1e-6);
    }

    [TestMethod]
    public void Three_vectors_of_any_length_keep_their_distances()
    {
        var random = new Random(1);
        var vectors = new NDArray(3, 100);
        foreach (ref float value in vectors.Span) value = random.NextSingle();
        var pca = new PrincipalComponents(vectors);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double before = Enumerable.Range(0, 100).Sum(c => Math.Pow(vectors[i, c] - vectors[j, c], 2));
                double after = Math.Pow(pca.Points[i, 0] - pca.Points[j, 0], 2)
                    + Math.Pow(pca.Points[i, 1] - pca.Points[j, 1], 2);
                Assert.AreEqual(before, after, 1e-5 * before);
            }
        }
        Assert.AreEqual(1, pca.ExplainedVarianceRatio.Sum(), 1e-9);
    }

    [TestMethod]
    public void Vectors_on_a_line_or_a_point_have_fewer_directions()
    {
        var line = new PrincipalComponents(new float[,] { { 1, 1, 1 }, { 2, 2, 2 }, { 4, 4, 4 } });
        Assert.AreEqual(1, line.ExplainedVarianceRatio[0], 1e-9);
        Assert.IsTrue(Enumerable.Range(0, 3).All(i => line.Points[i, 1] == 0));
        Assert.AreEqual(1, new PrincipalComponents(new float[,] { { 1 }, { 2 } }).ExplainedVarianceRatio[0], 1e-9);
        var same = new PrincipalComponents(new float[,] { { 1, 2 }, { 1, 2 } });
        Assert.IsTrue(same.Points.ToArray().All(v => v == 0));
        using var folder = new PictureFolder();
        same.Plot(folder["same.png"]);
        folder.Image("same.png").Dispose();
        Assert.ThrowsExactly<ArgumentException>(() => new PrincipalComponents(new float[,] { { 1, 2 } }));
        Assert.ThrowsExactly<ArgumentException>(() => new PrincipalComponents(new float[] { 1, 2 }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            new PrincipalComponents(new float[,] { { 1, 2 }, { 1, float.NaN } }));
    }

    [TestMethod]
    public void Embeddings_are_drawn_with_their_words()
    {
        using var folder = new PictureFolder();
        using Sequential model = new([new Embedding(6, 4, inputLength: 3), new Flatten(), new Dense(1)]);
        model.PlotEmbedding(folder["n.svg"]);
        CollectionAssert.IsSubsetOf(new[] { "embedding_1", "0", "5" }, folder.Texts("n.svg"));
        model.PlotEmbedding(folder["w.svg"], ["<pad>", "cat & dog", "owl"], rows: [0, 4, 2], title: "Words");
        CollectionAssert.IsSubsetOf(new[] { "Words", "<pad>", "cat & dog", "owl" }, folder.Texts("w.svg"));
        model.PlotEmbedding(folder["t.svg"],
            new Dictionary<string, int> { ["owl"] = 3, ["cat"] = 1, ["dog"] = 2, ["rare"] = 77 }, count: 2);
        CollectionAssert.IsSubsetOf(new[] { "cat", "dog" }, folder.Texts("t.svg"));
        Assert.DoesNotContain("owl", folder.Texts("t.svg"));
        Assert.DoesNotContain("rare", folder.Texts("t.svg"));

        Assert.AreEqual("labels", Assert.ThrowsExactly<ArgumentException>(() =>
            model.PlotEmbedding(folder["x.png"], ["one"])).ParamName);
        Assert.AreEqual("rows", Assert.ThrowsExactly<ArgumentException>(() =>
            model.PlotEmbedding(folder["x.png"], rows: [0, 6])).ParamName);
        Assert.AreEqual("rows", Assert.ThrowsExactly<ArgumentException>(() =>
            model.PlotEmbedding(folder["x.png"], rows: [0])).ParamName);
        Assert.AreEqual("wordIndex", Assert.ThrowsExactly<ArgumentException>(() =>
            model.PlotEmbedding(folder["x.png"], new Dictionary<string, int> { ["rare"] = 77 })).ParamName);
        Assert.AreEqual("layerName", Assert.ThrowsExactly<ArgumentException>(() =>
            model.PlotEmbedding(folder["x.png"], layerName: "dense_1")).ParamName);
        using Sequential unbuilt = new();
        unbuilt.Add(new Dense(3));
        unbuilt.Add(new Embedding(6, 4));
        Assert.Contains("no weights", Assert.ThrowsExactly<InvalidOperationException>(() =>
            unbuilt.PlotEmbedding(folder["x.png"])).Message);
        Assert.DoesNotContain("x.png", folder.Files);
    }

    [TestMethod]
    public void Classes_have_colors_and_labels_do_not_overlap()
    {
        using var folder = new PictureFolder();
        var random = new Random(1);
        var vectors = new NDArray(400, 5);
        foreach (ref float value in vectors.Span) value = random.NextSingle();
        NDArray classes = Enumerable.Range(0, 400).Select(i => (float)(i % 3)).ToArray();
        var pca = new PrincipalComponents(vectors);
        pca.Plot(folder["c.png"], classes: classes, classNames: ["cat", "dog", "owl"]);
        Assert.IsGreaterThan(500, folder.Count("c.png", "#338EC1") + folder.Count("c.png", "#0072B2"));
        pca.Plot(folder["c.svg"], classes: classes, classNames: ["cat", "dog", "owl"]);
        CollectionAssert.IsSubsetOf(new[] { "cat", "dog", "owl" }, folder.Texts("c.svg"));
        pca.Plot(folder["l.svg"], [.. Enumerable.Range(0, 400).Select(i => $"point number {i}")]);
        int shown = folder.Texts("l.svg").Count(t => t.StartsWith("point", StringComparison.Ordinal));
        Assert.IsTrue(shown is > 10 and < 300, $"{shown} labels");

        Assert.AreEqual("classes", Assert.ThrowsExactly<ArgumentException>(() =>
            pca.Plot(folder["x.png"], classes: new float[] { 0, 1 })).ParamName);
        Assert.AreEqual("classNames", Assert.ThrowsExactly<ArgumentException>(() =>
            pca.Plot(folder["x.png"], classes: classes, classNames: ["a", "b"])).ParamName);
        Assert.AreEqual("classNames", Assert.ThrowsExactly<ArgumentException>(() =>
            pca.Plot(folder["x.png"], classNames: ["a", "b"])).ParamName);
    }

    static void AssertClose(double[] expected, NDArray actual)
    {
        Assert.AreEqual(expected.Length, actual.Size);
        for (int i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual.Span[i], 1e-5, $"entry {i}");
    }
}
