using System.IO.Compression;

namespace Microsoft.ML.KerasSequential.Saving;

/// <summary>Weights hardly compress: what promises to become so much larger would fill the memory.</summary>
internal static class ZipLimit
{
    const int LargestFromLittle = 16 << 20, MaxRatio = 20;

    public static bool Exceeded(ZipArchiveEntry entry) => entry.Length > Math.Max(LargestFromLittle, MaxRatio * entry.CompressedLength);
}
