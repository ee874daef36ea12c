using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>The columns that the network sees, one after the other.</summary>
internal sealed class FeatureColumns
{
    readonly IReadOnlyList<string> _names;
    readonly int[] _sizes;

    FeatureColumns(IReadOnlyList<string> names, int[] sizes) => (_names, _sizes, Size) = (names, sizes, sizes.Sum());

    /// <summary>The numbers in a row.</summary>
    public int Size { get; }

    /// <summary>The numbers of each column in a row.</summary>
    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Finds the columns in a schema and works out the shape of a sample.</summary>
    /// <param name="schema">The input's schema.</param>
    /// <param name="names">The columns.</param>
    /// <param name="declared">The shape that the options or the first layer give, or null; one size may be free.</param>
    /// <param name="sample">The shape of a sample.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, holds no numbers, or does not fill the shape.</exception>
    public static FeatureColumns Find(DataViewSchema schema, IReadOnlyList<string> names, IReadOnlyList<int?>? declared, out int[] sample)
    {
        DataViewSchema.Column[] columns = [.. names.Select(n => Columns.Find(schema, n, "feature"))];
        foreach (DataViewSchema.Column column in columns)
        {
            if (!ColumnReader.CanRead(column.Type)) throw Columns.Mismatch("feature", column.Name, "numbers, Booleans or keys, as a vector or a value", column.Type.ToString());
        }
        int?[] sizes = [.. columns.Select(c => ColumnReader.SizeOf(c.Type))];
        bool isKnown = declared?.All(d => d is not null) == true;
        if (Array.FindIndex(sizes, s => s is null) is >= 0 and var free)
        {
            if (!isKnown || sizes.Count(s => s is null) > 1)
                throw Columns.Mismatch("feature", columns[free].Name, "a vector of a known size (or one such column, and an InputShape that says its size)", columns[free].Type.ToString());
            sizes[free] = (int)Math.Max(0, Product(declared!) - sizes.Sum(s => (long)(s ?? 0)));
        }
        int total = Graphs.Counts.Fits(sizes.Sum(s => (long)s!.Value), "The numbers of all feature columns", nameof(names));
        sample = declared is null ? ShapeOf(columns, total) : Fill(declared, total, names);
        return new(names, [.. sizes.Select(s => s!.Value)]);
    }

    /// <summary>The columns of a trained network, whose sizes are known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, holds no numbers, or has another size.</exception>
    public static FeatureColumns Find(DataViewSchema schema, IReadOnlyList<string> names, int[] sample) => Find(schema, names, [.. sample.Select(d => (int?)d)], out _);

    /// <summary>The columns' places in a schema.</summary>
    public IEnumerable<DataViewSchema.Column> In(DataViewSchema schema) => _names.Select(n => schema[n]);

    /// <summary>Reads the rows of a cursor, or one row.</summary>
    public Reader Open(DataViewRow row) => new([.. _names.Select(n => ColumnReader.Of(row, row.Schema[n]))], _sizes);

    /// <summary>A vector may have several dimensions itself, as an image has.</summary>
    static int[] ShapeOf(DataViewSchema.Column[] columns, int total) =>
        columns is [{ Type: VectorDataViewType { Dimensions: { Length: > 1 } several } }] && several.All(d => d > 0) ? [.. several] : [total];

    static int[] Fill(IReadOnlyList<int?> declared, int total, IReadOnlyList<string> names)
    {
        int known = Product(declared), free = declared.Count(d => d is null);
        bool fits = free == 0 ? known == total : free == 1 && known > 0 && total % known == 0 && total > 0;
        if (!fits)
        {
            string wanted = $"({string.Join(", ", declared.Select(d => d?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))})";
            throw new ArgumentOutOfRangeException(nameof(names), $"Schema mismatch for feature column{(names.Count == 1 ? "" : "s")} \"{string.Join("\", \"", names)}\": a sample of the network has the shape {wanted}{(free > 1 ? ", of which InputShape has to say the sizes" : $", {known} values{(free == 1 ? " or a multiple" : "")}")}, but got {total} values a row.");
        }
        return [.. declared.Select(d => d ?? total / known)];
    }

    static int Product(IReadOnlyList<int?> sizes) => Graphs.Counts.Values([.. sizes.Select(d => d ?? 1)]);

    /// <summary>Reads the columns of one cursor.</summary>
    public sealed class Reader(ColumnReader[] columns, int[] sizes)
    {
        /// <summary>The numbers of the row where the cursor stands.</summary>
        public void Read(Span<float> destination)
        {
            for (int i = 0, start = 0; i < columns.Length; start += sizes[i], i++) columns[i].Read(destination.Slice(start, sizes[i]));
        }
    }
}
