using System.Xml.Linq;

namespace Documentation.Tests;

/// <summary>A new package does not go unseen.</summary>
[TestClass]
public sealed class PackageTests
{
    /// <summary>The packages of src that hold an assembly.</summary>
    static IEnumerable<object[]> Packages =>
        Directory.GetDirectories(MarkdownPage.Full("src")).SelectMany(d => Directory.GetFiles(d, "*.csproj"))
            .Where(p => Says(p, "IsPackable", "true") && !Says(p, "IncludeBuildOutput", "false"))
            .Select(p => new object[] { Path.GetFileNameWithoutExtension(p) });

    [TestMethod]
    [DynamicData(nameof(Packages))]
    public void A_package_has_its_reference_and_its_line(string package)
    {
        string reference = File.ReadAllText(MarkdownPage.Full("docs/docfx.json"));
        Assert.Contains($"\"{package}/bin/Release/net10.0/{package}.dll\"", reference, "docs/docfx.json");
        Assert.Contains($"| `{package}` |", new MarkdownPage("docs/packages.md").Text, "docs/packages.md");
        string project = File.ReadAllText(MarkdownPage.Full("test/Documentation.Tests/Documentation.Tests.csproj"));
        Assert.Contains($"/{package}.csproj\"", project, "what blocks of C# are compiled with");
    }

    static bool Says(string project, string property, string value) =>
        XDocument.Load(project).Descendants(property).Any(e => e.Value == value);
}
