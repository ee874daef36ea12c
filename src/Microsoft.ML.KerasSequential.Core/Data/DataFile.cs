using System.IO.Compression;

namespace Microsoft.ML.KerasSequential.Data;

/// <summary>Files of data, which may be packed by gzip.</summary>
internal static class DataFile
{
    /// <summary>DEFLATE makes nothing smaller than by this factor, so that a file says how large its contents can
    /// be.</summary>
    const int MostDeflated = 1032;

    /// <summary>Opens a file; one that begins as gzip does is unpacked.</summary>
    public static Stream Open(string path) => Open(path, out _);

    /// <summary>Opens a file; one that begins as gzip does is unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">How many bytes there can be at most.</param>
    public static Stream Open(string path, out long most)
    {
        ArgumentNullException.ThrowIfNull(path);
        FileStream file = File.OpenRead(path);
        bool isPacked = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        most = isPacked ? Math.Min(file.Length, long.MaxValue / MostDeflated) * MostDeflated : file.Length;
        return isPacked ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
