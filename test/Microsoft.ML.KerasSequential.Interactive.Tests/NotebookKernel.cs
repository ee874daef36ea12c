using System.Text.RegularExpressions;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Commands;
using Microsoft.DotNet.Interactive.CSharp;
using Microsoft.DotNet.Interactive.Events;
using Microsoft.DotNet.Interactive.Formatting;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>
/// A C# kernel in this process. It has no feed: a cell's <c>#r "nuget: …"</c> loads what was built, and runs the
/// extension of that package as a kernel would.
/// </summary>
internal sealed partial class NotebookKernel : IDisposable
{
    readonly CSharpKernel _csharp = new();
    readonly CompositeKernel _kernel = new();

    public NotebookKernel()
    {
        Formatter.ResetToDefault();
        _kernel.Add(_csharp);
        _kernel.DefaultKernelName = _csharp.Name;
    }

    /// <summary>Runs a cell.</summary>
    /// <returns>What it shows, each value by mime type.</returns>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> RunAsync(string cell)
    {
        string[] packages = [.. Package().Matches(cell).Select(m => m.Groups["name"].Value)];
        if (packages.Length > 0)
        {
            _csharp.AddAssemblyReferences(packages.SelectMany(Assemblies).Distinct());
            if (packages.Any(p => p.EndsWith(".Interactive", StringComparison.Ordinal))) await RunAsync(Extension());
            cell = Package().Replace(cell, "");
        }
        KernelCommandResult result = await _kernel.SendAsync(new SubmitCode(cell));
        foreach (CommandFailed failure in result.Events.OfType<CommandFailed>())
            Assert.Fail($"{failure.Message}\n{failure.Exception}\n\n{cell}");
        return [.. result.Events.OfType<DisplayEvent>()
            .Where(e => e is ReturnValueProduced or DisplayedValueProduced)
            .Select(e => e.FormattedValues.ToDictionary(v => v.MimeType, v => v.Value))];
    }

    public void Dispose()
    {
        _kernel.Dispose();
        Formatter.ResetToDefault();
    }

    /// <summary>What the package holds, and what it depends on.</summary>
    static IEnumerable<string> Assemblies(string package)
    {
        string own = Path.Combine(AppContext.BaseDirectory, package + ".dll");
        Assert.IsTrue(File.Exists(own), $"{package} was not built.");
        return [own, .. Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
            .Where(f => Dependency().IsMatch(Path.GetFileName(f)))];
    }

    /// <summary>The C# of the extension's script.</summary>
    static string Extension()
    {
        const string Language = "#!csharp";
        string script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "extension.dib"));
        Assert.StartsWith(Language, script);
        return script[Language.Length..];
    }

    [GeneratedRegex("^#r \"nuget: *(?<name>[\\w.]+)\"$", RegexOptions.Multiline)]
    private static partial Regex Package();

    [GeneratedRegex("^(Microsoft[.]ML[.].*|Microsoft[.]Data[.].*|System[.]Numerics[.]Tensors)[.]dll$")]
    private static partial Regex Dependency();
}
