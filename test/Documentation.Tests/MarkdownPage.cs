using System.Reflection;
using System.Text.RegularExpressions;

namespace Documentation.Tests;

/// <summary>A block of C# in a page; <see cref="Continues"/>: it goes on where the block before ends.</summary>
internal sealed record CodeBlock(string Page, int Line, string Code, bool Continues);

/// <summary>A Markdown file of the repository, read as its readers see it.</summary>
internal sealed partial class MarkdownPage(string name)
{
    static readonly string s_root = typeof(MarkdownPage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "Root").Value!;

    readonly string _text = File.ReadAllText(Path.Combine(s_root, name)).ReplaceLineEndings("\n");

    /// <summary>The path from the root of the repository, with slashes.</summary>
    public string Name => name;

    public string Text => _text;

    /// <summary>The pages at the root and in docs, and the one that the packages show.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Directory.GetFiles(s_root, "*.md")
            .Concat(Directory.GetFiles(Path.Combine(s_root, "docs"), "*.md", SearchOption.AllDirectories))
            .Append(Path.Combine(s_root, "eng", "package", "README.md"))
            .Select(p => Path.GetRelativePath(s_root, p).Replace('\\', '/'))
            .Where(p => !p.StartsWith("docs/api/", StringComparison.Ordinal)).Order(),
    ];

    public static string Full(string path) => Path.GetFullPath(Path.Combine(s_root, path));

    /// <summary>The blocks that are marked as C#. A comment before a block says that it continues another.</summary>
    public IReadOnlyList<CodeBlock> Blocks() =>
    [
        .. Block().Matches(_text).Select(m => new CodeBlock(name, _text[..m.Index].Count(c => c == '\n') + 1,
            m.Groups["code"].Value, m.Groups["continues"].Success)),
    ];

    /// <summary>The targets of links and images outside of code.</summary>
    public IReadOnlyList<string> Links() => [.. Link().Matches(WithoutCode()).Select(m => m.Groups["target"].Value)];

    /// <summary>The places in the page that a link can name.</summary>
    public IReadOnlySet<string> Anchors()
    {
        var anchors = new HashSet<string>();
        foreach (Match heading in Heading().Matches(Fence().Replace(_text, "")))
        {
            string plain = Link().Replace(heading.Groups["title"].Value, m => m.Groups["text"].Value);
            string anchor = string.Concat(plain.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_'))
                .ToLowerInvariant().Replace(' ', '-');
            for (int i = 1; !anchors.Add(i == 1 ? anchor : $"{anchor}-{i - 1}"); i++) { }
        }
        return anchors;
    }

    string WithoutCode() => InlineCode().Replace(Fence().Replace(_text, ""), "");

    [GeneratedRegex("(?<continues><!-- continues -->\\n\\n?)?^```csharp\\n(?<code>.*?)^```$",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^```.*?^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("`[^`\\n]+`")]
    private static partial Regex InlineCode();

    [GeneratedRegex("\\[(?<text>[^\\]]*)\\]\\((?<target>[^)\\s]+)\\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
