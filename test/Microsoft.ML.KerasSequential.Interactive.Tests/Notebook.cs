using System.Text.Json;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>A notebook file, as far as it is run.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Root">All of it.</param>
internal sealed record Notebook(string Path, JsonElement Root)
{
    /// <summary>The folder of the notebooks, beside which lies what they read.</summary>
    public static string Folder { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "tree", "notebooks");

    public IEnumerable<JsonElement> Cells => Root.GetProperty("cells").EnumerateArray();

    /// <summary>The code of each cell with code.</summary>
    public IEnumerable<string> Code => Cells.Where(c => c.GetProperty("cell_type").GetString() == "code")
        .Select(c => string.Concat(c.GetProperty("source").EnumerateArray().Select(line => line.GetString())));

    public static Notebook Open(string name)
    {
        string path = System.IO.Path.Combine(Folder, name + ".ipynb");
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        return new(path, file.RootElement.Clone());
    }
}
