using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.KerasSequential.Tests.Examples;

/// <summary>The guide's pages show the tested code, word for word.</summary>
[TestClass]
public sealed partial class GuideTests
{
    /// <summary>What a page says that is not about C#.</summary>
    const string NoExample = "<!-- no C# example -->";

    static readonly string s_guide = Path.Combine(AppContext.BaseDirectory, "guide");

    static IEnumerable<object[]> Pages =>
        Directory.GetFiles(s_guide, "*.md").Select(p => new object[] { Path.GetFileNameWithoutExtension(p) });

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public void A_page_shows_its_tested_example(string page)
    {
        string text = File.ReadAllText(Path.Combine(s_guide, page + ".md")), shown = Code().Match(text).Groups[1].Value;
        if (text.Contains(NoExample, StringComparison.Ordinal))
        {
            Assert.AreEqual("", shown, "The page says that it has no example, and shows one.");
            return;
        }
        Assert.AreNotEqual("", shown, "The page shows no code.");
        string example =
            File.ReadAllText(Path.Combine(s_guide, $"{char.ToUpperInvariant(page[0])}{page[1..]}Example.cs"));
        var tested = new StringBuilder();
        foreach (Match match in Using().Matches(example)) tested.Append(match.Value).Append('\n');
        foreach (Match match in Region().Matches(example))
            tested.Append('\n').Append(Outdent(match.Groups["code"].Value, match.Groups["indent"].Length));
        Assert.AreEqual(tested.ToString().TrimEnd(), shown.TrimEnd(), $"docs/guide/{page}.md");
    }

    static string Outdent(string code, int indent) =>
        string.Concat(code.Split('\n').Select(l => (l.Length > indent ? l[indent..] : "") + "\n")).TrimEnd('\n') + "\n";

    [GeneratedRegex("```csharp\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("^using .*;", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex("^(?<indent> *)#region \\w+\\n(?<code>.*?)^ *#endregion",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Region();
}
