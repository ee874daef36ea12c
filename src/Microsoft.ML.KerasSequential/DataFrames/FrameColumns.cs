using Microsoft.Data.Analysis;
using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.DataFrames;

/// <summary>Reads columns of a data frame as float32.</summary>
internal static class FrameColumns
{
    /// <summary>Finds columns by name.</summary>
    /// <exception cref="ArgumentException">A column does not exist, or no columns are given.</exception>
    public static DataFrameColumn[] Find(DataFrame frame, IReadOnlyList<string> names, string parameter)
    {
        if (names.Count == 0) throw new ArgumentException("At least one column is required.", parameter);
        return [.. names.Select(name => frame.Columns.FirstOrDefault(c => c.Name == name)
            ?? throw new ArgumentException($"There is no column \"{name}\". The columns are "
                + $"{string.Join(", ", frame.Columns.Select(c => $"\"{c.Name}\""))}.", parameter))];
    }

    /// <summary>Reads the columns side by side, one row per row of the frame; null becomes NaN.</summary>
    /// <exception cref="ArgumentException">A column is not numeric.</exception>
    public static NDArray Read(DataFrameColumn[] columns, string parameter)
    {
        int rows = Graphs.Counts.Fits(columns.Length == 0 ? 0 : columns[0].Length, "The rows of the frame", parameter);
        float[][] values = [.. columns.Select(c => Read(c, rows, parameter))];
        int[] widths = [.. values.Select((v, i) => rows == 0 ? WidthOf(columns[i]) : v.Length / rows)];
        int width = widths.Sum();
        var all = new NDArray(rows, width);
        for (int c = 0, start = 0; c < columns.Length; start += widths[c], c++)
        {
            for (int r = 0; r < rows; r++)
                values[c].AsSpan(r * widths[c], widths[c]).CopyTo(all.Span[(r * width + start)..]);
        }
        return all;
    }

    static int WidthOf(DataFrameColumn column) => column is VBufferDataFrameColumn<float> ? 0 : 1;

    static float[] Read(DataFrameColumn column, int rows, string parameter) => column switch
    {
        PrimitiveDataFrameColumn<float> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<double> c => [.. c.Select(v => (float)(v ?? double.NaN))],
        PrimitiveDataFrameColumn<bool> c => [.. c.Select(v => v is bool b ? b ? 1f : 0f : float.NaN)],
        PrimitiveDataFrameColumn<byte> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<sbyte> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<short> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<ushort> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<int> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<uint> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<long> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<ulong> c => [.. c.Select(v => v ?? float.NaN)],
        PrimitiveDataFrameColumn<decimal> c => [.. c.Select(v => v is decimal d ? (float)d : float.NaN)],
        VBufferDataFrameColumn<float> c => Vectors(c, rows, parameter),
        _ => throw new ArgumentException(
            $"The column \"{column.Name}\" contains {column.DataType.Name}, not numbers; encode it first.", parameter),
    };

    static float[] Vectors(VBufferDataFrameColumn<float> column, int rows, string parameter)
    {
        VBuffer<float>[] vectors = [.. column];
        int width = rows == 0 ? 0 : vectors[0].Length;
        var values = new float[rows * width];
        for (int r = 0; r < rows; r++)
        {
            if (vectors[r].Length != width)
                throw new ArgumentException($"The column \"{column.Name}\" has {width} values in its first row, but "
                    + $"{vectors[r].Length} in row {r}.", parameter);
            vectors[r].CopyTo(values.AsSpan(r * width, width));
        }
        return values;
    }
}
