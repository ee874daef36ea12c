namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Writes files atomically: under a temporary name in the same folder, flushed to disk, then renamed. Missing
/// folders are created.</summary>
internal static class AtomicFile
{
    /// <summary>Creates the folder of a file, if it does not exist.</summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public static void MakeFolder(string path) =>
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);

    /// <exception cref="IOException">The file exists and must not be replaced, or cannot be written; the existing file
    /// stays unchanged.</exception>
    public static void Write(string path, bool overwrite, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        if (!overwrite && File.Exists(full))
            throw new IOException($"The file {full} already exists; pass overwrite: true to replace it.");
        MakeFolder(full);
        string beside = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, full, overwrite);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
