namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>The window that the console writes to.</summary>
internal static class Terminal
{
    /// <summary>What is taken where a terminal does not tell its width.</summary>
    const int UsualColumns = 80;

    /// <summary>
    /// How many columns there are at the moment, asked anew each time; null where a writer does not go to a terminal.
    /// </summary>
    /// <param name="output">The writer; null is the console.</param>
    public static Func<int>? Columns(TextWriter? output) =>
        (output is null || ReferenceEquals(output, Console.Out)) && !Console.IsOutputRedirected ? Width : null;

    static int Width()
    {
        try
        {
            return Console.WindowWidth is > 0 and int width ? width : UsualColumns;
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return UsualColumns;
        }
    }
}
