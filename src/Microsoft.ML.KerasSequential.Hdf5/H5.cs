using Microsoft.ML.KerasSequential.Graphs;
using PureHDF;
using PureHDF.VOL.Native;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Reads and writes the contents of Keras' files: strings and lists of strings as attributes, numbers as
/// datasets.</summary>
internal static class H5
{
    /// <summary>HDF5 limits the size of an object's header; Keras splits longer lists into parts.</summary>
    const int MaxParts = 1 << 16;

    const long LargeFailure = 64 << 20;

    /// <summary>Opens a file; the library's exceptions for damaged files are converted to one kind of error.</summary>
    /// <exception cref="InvalidDataException">It is not an HDF5 file, or is damaged.</exception>
    public static T Read<T>(Stream stream, string source, Func<NativeFile, T> read) => Guarded(source, () =>
    {
        using NativeFile file = H5File.Open(stream, leaveOpen: true);
        return read(file);
    });

    /// <summary>Reads something; the library's exceptions for damaged files are converted to one kind of
    /// error.</summary>
    /// <exception cref="InvalidDataException">The file is not an HDF5 file, or is damaged.</exception>
    public static T Guarded<T>(string source, Func<T> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return read();
        }
        catch (InvalidDataException e) when (!e.Message.Contains(source, StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"{source} is damaged, or its content does not match its extension: {e.Message}.", e);
        }
        catch (Exception e) when (e is not (InvalidDataException or ArgumentException or NotSupportedException)
            || e is ArgumentOutOfRangeException or ArgumentNullException)
        {
            // The library allocates as many bytes as a damaged length says before it detects that the file has fewer;
            // they are freed immediately.
            if (GC.GetAllocatedBytesForCurrentThread() - before > LargeFailure)
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            throw new InvalidDataException($"{source} is not an HDF5 file, or is damaged: {e.Message}", e);
        }
    }

    /// <summary>Reads a string attribute, or null.</summary>
    public static string? Text(IH5Object owner, string name) =>
        owner.AttributeExists(name) ? owner.Attribute(name).Read<string>() : null;

    /// <summary>Reads a list of strings, also one that Keras split into parts (<c>names0</c>, <c>names1</c> …); null if
    /// there is none.</summary>
    public static string[]? Texts(IH5Object owner, string name)
    {
        if (owner.AttributeExists(name)) return Texts(owner.Attribute(name));
        if (!owner.AttributeExists($"{name}0")) return null;
        var all = new List<string>();
        for (int part = 0; part < MaxParts && owner.AttributeExists($"{name}{part}"); part++)
            all.AddRange(Texts(owner.Attribute($"{name}{part}")));
        return [.. all];
    }

    /// <summary>Gets a group within a group, or null.</summary>
    public static IH5Group? Group(IH5Group owner, string name) =>
        owner.LinkExists(name) ? owner.Get(name) as IH5Group : null;

    /// <summary>Opens a dataset of numbers.</summary>
    /// <param name="owner">The group.</param>
    /// <param name="path">The dataset's path in it.</param>
    /// <param name="budget">The number of values that may still be read.</param>
    /// <exception cref="InvalidDataException">The dataset does not exist, or does not contain numbers.</exception>
    public static StoredNumbers Numbers(IH5Group owner, string path, NumberBudget budget)
    {
        if (!owner.LinkExists(path) || owner.Get(path) is not IH5Dataset dataset)
            throw new InvalidDataException($"it lacks the dataset {owner.Name}/{path}");
        var numbers = new StoredNumbers(dataset, $"{owner.Name}/{path}");
        budget.Spend(numbers.Size, $"the dataset {owner.Name}/{path}");
        return numbers;
    }

    /// <summary>Creates a dataset of float32.</summary>
    public static H5Dataset Dataset(NDArray values) =>
        values.Rank == 0 ? new H5Dataset(values.ToArray()[0])
        : new H5Dataset(values.ToArray(), fileDims: [.. values.Shape.ToArray().Select(d => (ulong)d)]);

    /// <summary>Creates a dataset of a weight: of int8 if it is stored so, else of float32.</summary>
    public static H5Dataset Dataset(Variable weight)
    {
        NDArray values = weight.GetValue();
        return weight.Format == ValueFormat.Int8 && values.Rank > 0
            ? new H5Dataset(Array.ConvertAll(values.ToArray(), ValueFormats.ToInteger),
                fileDims: [.. values.Shape.ToArray().Select(d => (ulong)d)])
            : Dataset(values);
    }

    /// <summary>A list of strings as an attribute; an empty list has type double, as Keras writes it.</summary>
    public static object Attribute(IReadOnlyList<string> texts) =>
        texts.Count == 0 ? new H5Attribute(Array.Empty<double>(), [0]) : texts.ToArray();

    /// <summary>Adds an object at a path, with the groups along the way.</summary>
    public static void Put(H5Group root, string path, object value)
    {
        string[] parts = path.Split('/');
        foreach (string part in parts[..^1])
        {
            if (!root.TryGetValue(part, out object? next)) root[part] = next = new H5Group();
            root = (H5Group)next;
        }
        root[parts[^1]] = value;
    }

    static string[] Texts(IH5Attribute attribute) =>
        attribute.Space.Dimensions.Any(d => d == 0) || attribute.Type.Class == H5DataTypeClass.FloatingPoint ? []
        : attribute.Read<string[]>();
}
