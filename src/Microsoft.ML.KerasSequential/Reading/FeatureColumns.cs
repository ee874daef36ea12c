using Microsoft.ML.Data;
using Microsoft.ML.KerasSequential.Layers;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>The feature columns, concatenated.</summary>
internal sealed class FeatureColumns
{
    readonly IReadOnlyList<string> _names;
    readonly int[] _sizes;
    readonly TextLayer? _text;

    FeatureColumns(IReadOnlyList<string> names, int[] sizes, TextLayer? text, int size) =>
        (_names, _sizes, _text, Size) = (names, sizes, text, size);

    /// <summary>The number of values in a row: for texts, the numbers that the network's first layer creates.</summary>
    public int Size { get; }

    /// <summary>The layer that turns the columns' texts into numbers, or null if the columns are numbers.</summary>
    public TextLayer? Text => _text;

    /// <summary>Whether the number of values depends on the text.</summary>
    bool IsVariable => _text is { KeepsShape: false } && _text.NumbersShape.Skip(1).Any(d => d is null);

    /// <summary>The number of values of each column.</summary>
    public IReadOnlyList<int> Sizes => _sizes;

    /// <summary>Finds the columns in a schema and determines the shape of a sample.</summary>
    /// <param name="schema">The input's schema.</param>
    /// <param name="names">The columns.</param>
    /// <param name="declared">The shape from the options or the first layer, or null; one size may be variable.</param>
    /// <param name="sample">The shape of a sample.</param>
    /// <param name="text">The network's first layer if it takes texts; otherwise null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, is not numeric (or not text, if the network
    /// takes texts), or does not fill the shape.</exception>
    public static FeatureColumns Find(DataViewSchema schema, IReadOnlyList<string> names, IReadOnlyList<int?>? declared,
        out int[] sample, TextLayer? text = null)
    {
        DataViewSchema.Column[] columns = [.. names.Select(n => Columns.Find(schema, n, "feature"))];
        foreach (DataViewSchema.Column column in columns)
        {
            if (text is null ? !ColumnReader.CanRead(column.Type) : !TextReader.CanRead(column.Type))
                throw Columns.Mismatch("feature", column.Name, Expected(text is not null), column.Type.ToString());
        }
        if (text is { KeepsShape: false }) return FindText(columns, names, text, out sample);
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
        return new(names, [.. sizes.Select(s => s!.Value)], text, total);
    }

    /// <summary>The columns of a trained network, whose sizes are known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing, is not numeric (or not text, if the network
    /// takes texts), or has another size.</exception>
    public static FeatureColumns Find(DataViewSchema schema, IReadOnlyList<string> names, int[] sample,
        TextLayer? text = null) => Find(schema, names, [.. sample.Select(d => (int?)d)], out _, text);

    /// <summary>What the columns must contain.</summary>
    public static string Expected(bool text) => text
        ? "text, because the network begins with a layer that takes text"
        : "numbers, Booleans or keys, as a vector or a single value";

    /// <summary>The columns with a size that all rows of data fit in: the rows are read if the size depends on the
    /// text.</summary>
    public FeatureColumns SizedFor(IEnumerable<IDataView> views, CancellationToken token)
    {
        if (!IsVariable) return this;
        int size = 1;
        foreach (IDataView view in views)
            foreach (string[] texts in Texts(view, token)) size = Math.Max(size, _text!.CallRows([texts]).RowSize);
        return new(_names, _sizes, _text, size);
    }

    /// <summary>Reads the texts of all rows.</summary>
    public IEnumerable<string[]> Texts(IDataView view, CancellationToken token)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(In(view.Schema).DistinctBy(c => c.Index));
        Reader reader = Open(cursor);
        for (long row = 0; cursor.MoveNext(); row++)
        {
            if (row % 1024 == 0) token.ThrowIfCancellationRequested();
            yield return reader.Texts();
        }
    }

    /// <summary>The columns in a schema.</summary>
    public IEnumerable<DataViewSchema.Column> In(DataViewSchema schema) => _names.Select(n => schema[n]);

    /// <summary>Reads the rows of a cursor, or one row.</summary>
    public Reader Open(DataViewRow row) => _text is null
        ? new(this, [.. _names.Select(n => ColumnReader.Of(row, row.Schema[n]))], [])
        : new(this, [], [.. _names.Select(n => new TextReader(row, row.Schema[n]))]);

    /// <summary>The column of a layer that splits its texts: one text.</summary>
    static FeatureColumns FindText(DataViewSchema.Column[] columns, IReadOnlyList<string> names, TextLayer text,
        out int[] sample)
    {
        if (columns is not [var column] || ColumnReader.SizeOf(column.Type) != 1)
            throw Columns.Mismatch("feature", string.Join("\", \"", names),
                $"one text for each row, which layer {text.Name} takes",
                string.Join(", ", columns.Select(c => c.Type)));
        int?[] numbers = [.. text.NumbersShape.Skip(1)];
        if (numbers.Any(d => d is null) && !text.IsVector)
            throw Complaint.About("layers", $"Layer {text.Name} creates as many numbers as a text has tokens. In a "
                + "pipeline, rows are scored independently of each other, so set `outputSequenceLength` to the number "
                + "of tokens to use, or an `outputMode` other than \"int\".");
        sample = [.. numbers.Select(d => d ?? 1)];
        return new(names, [1], text, sample.Aggregate(1, (p, d) => p * d));
    }

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
    public sealed class Reader(FeatureColumns features, ColumnReader[] numbers, TextReader[] texts)
    {
        readonly int[] _sizes = features._sizes;

        /// <summary>Reads the values of the cursor's current row.</summary>
        /// <exception cref="InvalidOperationException">A text has more tokens than there is space.</exception>
        public void Read(Span<float> destination)
        {
            if (features.Text is { } layer)
            {
                ReadOnlySpan<float> values = layer.CallRows([Texts()]).Span;
                if (values.Length > destination.Length)
                    throw new InvalidOperationException($"A text has {values.Length} tokens; the longest one had "
                        + $"{destination.Length} when the data was read before. The rows must not change.");
                // Only vectors have fewer numbers, for which −1 adds nothing.
                destination.Fill(-1);
                values.CopyTo(destination);
                return;
            }
            for (int i = 0, start = 0; i < numbers.Length; start += _sizes[i], i++)
                numbers[i].Read(destination.Slice(start, _sizes[i]));
        }

        /// <summary>Reads the texts of the cursor's current row.</summary>
        public string[] Texts()
        {
            var row = new string[_sizes.Sum()];
            for (int i = 0, start = 0; i < texts.Length; start += _sizes[i], i++)
                texts[i].Read(row.AsSpan(start, _sizes[i]));
            return row;
        }
    }
}
