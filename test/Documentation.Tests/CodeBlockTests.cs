using Microsoft.CodeAnalysis.CSharp;

namespace Documentation.Tests;

/// <summary>Readers copy code: what a page prints as C# compiles as printed, and whole programs run.</summary>
[TestClass]
public sealed class CodeBlockTests
{
    /// <summary>Pages whose programs run here; the guide's examples are regions of other tests.</summary>
    static readonly string[] s_run = ["README.md", "eng/package/README.md", "docs/quick-start.md", "docs/from-python/"];

    static IEnumerable<object[]> Blocks =>
        MarkdownPage.Names.SelectMany(n => new MarkdownPage(n).Blocks()).Select(b => new object[] { b.Page, b.Line });

    static IEnumerable<object[]> Programs =>
        Blocks.Where(b => s_run.Any(p => ((string)b[0]).StartsWith(p, StringComparison.Ordinal)));

    [TestMethod]
    [DynamicData(nameof(Blocks))]
    public void A_block_compiles_as_printed(string page, int line)
    {
        IReadOnlyList<string> blocks = UpTo(page, line);
        SkipWithout(blocks);
        Assert.AreEqual("", PageProgram.Errors(PageProgram.Compile(blocks)), $"{page}, line {line}");
    }

    [TestMethod]
    [DynamicData(nameof(Programs))]
    public void A_program_runs_as_printed(string page, int line)
    {
        IReadOnlyList<string> blocks = UpTo(page, line);
        SkipWithout(blocks);
        PageProgram.Run(PageProgram.Compile(blocks));
    }

    [TestMethod]
    public void Each_Keras_program_stands_beside_its_twin()
    {
        const string python = "```python\n", twin = "```\n\n```csharp\n";
        string[] programs =
        [
            .. MarkdownPage.Names.Where(n => n.StartsWith("docs/from-python/", StringComparison.Ordinal))
                .SelectMany(n => new MarkdownPage(n).Text.Split(python).Skip(1)),
        ];
        Assert.IsGreaterThanOrEqualTo(15, programs.Length);
        foreach (string program in programs)
        {
            int end = program.IndexOf("```", StringComparison.Ordinal);
            Assert.StartsWith(twin, program[end..]);
        }
    }

    [TestMethod]
    public void A_block_that_lacks_a_name_is_found()
    {
        Assert.Contains("CS0103", PageProgram.Errors(PageProgram.Compile(["Console.WriteLine(csv);"])));
        CSharpCompilation joined = PageProgram.Compile(
            ["using System.Text;\nvar b = new StringBuilder();\nclass A;", "b.Append(new A());\nclass B;"]);
        Assert.AreEqual("", PageProgram.Errors(joined));
    }

    /// <summary>A block, after those that it says it continues.</summary>
    static IReadOnlyList<string> UpTo(string page, int line)
    {
        IReadOnlyList<CodeBlock> all = new MarkdownPage(page).Blocks();
        int last = all.Index().Single(b => b.Item.Line == line).Index, first = last;
        while (all[first].Continues) first--;
        return [.. all.Skip(first).Take(last - first + 1).Select(b => b.Code)];
    }

    static void SkipWithout(IReadOnlyList<string> blocks)
    {
        IReadOnlyList<string> missing = PageProgram.LeftOut(string.Concat(blocks));
        if (missing.Count > 0) Assert.Inconclusive($"left out: {string.Join(", ", missing)}");
    }
}
