using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Snippets of C#, compiled together and run.</summary>
internal static class Compiled
{
    static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    /// <summary>The models that snippets create; a snippet that does not compile fails the test.</summary>
    public static Sequential[] Models(IReadOnlyList<string> snippets)
    {
        var compilation = CSharpCompilation.Create("Snippets", snippets.Select(Parse), s_references,
            new(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        Microsoft.CodeAnalysis.Emit.EmitResult result = compilation.Emit(assembly);
        Assert.IsTrue(result.Success, string.Join("\n",
            result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(5)
            .Select(d => $"{d}\n{d.Location.SourceTree}")));
        Assembly loaded = Assembly.Load(assembly.ToArray());
        return [.. snippets.Select(
            (_, i) => (Sequential)loaded.GetType($"Snippet{i}")!.GetMethod("Make")!.Invoke(null, null)!)];
    }

    /// <summary>A snippet as a method of its own class.</summary>
    static SyntaxTree Parse(string snippet, int index)
    {
        int body = snippet.IndexOf("\n\n", StringComparison.Ordinal);
        return CSharpSyntaxTree.ParseText($$"""
            {{snippet[..body]}}
            public static class Snippet{{index}}
            {
                public static Sequential Make()
                {
            {{snippet[body..]}}
                    return model;
                }
            }
            """);
    }
}
