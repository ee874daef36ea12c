using System.Text.Json;
using System.Xml.Linq;

namespace Microsoft.ML.KerasSequential.Tests;

[TestClass]
public sealed class NotebookTests
{
    const string Html = "text/html", Plain = "text/plain";

    static IEnumerable<object[]> Files => Directory.GetFiles(Notebook.Folder, "*.ipynb")
        .Select(path => new object[] { Path.GetFileNameWithoutExtension(path) });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_notebook_is_of_the_fourth_format_for_CSharp_and_holds_no_outputs(string name)
    {
        var notebook = Notebook.Open(name);
        Assert.AreEqual(4, notebook.Root.GetProperty("nbformat").GetInt32());
        JsonElement kernel = notebook.Root.GetProperty("metadata").GetProperty("kernelspec");
        Assert.AreEqual(".net-csharp", kernel.GetProperty("name").GetString());
        Assert.AreEqual("C#", kernel.GetProperty("language").GetString());
        CollectionAssert.AllItemsAreUnique(notebook.Cells.Select(c => c.GetProperty("id").GetString()).ToArray());
        foreach (JsonElement cell in notebook.Cells.Where(c => c.GetProperty("cell_type").GetString() == "code"))
        {
            Assert.AreEqual(0, cell.GetProperty("outputs").GetArrayLength());
            Assert.AreEqual(JsonValueKind.Null, cell.GetProperty("execution_count").ValueKind);
        }
        Assert.StartsWith("#r \"nuget: Microsoft.ML.KerasSequential.Interactive\"", notebook.Code.First());
    }

    [TestMethod]
    [DataRow("quick-start", "NDArray (150, 4)|svg:iris|svg:loss,accuracy|Evaluation|NDArray (5, 3)|")]
    [DataRow("images", "NDArray (8, 8)|svg:digits|Model: \"digits\"|svg:loss,accuracy|Evaluation|NDArray (10, 10)")]
    [DataRow("texts", "|NDArray (1200, 8)|svg:reviews|svg:loss,accuracy|Evaluation|NDArray (3, 1)")]
    [DataRow("onnx", "svg:loss,accuracy||svg:iris|NDArray (5, 3)|")]
    [DataRow("callbacks", "NDArray (400, 30)|Model: \"tumours\"|svg:loss,accuracy,lr||Evaluation|NDArray (2,)")]
#if MLNET
    [DataRow("mlnet", "|svg:loss,accuracy|svg:sequential|NDArray (3,)")]
#endif
    public async Task A_notebook_runs_from_its_first_cell_to_its_last(string name, string expected)
    {
        string before = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Notebook.Folder;
        string[] files = Directory.GetFiles(Notebook.Folder);
        try
        {
            using var kernel = new NotebookKernel();
            var shown = new List<IReadOnlyDictionary<string, string>>();
            foreach (string cell in Notebook.Open(name).Code) shown.AddRange(await kernel.RunAsync(cell));

            string[] wanted = expected.Split('|');
            Assert.HasCount(wanted.Length, shown);
            foreach ((string want, IReadOnlyDictionary<string, string> value) in wanted.Zip(shown))
                AssertShows(want, value);
            CollectionAssert.AreEqual(files, Directory.GetFiles(Notebook.Folder), "It leaves files behind.");
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    /// <summary>Checks a value that one of this library's formatters shows; an empty text stands for any.</summary>
    static void AssertShows(string want, IReadOnlyDictionary<string, string> value)
    {
        if (want.Length == 0) return;
        CollectionAssert.AreEquivalent(new[] { Html, Plain }, value.Keys.ToArray());
        Assert.AreNotEqual("", value[Plain]);
        var html = XElement.Parse(value[Html]);
        if (!want.StartsWith("svg:", StringComparison.Ordinal))
        {
            Assert.StartsWith(want, html.Value);
            return;
        }
        string[] titles = [.. html.Descendants().Where(e => e.Name.LocalName == "svg")
            .Select(svg => svg.Elements().First(e => e.Name.LocalName == "title").Value)];
        string[] names = want["svg:".Length..].Split(',');
        Assert.HasCount(names.Length, titles);
        foreach ((string chart, string title) in names.Zip(titles)) Assert.Contains(chart, title);
    }
}
