namespace Documentation.Tests;

/// <summary>Lines of source files fit beside a second window, and beside a diff.</summary>
[TestClass]
public sealed class LineTests
{
    const int Limit = 120;

    static IEnumerable<object[]> Folders => new[] { "src", "test" }
        .SelectMany(f => Directory.GetDirectories(MarkdownPage.Full(f)))
        .Select(f => new object[] { Path.GetRelativePath(MarkdownPage.Full(""), f) });

    [TestMethod]
    [DynamicData(nameof(Folders))]
    public void A_line_of_C_sharp_has_at_most_120_columns(string folder)
    {
        string[] built = [$"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}",
            $"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}"];
        var files = Directory.GetFiles(MarkdownPage.Full(folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !built.Any(b => f.Contains(b, StringComparison.Ordinal)));
        string[] wide = [.. files.SelectMany(f => File.ReadLines(f)
            .Select((line, i) => (line.Length, Place: $"{Path.GetFileName(f)}:{i + 1}"))
            .Where(l => l.Length > Limit).Select(l => $"{l.Place} has {l.Length}"))];
        Assert.IsEmpty(wide, string.Join(", ", wide));
    }
}
