using System.Text.RegularExpressions;

namespace Documentation.Tests;

/// <summary>Links between pages lead somewhere, and the site's tables of contents name every page.</summary>
[TestClass]
public sealed partial class LinkTests
{
    static IEnumerable<object[]> Pages => MarkdownPage.Names.Select(n => new object[] { n });

    static IEnumerable<object[]> Contents =>
        new[] { "docs", "docs/guide", "docs/from-python" }.Select(f => new object[] { f });

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public void A_relative_link_leads_to_a_file_and_a_heading(string page)
    {
        foreach (string link in Relative(page))
        {
            string[] parts = link.Split('#');
            string target = Target(page, link);
            Assert.IsTrue(File.Exists(target) || Directory.Exists(target), $"{page}: {link}");
            if (parts.Length == 2)
            {
                var linked = new MarkdownPage(Path.GetRelativePath(MarkdownPage.Full(""), target));
                Assert.Contains(parts[1], linked.Anchors(), $"{page}: {link}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public void A_page_of_the_site_links_to_pages_of_the_site(string page)
    {
        if (!page.StartsWith("docs/", StringComparison.Ordinal)) return;
        string[] besides = ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"];
        foreach (string link in Relative(page))
        {
            string target = Path.GetRelativePath(MarkdownPage.Full(""), Target(page, link)).Replace('\\', '/');
            bool isPage = target.StartsWith("docs/", StringComparison.Ordinal) && Path.HasExtension(target);
            Assert.IsTrue(isPage || besides.Contains(target),
                $"{page}: {link} is no page of the site; name files of the repository as `code`.");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Contents))]
    public void A_table_of_contents_names_each_page_once(string folder)
    {
        string toc = File.ReadAllText(MarkdownPage.Full(folder + "/toc.yml"));
        string[] named = [.. Href().Matches(toc).Select(m => m.Groups[1].Value).Order()];
        string[] pages =
        [
            .. Directory.GetFiles(MarkdownPage.Full(folder), "*.md").Select(p => Path.GetFileName(p))
                .Where(p => folder != "docs" || p != "index.md").Order(),
        ];
        CollectionAssert.AreEqual(pages, named, $"{folder}/toc.yml lacks: {string.Join(", ", pages.Except(named))}; "
            + $"has without a page: {string.Join(", ", named.Except(pages))}");
    }

    static IEnumerable<string> Relative(string page) =>
        new MarkdownPage(page).Links().Where(l => !l.Contains("://", StringComparison.Ordinal));

    static string Target(string page, string link) => link[0] == '#' ? MarkdownPage.Full(page)
        : Path.GetFullPath(Path.Combine(MarkdownPage.Full(page), "..", link.Split('#')[0]));

    [GeneratedRegex("href: ([\\w-]+\\.md)$", RegexOptions.Multiline)]
    private static partial Regex Href();
}
