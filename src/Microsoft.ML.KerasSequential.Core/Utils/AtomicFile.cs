namespace Microsoft.ML.KerasSequential.Utils;

/// <summary>Files that are whole or not there: written beside their place, flushed to the disk, then renamed. A folder that does not exist is made.</summary>
internal static class AtomicFile
{
    /// <summary>Makes the folder of a file, if there is none.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void MakeFolder(string path) => Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);

    /// <exception cref="IOException">The file exists and must not be replaced, or it cannot be written; what was there stays.</exception>
    public static void Write(string path, bool overwrite, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        if (!overwrite && File.Exists(full)) throw new IOException($"The file {full} exists already; give overwrite: true to replace it.");
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
