using System.Runtime.InteropServices;

namespace Microsoft.ML.KerasSequential;

// Five-dimensional arrays, triply nested arrays, lists, spans and memory.
public sealed partial class NDArray
{
    /// <summary>A copy with five dimensions, such as a batch of videos, rounded to float32.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(double[,,,,] values) => FromArray<double>(values);

    /// <summary>A copy with three dimensions, rounded to float32; all arrays at a level have the same length.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(double[][][] values) => FromArray(values);

    /// <summary>A copy as a vector, rounded to float32.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(List<double> values) => FromList(values);

    /// <summary>A copy as a matrix, rounded to float32; all rows have the same length.</summary>
    /// <param name="rows">The rows.</param>
    public static implicit operator NDArray(List<double[]> rows) => FromRows(NotNull(rows).ToArray());

    /// <inheritdoc cref="implicit operator NDArray(List{double[]})"/>
    public static implicit operator NDArray(List<List<double>> rows) =>
        FromRows(NotNull(rows).Select(r => NotNull(r).ToArray()).ToArray());

    /// <summary>A copy as a vector, rounded to float32. Writable spans also convert.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(ReadOnlySpan<double> values) => FromSpan(values);

    /// <summary>A copy as a vector, rounded to float32.</summary>
    /// <param name="values">The values.</param>
    public static implicit operator NDArray(ReadOnlyMemory<double> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<double> values) => FromSpan<double>(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,,])"/>
    public static implicit operator NDArray(float[,,,,] values) => FromArray<float>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,,])"/>
    public static implicit operator NDArray(int[,,,,] values) => FromArray<int>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,,])"/>
    public static implicit operator NDArray(byte[,,,,] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][][])"/>
    public static implicit operator NDArray(float[][][] values) => FromArray(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][][])"/>
    public static implicit operator NDArray(int[][][] values) => FromArray(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][][])"/>
    public static implicit operator NDArray(bool[][][] values) => FromArray(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][][])"/>
    public static implicit operator NDArray(byte[][][] values) => FromArray(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][][])"/>
    public static implicit operator NDArray(long[][][] values) => FromArray(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<float> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<int> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<bool> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<byte> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<sbyte> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<short> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<ushort> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<uint> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<long> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<ulong> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<Half> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double})"/>
    public static implicit operator NDArray(List<decimal> values) => FromList(values);

    /// <inheritdoc cref="implicit operator NDArray(List{double[]})"/>
    public static implicit operator NDArray(List<float[]> rows) => FromRows(NotNull(rows).ToArray());

    /// <inheritdoc cref="implicit operator NDArray(List{double[]})"/>
    public static implicit operator NDArray(List<List<float>> rows) =>
        FromRows(NotNull(rows).Select(r => NotNull(r).ToArray()).ToArray());

    /// <inheritdoc cref="implicit operator NDArray(List{double[]})"/>
    public static implicit operator NDArray(List<int[]> rows) => FromRows(NotNull(rows).ToArray());

    /// <inheritdoc cref="implicit operator NDArray(List{double[]})"/>
    public static implicit operator NDArray(List<List<int>> rows) =>
        FromRows(NotNull(rows).Select(r => NotNull(r).ToArray()).ToArray());

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlySpan{double})"/>
    public static implicit operator NDArray(ReadOnlySpan<float> values) => FromSpan(values);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(ReadOnlyMemory<float> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<float> values) => FromSpan<float>(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlySpan{double})"/>
    public static implicit operator NDArray(ReadOnlySpan<int> values) => FromSpan(values);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(ReadOnlyMemory<int> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<int> values) => FromSpan<int>(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlySpan{double})"/>
    public static implicit operator NDArray(ReadOnlySpan<bool> values) => FromSpan(values);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(ReadOnlyMemory<bool> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<bool> values) => FromSpan<bool>(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlySpan{double})"/>
    public static implicit operator NDArray(ReadOnlySpan<byte> values) => FromSpan(values);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(ReadOnlyMemory<byte> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<byte> values) => FromSpan<byte>(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlySpan{double})"/>
    public static implicit operator NDArray(ReadOnlySpan<short> values) => FromSpan(values);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(ReadOnlyMemory<short> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<short> values) => FromSpan<short>(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlySpan{double})"/>
    public static implicit operator NDArray(ReadOnlySpan<uint> values) => FromSpan(values);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(ReadOnlyMemory<uint> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<uint> values) => FromSpan<uint>(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlySpan{double})"/>
    public static implicit operator NDArray(ReadOnlySpan<long> values) => FromSpan(values);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(ReadOnlyMemory<long> values) => FromSpan(values.Span);

    /// <inheritdoc cref="implicit operator NDArray(ReadOnlyMemory{double})"/>
    public static implicit operator NDArray(Memory<long> values) => FromSpan<long>(values.Span);

    /// <summary>
    /// Copies an array of numbers or Booleans of any type and any number of dimensions, or nested arrays of the same
    /// shape (NumPy's <c>array</c>).
    /// </summary>
    /// <param name="values">The array.</param>
    /// <returns>A new array; numbers are rounded to float32, true is 1.</returns>
    /// <exception cref="ArgumentException">The elements are not numbers, or the nested arrays differ in
    /// shape.</exception>
    public static NDArray FromArray(Array values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Type element = values.GetType().GetElementType()!;
        return element.IsArray ? Stack(values, element) : FromArray(values, element);
    }

    /// <summary>Stacks nested arrays, all of the same shape.</summary>
    static NDArray Stack(Array values, Type element)
    {
        NDArray[] parts = [.. values.Cast<Array>()
            .Select((part,
                i) => FromArray(part ?? throw new ArgumentException($"Array {i} is null.", nameof(values))))];
        if (parts.FirstOrDefault(p => !p.Shape.SequenceEqual(parts[0].Shape)) is { } other)
        {
            throw new ArgumentException("All nested arrays must have the same shape, but array 0 has "
                + $"{KerasSequential.Shape.Format(parts[0].Shape)} "
                + $"and array {Array.IndexOf(parts, other)} has {KerasSequential.Shape.Format(other.Shape)}.",
                nameof(values));
        }
        int[] inner = parts.Length > 0 ? parts[0]._shape : new int[RankOf(element)];
        return new([.. parts.SelectMany(p => p._data)],
            [.. Enumerable.Range(0, values.Rank).Select(values.GetLength), .. inner]);
    }

    static int RankOf(Type array) =>
        array.GetArrayRank() + (array.GetElementType() is { IsArray: true } inner ? RankOf(inner) : 0);

    static NDArray FromList<T>(List<T> values) where T : unmanaged =>
        FromSpan<T>(CollectionsMarshal.AsSpan(NotNull(values)));

    static NDArray FromSpan<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        float[] data = new float[values.Length];
        Convert(values, data);
        return new(data, data.Length);
    }
}
