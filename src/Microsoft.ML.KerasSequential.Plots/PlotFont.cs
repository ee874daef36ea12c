using System.Text;
using Microsoft.ML.KerasSequential.Plots.Drawing;
using ScottPlot;
using SkiaSharp;

namespace Microsoft.ML.KerasSequential.Plots;

/// <summary>
/// The font of the pictures: the machine's own by default, and another one of the machine where texts need letters that
/// it lacks. Machines without a font, as many containers are, need one: install a package of fonts, or name a file here.
/// </summary>
public static class PlotFont
{
    const string Probe = "Ag0.";

    static readonly Lock s_gate = new();
    static readonly Dictionary<string, SKTypeface> s_files = [];
    static Face? s_chosen;

    /// <summary>Draws all texts of later pictures with the font of a file.</summary>
    /// <param name="path">A TrueType or OpenType font; null for the machine's own again.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">The file holds no font.</exception>
    public static void Use(string? path)
    {
        if (path is null)
        {
            lock (s_gate) s_chosen = null;
            return;
        }
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        if (!File.Exists(full)) throw new FileNotFoundException($"There is no font {full}.", full);
        lock (s_gate)
        {
            if (!s_files.TryGetValue(full, out SKTypeface? typeface))
            {
                typeface = SKTypeface.FromFile(full);
                if (typeface is null || !Has(typeface, Probe)) throw new ArgumentException($"The file {full} holds no font.", nameof(path));
                if (s_files.Count == 0) Fonts.FontResolvers.Add(new FileFonts());
                s_files[full] = typeface;
            }
            s_chosen = new(full, typeface.FamilyName, typeface);
        }
    }

    /// <summary>The font that has the letters of all texts of a picture, or most of them.</summary>
    /// <exception cref="InvalidOperationException">The machine has no font.</exception>
    internal static Face For(IEnumerable<string> texts) => Find(texts) ?? throw new InvalidOperationException(
        $"No font was found to write with. Install one (Debian: apt-get install fonts-dejavu-core), or name a file: {nameof(PlotFont)}.{nameof(Use)}(\"font.ttf\").");

    /// <summary>The font as above, or null if there is none.</summary>
    internal static Face? Find(IEnumerable<string> texts)
    {
        lock (s_gate)
        {
            if ((s_chosen ?? OfMachine()) is not { } usual) return null;
            Rune[] letters = [.. string.Concat(texts).EnumerateRunes().Where(r => !Rune.IsControl(r) && !Rune.IsWhiteSpace(r)).Distinct()];
            Rune[] missing = [.. letters.Where(r => !usual.Typeface.ContainsGlyph(r.Value))];
            if (missing.Length == 0) return usual;
            int Lacks(Face face) => letters.Count(r => !face.Typeface.ContainsGlyph(r.Value));
            return missing.Select(r => SKFontManager.Default.MatchCharacter(r.Value)).OfType<SKTypeface>().DistinctBy(t => t.FamilyName)
                .Select(Named).Prepend(usual).MinBy(Lacks);
        }
    }

    static Face? OfMachine()
    {
        if (Has(SKTypeface.Default, Probe)) return Named(SKTypeface.Default);
        SKTypeface? any = SKFontManager.Default.FontFamilies.Select(SKTypeface.FromFamilyName).FirstOrDefault(t => t is not null && Has(t, Probe));
        return any is null ? null : Named(any);
    }

    static Face Named(SKTypeface typeface) => new(typeface.FamilyName, typeface.FamilyName, typeface);

    static bool Has(SKTypeface typeface, string text) => text.EnumerateRunes().All(r => typeface.ContainsGlyph(r.Value));

    /// <summary>Finds the fonts of files for ScottPlot, which knows fonts by names.</summary>
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
