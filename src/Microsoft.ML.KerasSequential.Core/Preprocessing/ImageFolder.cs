namespace Microsoft.ML.KerasSequential.Preprocessing;

/// <summary>The images in a folder whose subfolders are the classes.</summary>
internal sealed class ImageFolder
{
    static readonly string[] s_extensions = [".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff"];

    readonly List<string> _names = [];
    readonly List<int> _labels = [];

    /// <summary>Finds the images.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="classes">The subfolders in the order of the classes; by default, all of them, sorted by
    /// name.</param>
    /// <param name="followLinks">Whether links to folders inside a class are followed.</param>
    /// <param name="share">The fraction of each class's images to use: from the first number to the second.</param>
    /// <exception cref="DirectoryNotFoundException">The folder, or the subfolder of a class, does not
    /// exist.</exception>
    /// <exception cref="ArgumentException">A class is named twice.</exception>
    public ImageFolder(string folder, IEnumerable<string>? classes, bool followLinks, (double From, double To) share)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder {Path.GetFullPath(folder)} does not exist.");
        string[] found = [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)!)
            .Order(StringComparer.Ordinal)];
        string[] given = classes?.ToArray() ?? [];
        Classes = given.Length == 0 ? found : given;
        foreach (string name in Classes)
        {
            if (string.IsNullOrEmpty(name) || !Directory.Exists(Path.Combine(folder, name)))
                throw new DirectoryNotFoundException(
                    $"The folder {Path.GetFullPath(folder)} has no subfolder for the class \"{name}\"; it has "
                    + $"{(found.Length == 0 ? "none" : string.Join(", ", found))}.");
        }
        if (Classes.Distinct().Count() < Classes.Count)
            throw new ArgumentException($"Each class must be named once; given {string.Join(", ", Classes)}.",
                nameof(classes));
        for (int label = 0; label < Classes.Count; label++)
        {
            string[] images = [.. Images(Path.Combine(folder, Classes[label]), followLinks)];
            foreach (string image in images[(int)(share.From * images.Length)..(int)(share.To * images.Length)])
            {
                _names.Add(Path.GetRelativePath(folder, image));
                _labels.Add(label);
            }
        }
    }

    public IReadOnlyList<string> Classes { get; }

    /// <summary>The images, class by class, as paths relative to the folder.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The class of each image.</summary>
    public IReadOnlyList<int> Labels => _labels;

    public static string Extensions => string.Join(", ", s_extensions);

    /// <summary>Folder by folder in path order, and by name within each: Keras' order, on which splits
    /// depend.</summary>
    static IEnumerable<string> Images(string folder, bool followLinks) =>
        from inner in Folders(new(folder), followLinks, []).OrderBy(f => f.FullName, StringComparer.Ordinal)
        from file in inner.EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal)
        where s_extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase)
        select Path.Combine(folder, Path.GetRelativePath(folder, file.FullName));

    /// <summary>A folder and all folders below it; links back to a containing folder are not followed.</summary>
    static IEnumerable<DirectoryInfo> Folders(DirectoryInfo folder, bool followLinks, string[] above)
    {
        string real = (folder.ResolveLinkTarget(returnFinalTarget: true) ?? folder).FullName;
        if (above.Contains(real)) yield break;
        yield return folder;
        foreach (DirectoryInfo inner in folder.EnumerateDirectories())
        {
            if (inner.LinkTarget is not null && !followLinks) continue;
            foreach (DirectoryInfo below in Folders(inner, followLinks, [.. above, real])) yield return below;
        }
    }
}
