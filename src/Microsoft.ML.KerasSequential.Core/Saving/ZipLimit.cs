using System.IO.Compression;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Weights hardly compress, so an entry that would expand much more is rejected to protect memory.</summary>
internal static class ZipLimit
{
    const int LargestFromLittle = 16 << 20, LargestText = 8 << 20, MaxRatio = 20;

    public static bool Exceeded(ZipArchiveEntry entry) =>
        entry.Length > Math.Max(LargestFromLittle, MaxRatio * entry.CompressedLength);

    /// <summary>The maximum size of a text in bytes; a configuration is large only if it contains values, such as those
    /// of an initializer.</summary>
    public static int OfText(ZipArchiveEntry entry) =>
        (int)Math.Min(Math.Max(LargestText, MaxRatio * entry.CompressedLength), Array.MaxLength - 1);
}
