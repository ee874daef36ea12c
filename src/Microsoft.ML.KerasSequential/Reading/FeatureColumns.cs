using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>The feature columns, concatenated.</summary>
internal sealed class FeatureColumns
{
    readonly IReadOnlyList<string> _names;
    readonly int[] _sizes;

    FeatureColumns(IReadOnlyList<string> names, int[] sizes) => (_names, _sizes, Size) = (names, sizes, sizes.Sum());

    /// <summary>The number of values in a row.</summary>
    public int Size { get; }

    /// <summary>The number of values of each column.</summary>
    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Finds the columns in a schema and determines the shape of a sample.</summary>
    /// <param name="schema">The input's schema.</param>
    /// <param name="names">The columns.</param>
    /// <param name="declared">The shape from the options or the first layer, or null; one size may be variable.</param>
    /// <param name="sample">The shape of a sample.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, is not numeric, or does not fill the
    /// shape.</exception>
    public static FeatureColumns Find(DataViewSchema schema, IReadOnlyList<string> names, IReadOnlyList<int?>? declared,
        out int[] sample)
    {
        DataViewSchema.Column[] columns = [.. names.Select(n => Columns.Find(schema, n, "feature"))];
        foreach (DataViewSchema.Column column in columns)
        {
            if (!ColumnReader.CanRead(column.Type))
                throw Columns.Mismatch("feature", column.Name,
                    "numbers, Booleans or keys, as a vector or a single value", column.Type.ToString());
        }
        int?[] sizes = [.. columns.Select(c => ColumnReader.SizeOf(c.Type))];
        bool isKnown = declared?.All(d => d is not null) == true;
        if (Array.FindIndex(sizes, s => s is null) is >= 0 and var free)
        {
            if (!isKnown || sizes.Count(s => s is null) > 1)
                throw Columns.Mismatch("feature", columns[free].Name,
                    "a vector of known size (or one such column, and an InputShape with its size)",
                    columns[free].Type.ToString());
            sizes[free] = (int)Math.Max(0, Product(declared!) - sizes.Sum(s => (long)(s ?? 0)));
        }
        int total = Graphs.Counts.Fits(sizes.Sum(s => (long)s!.Value), "The values of all feature columns",
            nameof(names));
        sample = declared is null ? ShapeOf(columns, total) : Fill(declared, total, names);
        return new(names, [.. sizes.Select(s => s!.Value)]);
    }

    /// <summary>The columns of a trained network, whose sizes are known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, is not numeric, or has another
    /// size.</exception>
    public static FeatureColumns Find(DataViewSchema schema, IReadOnlyList<string> names, int[] sample) =>
        Find(schema, names, [.. sample.Select(d => (int?)d)], out _);

    /// <summary>The columns in a schema.</summary>
    public IEnumerable<DataViewSchema.Column> In(DataViewSchema schema) => _names.Select(n => schema[n]);

    /// <summary>Reads the rows of a cursor, or one row.</summary>
    public Reader Open(DataViewRow row) => new([.. _names.Select(n => ColumnReader.Of(row, row.Schema[n]))], _sizes);

    /// <summary>A vector may itself have several dimensions, such as an image.</summary>
    static int[] ShapeOf(DataViewSchema.Column[] columns, int total) =>
        columns is [{ Type: VectorDataViewType { Dimensions: { Length: > 1 } several } }] && several.All(d => d > 0)
        ? [.. several] : [total];

    static int[] Fill(IReadOnlyList<int?> declared, int total, IReadOnlyList<string> names)
    {
        int known = Product(declared), free = declared.Count(d => d is null);
        bool fits = free == 0 ? known == total : free == 1 && known > 0 && total % known == 0 && total > 0;
        if (!fits)
        {
            string wanted = string.Join(
                ", ", declared.Select(d => d?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"));
            throw new ArgumentOutOfRangeException(nameof(names),
                $"Schema mismatch for feature column{(names.Count == 1 ? "" : "s")} "
                + $"\"{string.Join("\", \"", names)}\": a sample of the network has the shape "
                + $"({wanted}){(free > 1 ? ", whose sizes must be given by InputShape" : "")}"
                + $"{(free > 1 ? "" : $", {known} values{(free == 1 ? " or a multiple" : "")}")}, "
                + $"but got {total} values per row.");
        }
        return [.. declared.Select(d => d ?? total / known)];
    }

    static int Product(IReadOnlyList<int?> sizes) => Graphs.Counts.Values([.. sizes.Select(d => d ?? 1)]);

    /// <summary>Reads the columns of one cursor.</summary>
    public sealed class Reader(ColumnReader[] columns, int[] sizes)
    {
        /// <summary>Reads the values of the cursor's current row.</summary>
        public void Read(Span<float> destination)
        {
            for (int i = 0, start = 0; i < columns.Length; start += sizes[i], i++)
                columns[i].Read(destination.Slice(start, sizes[i]));
        }
    }
}
