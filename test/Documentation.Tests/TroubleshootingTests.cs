using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Documentation.Tests;

/// <summary>The messages that docs/troubleshooting.md quotes are provoked here, or found in the source.</summary>
[TestClass]
public sealed partial class TroubleshootingTests
{
    static readonly string[] s_quoted =
        [.. Quote().Matches(new MarkdownPage("docs/troubleshooting.md").Text).Select(m => m.Groups[1].Value)];

    static IEnumerable<object[]> Made => Mistakes.All.Keys.Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(Made))]
    public void The_answer_to_a_mistake_is_quoted(string mistake) => IsQuoted(Mistakes.All[mistake]);

#if MLNET
    static IEnumerable<object[]> MadeInMLNet => Mistakes.InMLNet.Keys.Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(MadeInMLNet))]
    public void The_answer_to_a_mistake_in_a_pipeline_is_quoted(string mistake) => IsQuoted(Mistakes.InMLNet[mistake]);
#endif

    /// <summary>Messages that a machine gives only if it lacks something.</summary>
    [TestMethod]
    [DataRow("Core/Saving/KerasFormats.cs", "NotSupportedException")]
    [DataRow("Core/Device.cs", "ArgumentException", "There is no GPU")]
    [DataRow("Ilgpu/Runtime/DeviceMemory.cs", "DeviceException")]
    [DataRow("Mpi/MpiLibrary.cs", "InvalidOperationException", "No MPI library was found")]
    [DataRow("OnnxRuntime/ScorerSession.cs", "DllNotFoundException")]
    public void A_message_of_the_source_is_quoted(string file, string exception, string start = "")
    {
        string source = File.ReadAllText(MarkdownPage.Full("src/Microsoft.ML.KerasSequential." + file));
        Regex[] messages =
        [
            .. CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<ObjectCreationExpressionSyntax>()
                .Where(o => o.Type.ToString() == exception && o.ArgumentList?.Arguments.Count > 0)
                .Select(o => Pattern(o.ArgumentList!.Arguments[0].Expression))
                .Where(p => p.StartsWith(start, StringComparison.Ordinal))
                .Select(p => new Regex($"^[\\w.]*{exception}: {AnyValues(p.Split('\0'))}$", RegexOptions.Singleline)),
        ];
        Assert.IsTrue(messages.Any(m => s_quoted.Any(m.IsMatch)),
            $"{file}: no quote is {string.Join(" or ", messages.Select(m => m.ToString()))}");
    }

    [TestMethod]
    [DataRow("Directory.Build.targets", "KSML001")]
    [DataRow("eng/NotTrimmable.targets", "KSML003")]
    public void A_message_of_a_build_is_quoted(string file, string code)
    {
        XElement task = XDocument.Load(MarkdownPage.Full(file)).Descendants()
            .Single(e => (string?)e.Attribute("Code") == code);
        string[] texts = Hole().Split((string)task.Attribute("Text")!);
        var message = new Regex($"^{task.Name.LocalName.ToLowerInvariant()} {code}: {AnyValues(texts)}$");
        Assert.IsTrue(s_quoted.Any(message.IsMatch), $"{file}: no quote is {message}");
    }

    static void IsQuoted(Action mistake)
    {
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory("mistake").FullName;
        Environment.CurrentDirectory = folder;
        try
        {
            Exception thrown = Assert.Throws<Exception>(mistake);
            string text = Parameter().Replace(thrown.Message, "").Replace(folder + Path.DirectorySeparatorChar, "");
            string message = $"{thrown.GetType().FullName}: {text}";
            Assert.IsTrue(s_quoted.Contains(message), $"docs/troubleshooting.md does not quote:\n{message}");
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The text of a message, with a null character where a value stands.</summary>
    static string Pattern(ExpressionSyntax text) => text switch
    {
        LiteralExpressionSyntax literal => literal.Token.ValueText,
        BinaryExpressionSyntax sum => Pattern(sum.Left) + Pattern(sum.Right),
        InterpolatedStringExpressionSyntax parts => string.Concat(
            parts.Contents.Select(c => c is InterpolatedStringTextSyntax t ? t.TextToken.ValueText : "\0")),
        _ => "\0",
    };

    static string AnyValues(string[] texts) => string.Join(".+", texts.Select(Regex.Escape));

    [GeneratedRegex("```text\\n(.*?)\\n```", RegexOptions.Singleline)]
    private static partial Regex Quote();

    /// <summary>.NET's own words for the parameter, which the page leaves out.</summary>
    [GeneratedRegex(" \\(Parameter '\\w+'\\)")]
    private static partial Regex Parameter();

    [GeneratedRegex("\\$\\((?:[^()]|\\([^()]*\\))*\\)|@\\([^()]*\\)")]
    private static partial Regex Hole();
}
