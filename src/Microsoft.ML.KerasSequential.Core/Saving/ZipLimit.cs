using System.IO.Compression;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Weights hardly compress: what promises to become so much larger would fill the memory.</summary>
internal static class ZipLimit
{
    const int LargestFromLittle = 16 << 20, LargestText = 8 << 20, MaxRatio = 20;

    public static bool Exceeded(ZipArchiveEntry entry) => entry.Length > Math.Max(LargestFromLittle, MaxRatio * entry.CompressedLength);

    /// <summary>The most bytes that a text may have: a configuration is large only if it holds values, such as those of an initializer.</summary>
    public static int OfText(ZipArchiveEntry entry) => (int)Math.Min(Math.Max(LargestText, MaxRatio * entry.CompressedLength), Array.MaxLength - 1);
}
