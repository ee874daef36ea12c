using PureHDF;
using PureHDF.Selections;

namespace Microsoft.ML.KerasSequential.Hdf5;

/// <summary>Numbers of any type in a file, which are read on demand.</summary>
internal sealed class StoredNumbers
{
    /// <summary>Large datasets are read in parts of this size, to save memory.</summary>
    const int PartSize = 1 << 20;

    // Null if the numbers are computed from others.
    readonly IH5Dataset _dataset = null!;
    readonly string _path = "";
    readonly Func<float[]>? _converted;

    /// <param name="dataset">The dataset.</param>
    /// <param name="path">The dataset's path, for errors.</param>
    public StoredNumbers(IH5Dataset dataset, string path)
    {
        (_dataset, _path) = (dataset, path);
        Shape = [.. dataset.Space.Dimensions.Select(d => checked((int)d))];
        Size = Shape.Aggregate(1L, (p, d) => checked(p * d));
    }

    /// <summary>Numbers that are computed when they are read.</summary>
    /// <param name="shape">The shape of the numbers.</param>
    /// <param name="make">Computes the numbers.</param>
    public StoredNumbers(int[] shape, Func<float[]> make)
    {
        _converted = make;
        (Shape, Size) = (shape, shape.Aggregate(1L, (p, d) => checked(p * d)));
    }

    /// <summary>The same numbers converted when they are read.</summary>
    public StoredNumbers As(int[] shape, Func<NDArray, float[]> convert) => new(shape, () => convert(Read()));

    public int[] Shape { get; }

    public long Size { get; }

    /// <summary>Reads all numbers as float32.</summary>
    /// <exception cref="InvalidDataException">The dataset does not contain numbers.</exception>
    public NDArray Read()
    {
        var values = new NDArray(Shape);
        CopyTo(values.Span);
        return values;
    }

    /// <summary>Reads the numbers to a destination.</summary>
    /// <param name="destination">A span with as many elements as there are numbers.</param>
    /// <exception cref="InvalidDataException">The dataset does not contain numbers.</exception>
    public void CopyTo(Span<float> destination) => CopyTo(destination, 0, Shape.Length == 0 ? 1 : Shape[0]);

    /// <summary>Reads some rows to a destination; the others are not read.</summary>
    /// <param name="destination">A span with as many elements as the rows have numbers.</param>
    /// <param name="start">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <exception cref="InvalidDataException">The dataset does not contain numbers.</exception>
    public void CopyTo(Span<float> destination, int start, int rows)
    {
        if (_converted is not null)
        {
            _converted().CopyTo(destination);
            return;
        }
        switch (_dataset.Type.Class, _dataset.Type.Size)
        {
            case (H5DataTypeClass.FloatingPoint, 4): Copy<float>(destination, start, rows, v => v); break;
            case (H5DataTypeClass.FloatingPoint, 8): Copy<double>(destination, start, rows, v => (float)v); break;
            case (H5DataTypeClass.FloatingPoint, 2): Copy<Half>(destination, start, rows, v => (float)v); break;
            case (H5DataTypeClass.FixedPoint, 8): Copy<long>(destination, start, rows, v => v); break;
            case (H5DataTypeClass.FixedPoint, 4): Copy<int>(destination, start, rows, v => v); break;
            case (H5DataTypeClass.FixedPoint, 2) when _dataset.Type.FixedPoint.IsSigned:
                Copy<short>(destination, start,
                rows, v => v); break;
            case (H5DataTypeClass.FixedPoint, 2): Copy<ushort>(destination, start, rows, v => v); break;
            case (H5DataTypeClass.FixedPoint, 1) when _dataset.Type.FixedPoint.IsSigned:
                Copy<sbyte>(destination, start,
                rows, v => v); break;
            case (H5DataTypeClass.FixedPoint, 1): Copy<byte>(destination, start, rows, v => v); break;
            default:
                throw new InvalidDataException($"the dataset {_path} contains {_dataset.Type.Class} of "
                + $"{_dataset.Type.Size} bytes, which cannot be read as numbers");
        }
    }

    void Copy<T>(Span<float> destination, int start, int rows, Func<T, float> convert) where T : unmanaged
    {
        if (Size == 0 || rows == 0) return;
        if (Shape.Length == 0)
        {
            destination[0] = convert(_dataset.Read<T>());
            return;
        }
        int row = (int)(Size / Shape[0]), rowsPerPart = Math.Max(1, PartSize / Math.Max(1, row));
        if (rows == Shape[0] && rowsPerPart >= rows)
        {
            Convert(_dataset.Read<T[]>(), destination, convert);
            return;
        }
        T[] part = new T[Math.Min(rowsPerPart, rows) * row];
        for (int first = 0; first < rows; first += rowsPerPart)
        {
            int count = Math.Min(rowsPerPart, rows - first);
            if (count * row < part.Length) part = new T[count * row];
            ulong[] begin = new ulong[Shape.Length], size = [.. Shape.Select(d => (ulong)d)];
            (begin[0], size[0]) = ((ulong)(start + first), (ulong)count);
            _dataset.Read(part, new HyperslabSelection(Shape.Length, begin, size));
            Convert(part, destination[(first * row)..], convert);
        }
    }

    static void Convert<T>(T[] values, Span<float> destination, Func<T, float> convert)
    {
        if (values is float[] same)
        {
            same.CopyTo(destination);
            return;
        }
        for (int i = 0; i < values.Length; i++) destination[i] = convert(values[i]);
    }
}
