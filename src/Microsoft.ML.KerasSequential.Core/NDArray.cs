using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.KerasSequential.Graphs;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// A dense array of float32 values in row-major order, with a shape: NumPy's <c>ndarray</c> as Keras uses it. Numbers,
/// .NET arrays, lists, spans and memory of numbers or Booleans convert implicitly: each number becomes the nearest
/// float32, so integers beyond 2²⁴ may be rounded; true is 1.
/// </summary>
public sealed partial class NDArray
{
    readonly float[] _data;
    readonly int[] _shape;

    /// <summary>Wraps values; the array is not copied.</summary>
    /// <param name="data">The values, in row-major order.</param>
    /// <param name="shape">The size of each dimension; none for a single number.</param>
    /// <exception cref="ArgumentException">The shape has a negative size, or does not match the number of
    /// values.</exception>
    public NDArray(float[] data, params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(shape);
        if (Counts.Values(shape) is var size && size != data.Length)
            throw new ArgumentException($"The shape {Microsoft.ML.KerasSequential.Shape.Format(shape)} holds {size} "
                + $"values, but {data.Length} were given.", nameof(data));
        _data = data;
        _shape = (int[])shape.Clone();
    }

    /// <summary>An array of zeros.</summary>
    /// <param name="shape">The size of each dimension.</param>
    /// <exception cref="ArgumentException">A size is negative, or there would be more values than an array can
    /// hold.</exception>
    public NDArray(params int[] shape) : this(new float[Counts.Values(NotNull(shape))], shape)
    {
    }

    /// <summary>The size of each dimension.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of dimensions.</summary>
    public int Rank => _shape.Length;

    /// <summary>The number of values.</summary>
    public int Size => _data.Length;

    /// <summary>The values, in row-major order.</summary>
    public Span<float> Span => _data;

    /// <summary>One value.</summary>
    /// <param name="indices">The position along each dimension.</param>
    /// <exception cref="ArgumentException">There is not one index for each dimension.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside its dimension.</exception>
    public float this[params int[] indices]
    {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
    }

    /// <summary>The number of values in one entry of the first dimension.</summary>
    internal int RowSize => Rank == 0 ? 1 : Counts.Values(_shape.AsSpan(1));

    /// <summary>The size of the first dimension: the number of samples.</summary>
    internal int Rows => Rank == 0 ? 1 : _shape[0];

    internal float[] Data => _data;

    /// <summary>A flat copy of the values.</summary>
    /// <returns>A new array, in row-major order.</returns>
    public float[] ToArray() => (float[])_data.Clone();

    /// <summary>A copy as a .NET tensor.</summary>
    /// <returns>A new tensor of the same shape.</returns>
    public System.Numerics.Tensors.Tensor<float> ToTensor() =>
        System.Numerics.Tensors.Tensor.Create(ToArray(), [.. _shape.Select(d => (nint)d)]);

    /// <summary>The same values with another shape; the memory is shared.</summary>
    /// <param name="shape">The new sizes; one may be −1 and is inferred.</param>
    /// <returns>A view.</returns>
    /// <exception cref="ArgumentException">The number of values differs.</exception>
    public NDArray Reshape(params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int[] target = (int[])shape.Clone();
        int free = Array.IndexOf(target, -1);
        if (target.Count(d => d == -1) > 1) throw new ArgumentException("Only one size can be -1.", nameof(shape));
        if (free >= 0)
        {
            target[free] = 1;
            int rest = Counts.Values(target);
            target[free] = rest == 0 ? 0 : Size / rest;
        }
        return new(_data, target);
    }

    /// <summary>Concatenates arrays along the first dimension.</summary>
    internal static NDArray Concatenate(IReadOnlyList<NDArray> arrays)
    {
        int[] shape = (int[])arrays[0]._shape.Clone();
        if (arrays.Any(a => !a.Shape[1..].SequenceEqual(shape.AsSpan(1))))
            throw new ArgumentException(
                "Arrays of shapes "
                + $"{string.Join(", ", arrays.Select(a => KerasSequential.Shape.Format(a.Shape)).Distinct())} cannot "
                + "be concatenated.", nameof(arrays));
        shape[0] = Counts.Fits(arrays.Sum(a => (long)a.Rows), $"The rows of {arrays.Count} arrays", nameof(arrays));
        _ = Counts.Values(shape, nameof(arrays));
        return new([.. arrays.SelectMany(a => a._data)], shape);
    }

    /// <summary>A copy of some entries of the first dimension, such as some samples.</summary>
    /// <param name="start">The first entry.</param>
    /// <param name="count">The number of entries.</param>
    /// <returns>A new array.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The entries do not exist.</exception>
    public NDArray Slice(int start, int count)
    {
        if (_shape.Length == 0)
            throw new ArgumentOutOfRangeException(nameof(start), "A number without dimensions has no entries.");
        if (start < 0 || count < 0 || (long)start + count > _shape[0])
            throw new ArgumentOutOfRangeException(nameof(start),
                $"An array of shape {KerasSequential.Shape.Format(_shape)} has no entries from {start} to "
                + $"{(long)start + count - 1}.");
        int row = RowSize;
        int[] shape = (int[])_shape.Clone();
        shape[0] = count;
        return new(_data.AsSpan(start * row, count * row).ToArray(), shape);
    }

    /// <summary>A number without dimensions.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator NDArray(float value) => new([value]);

    /// <summary>A number without dimensions, rounded to float32.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator NDArray(double value) => new([(float)value]);

    /// <summary>1 or 0, without dimensions.</summary>
    /// <param name="value">The Boolean.</param>
    public static implicit operator NDArray(bool value) => new([value ? 1f : 0f]);

    /// <summary>A number without dimensions.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator NDArray(int value) => new([(float)value]);

    /// <summary>A vector; the array is not copied.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(float[] values) => new(NotNull(values), values.Length);

    /// <summary>A copy as a matrix.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(float[,] values) => FromArray<float>(values);

    /// <summary>A copy with three dimensions.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(float[,,] values) => FromArray<float>(values);

    /// <summary>A copy with four dimensions.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(float[,,,] values) => FromArray<float>(values);

    /// <summary>A copy as a matrix; all rows have the same length.</summary>
    /// <param name="rows">The rows.</param>
    public static implicit operator NDArray(float[][] rows) => FromRows(rows);

    /// <summary>A copy as a vector, rounded to float32.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(double[] values) => FromArray<double>(values);

    /// <summary>A copy as a matrix, rounded to float32.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(double[,] values) => FromArray<double>(values);

    /// <summary>A copy with three dimensions, rounded to float32.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(double[,,] values) => FromArray<double>(values);

    /// <summary>A copy with four dimensions, rounded to float32.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(double[,,,] values) => FromArray<double>(values);

    /// <summary>A copy as a matrix, rounded to float32; all rows have the same length.</summary>
    /// <param name="rows">The rows.</param>
    public static implicit operator NDArray(double[][] rows) => FromRows(rows);

    /// <summary>A copy as a vector.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(int[] values) => FromArray<int>(values);

    /// <summary>A copy as a matrix.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(int[,] values) => FromArray<int>(values);

    /// <summary>A copy with three dimensions.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(int[,,] values) => FromArray<int>(values);

    /// <summary>A copy with four dimensions.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(int[,,,] values) => FromArray<int>(values);

    /// <summary>A copy as a matrix; all rows have the same length.</summary>
    /// <param name="rows">The rows.</param>
    public static implicit operator NDArray(int[][] rows) => FromRows(rows);

    /// <summary>A copy of a .NET tensor.</summary>
    /// <param name="tensor">The tensor.</param>
    public static implicit operator NDArray(System.Numerics.Tensors.Tensor<float> tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        float[] data = new float[Counts.Fits(tensor.FlattenedLength, "The values of the tensor", nameof(tensor))];
        tensor.FlattenTo(data);
        return new(data,
            [.. tensor.Lengths.ToArray().Select(l => Counts.Fits(l, "A size of the tensor", nameof(tensor)))]);
    }

    /// <summary>Returns the values in rows and columns, as NumPy prints them. Of more than 1,000 values, only the first
    /// and last of each dimension are shown.</summary>
    /// <returns>The text; several lines if there is more than one row.</returns>
    public override string ToString() => Utils.ArrayText.Of(this);

    static T NotNull<T>(T value) => value ?? throw new ArgumentNullException(nameof(value));

    static NDArray FromArray<T>(Array values) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return FromArray(values, typeof(T));
    }

    static NDArray FromArray(Array values, Type element)
    {
        int[] shape = [.. Enumerable.Range(0, values.Rank).Select(values.GetLength)];
        float[] data = new float[Counts.Fits(values.LongLength, "The values of the array", nameof(values))];
        Convert(element, ref MemoryMarshal.GetArrayDataReference(values), data);
        return new(data, shape);
    }

    static NDArray FromRows<T>(T[][] rows) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(rows);
        int columns = rows.Length == 0 ? 0 : NotNull(rows[0]).Length;
        float[] data = new float[Counts.Values([rows.Length, columns], nameof(rows))];
        for (int i = 0; i < rows.Length; i++)
        {
            if (NotNull(rows[i]).Length != columns)
                throw new ArgumentException($"Row {i} has {rows[i].Length} values, but row 0 has {columns}.",
                    nameof(rows));
            Convert<T>(rows[i], data.AsSpan(i * columns, columns));
        }
        return new(data, rows.Length, columns);
    }

    static void Convert<T>(ReadOnlySpan<T> source, Span<float> target) where T : unmanaged =>
        Convert(typeof(T), ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(source)), target[..source.Length]);

    /// <summary>Converts as many numbers as fit in the target.</summary>
    /// <param name="element">The type of the numbers.</param>
    /// <param name="values">The location of the first number.</param>
    /// <param name="target">The destination.</param>
    /// <exception cref="ArgumentException">The type is not numeric.</exception>
    static void Convert(Type element, ref byte values, Span<float> target)
    {
        if (element == typeof(float)) Numbers<float>(ref values, target.Length).CopyTo(target);
        else if (element == typeof(double)) Convert<double>(ref values, target);
        else if (element == typeof(int)) Convert<int>(ref values, target);
        else if (element == typeof(bool) || element == typeof(byte)) Convert<byte>(ref values, target);
        else if (element == typeof(long)) Convert<long>(ref values, target);
        else if (element == typeof(sbyte)) Convert<sbyte>(ref values, target);
        else if (element == typeof(short)) Convert<short>(ref values, target);
        else if (element == typeof(ushort)) Convert<ushort>(ref values, target);
        else if (element == typeof(uint)) Convert<uint>(ref values, target);
        else if (element == typeof(ulong)) Convert<ulong>(ref values, target);
        else if (element == typeof(Half)) Convert<Half>(ref values, target);
        else if (element == typeof(decimal)) Convert<decimal>(ref values, target);
        else throw new ArgumentException(
            $"An array of {element.Name} cannot be converted to an NDArray: its elements are not numbers.",
            nameof(values));
    }

    static void Convert<T>(ref byte source, Span<float> target) where T : unmanaged, INumberBase<T> =>
        TensorPrimitives.ConvertTruncating(Numbers<T>(ref source, target.Length), target);

    static ReadOnlySpan<T> Numbers<T>(ref byte source, int count) where T : unmanaged =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref source), count);

    int Offset(int[] indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Length != Rank)
            throw new ArgumentException(
                $"An array of {Rank} dimensions needs {Rank} indices, but {indices.Length} were given.",
                nameof(indices));
        int offset = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)_shape[i])
                throw new ArgumentOutOfRangeException(nameof(indices),
                    $"Index {indices[i]} is outside dimension {i} of size {_shape[i]}.");
            offset = offset * _shape[i] + indices[i];
        }
        return offset;
    }
}
