using System.Text;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using ScottPlot;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>
/// The font of plots. The package contains one for Latin, Greek and Cyrillic text, so that plots are the same on
/// machines with fonts and in containers without; for other scripts, a system font is used if available.
/// </summary>
public static class PlotFont
{
    const string OwnName = "Microsoft.ML.KerasSequential.Plots", Resource = "DejaVuSans.part.ttf", Probe = "Ag0.";

    static readonly Lock s_gate = new();
    static readonly Face s_own = Own();
    static readonly Dictionary<string, SKTypeface> s_files = new() { [s_own.Key] = s_own.Typeface };
    static Face s_chosen = s_own;

    static PlotFont() => Fonts.FontResolvers.Add(new FileFonts());

    /// <summary>Uses the font in a file for all later plots.</summary>
    /// <param name="path">A TrueType or OpenType font; null to restore the package's font.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="ArgumentException">The file does not contain a font.</exception>
    public static void Use(string? path)
    {
        lock (s_gate) s_chosen = path is null ? s_own : OfFile(path);
    }

    /// <summary>The font that contains all characters of a plot's text, or most of them.</summary>
    internal static Face For(IEnumerable<string> texts)
    {
        lock (s_gate)
        {
            Rune[] missing = [.. string.Concat(texts).EnumerateRunes().Distinct()
                .Where(r => !Rune.IsControl(r) && !Rune.IsWhiteSpace(r) && !s_chosen.Typeface.ContainsGlyph(r.Value))];
            if (missing.Length == 0) return s_chosen;
            int Lacks(Face face) => missing.Count(r => !face.Typeface.ContainsGlyph(r.Value));
            return missing.Select(r => SKFontManager.Default.MatchCharacter(r.Value)).OfType<SKTypeface>()
                .DistinctBy(t => t.FamilyName).Where(t => Has(t, Probe))
                .Select(t => new Face(t.FamilyName, t.FamilyName, t))
                .Prepend(s_chosen).MinBy(Lacks)!;
        }
    }

    static Face OfFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        if (!File.Exists(full)) throw new FileNotFoundException($"The font {full} does not exist.", full);
        if (!s_files.TryGetValue(full, out SKTypeface? typeface))
        {
            typeface = SKTypeface.FromFile(full);
            if (typeface is null || !Has(typeface, Probe))
                throw new ArgumentException($"The file {full} does not contain a font.", nameof(path));
            s_files[full] = typeface;
        }
        return new(full, typeface.FamilyName, typeface);
    }

    static Face Own()
    {
        using Stream stream = typeof(PlotFont).Assembly.GetManifestResourceStream(Resource)!;
        SKTypeface typeface = SKTypeface.FromStream(stream);
        return new(OwnName, typeface.FamilyName, typeface);
    }

    static bool Has(SKTypeface typeface, string text) => text.EnumerateRunes()
        .All(r => typeface.ContainsGlyph(r.Value));

    /// <summary>Resolves these fonts for ScottPlot, which identifies fonts by name.</summary>
    sealed class FileFonts : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing)
        {
            lock (s_gate) return s_files.GetValueOrDefault(fontName);
        }

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) =>
            CreateTypeface(fontName, FontWeight.Normal, FontSlant.Upright, FontSpacing.Normal);
    }
}
