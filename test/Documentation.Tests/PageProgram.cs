using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Documentation.Tests;

/// <summary>Blocks of a page as a reader's program: <c>dotnet new console</c>, and the block as Program.cs.</summary>
internal static class PageProgram
{
    static readonly CSharpParseOptions s_parse = new(LanguageVersion.Latest);

    static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileNameWithoutExtension(file) != "Documentation.Tests")
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    /// <summary>What a new console project imports by itself.</summary>
    static readonly SyntaxTree s_implicitUsings = CSharpSyntaxTree.ParseText(string.Concat(new[]
    {
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading",
        "System.Threading.Tasks",
    }.Select(n => $"global using global::{n};\n")), s_parse);

    /// <summary>What uses a package, by a text that stands in the code.</summary>
    static readonly (string Text, string Package)[] s_needs =
    [
        ("using Microsoft.ML;", ""), ("Microsoft.Data.Analysis", ""), ("Microsoft.ML.AutoML", ".AutoML"),
        ("HDF5Matrix", ".Hdf5"), (".h5\"", ".Hdf5"), ("OnnxScorer", ".OnnxRuntime"),
        ("KerasSequential.Plots", ".Plots"), ("KerasSequential.Interactive", ".Interactive"),
    ];

    /// <summary>The packages that the code needs and that are left out, so that their assemblies are empty.</summary>
    public static IReadOnlyList<string> LeftOut(string code) =>
    [
        .. s_needs.Where(n => code.Contains(n.Text, StringComparison.Ordinal))
            .Select(n => $"Microsoft.ML.KerasSequential{n.Package}").Distinct()
            .Where(p => Assembly.Load(p).GetExportedTypes().Length == 0),
        .. new[] { "Apache.Arrow", "Parquet" }.Where(p => code.Contains($"using {p}", StringComparison.Ordinal))
            .Where(p => !s_references.Any(r => Path.GetFileNameWithoutExtension(r.Display) == p)),
    ];

    public static CSharpCompilation Compile(IReadOnlyList<string> blocks) => CSharpCompilation.Create(
        "PageProgram" + Guid.NewGuid().ToString("N"),
        [s_implicitUsings, CSharpSyntaxTree.ParseText(Join(blocks), s_parse, "Program.cs")], s_references,
        new(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable,
            optimizationLevel: OptimizationLevel.Release));

    /// <summary>The errors, with the lines of the joined program.</summary>
    public static string Errors(CSharpCompilation program) =>
        string.Join("\n", program.GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error));

    /// <summary>Runs a program in an empty folder, and gives what it prints.</summary>
    public static string Run(CSharpCompilation program)
    {
        using var stream = new MemoryStream();
        Assert.IsTrue(program.Emit(stream).Success, Errors(program));
        stream.Position = 0;
        string before = Environment.CurrentDirectory, folder = Directory.CreateTempSubdirectory("page").FullName;
        TextWriter console = Console.Out;
        var printed = new StringWriter();
        Console.SetOut(printed);
        Environment.CurrentDirectory = folder;
        try
        {
            MethodInfo main = AssemblyLoadContext.Default.LoadFromStream(stream).EntryPoint!;
            object[]? arguments = main.GetParameters().Length == 0 ? null : [Array.Empty<string>()];
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
            return printed.ToString();
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Usings first, statements next, types last, as C# wants it in one file.</summary>
    static string Join(IReadOnlyList<string> blocks)
    {
        if (blocks.Count == 1) return blocks[0];
        CompilationUnitSyntax[] units =
            [.. blocks.Select(b => CSharpSyntaxTree.ParseText(b, s_parse).GetCompilationUnitRoot())];
        MemberDeclarationSyntax[] members = [.. units.SelectMany(u => u.Members)];
        string Text(bool statements) =>
            string.Concat(members.Where(m => m is GlobalStatementSyntax == statements).Select(m => m.ToFullString()));
        return string.Join("\n", units.SelectMany(u => u.Usings).Select(u => u.ToString().Trim()).Distinct()) + "\n" +
            Text(statements: true) + Text(statements: false);
    }
}
