using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>The properties of a label column that predictions depend on.</summary>
/// <param name="Name">The column.</param>
/// <param name="Kind">The kind of its values.</param>
/// <param name="Size">The number of values in a row; for a key, its number of possible values.</param>
/// <param name="IsVector">Whether the values form a vector.</param>
/// <param name="Values">The key values, or null.</param>
internal sealed record LabelSchema(string Name, LabelKind Kind, int Size, bool IsVector, KeyValues? Values)
{
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or not numeric.</exception>
    public static LabelSchema Of(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = Columns.Find(schema, name, "label");
        DataViewType item = column.Type.ItemType();
        if (!ColumnReader.CanRead(column.Type))
            throw Columns.Mismatch("label", name, "a key, Boolean or number, or a vector of them",
                column.Type.ToString());
        if (ColumnReader.SizeOf(column.Type) is not int size)
            throw Columns.Mismatch("label", name, "a vector of known size", column.Type.ToString());
        bool isVector = column.Type is VectorDataViewType;
        if (item is not KeyDataViewType key || isVector)
            return new(name, item is BooleanDataViewType ? LabelKind.Boolean : LabelKind.Number, size, isVector, null);
        if (key.Count is 0 or > int.MaxValue)
            throw Columns.Mismatch("label", name, "a key with a known number of values", column.Type.ToString());
        return new(name, LabelKind.Key, (int)key.Count, false, KeyValues.Of(column));
    }

    /// <summary>The properties known before there is data: a key is assumed to have two values.</summary>
    public static LabelSchema Of(SchemaShape shape, string name)
    {
        SchemaShape.Column column = Columns.Find(shape, name, "label");
        bool isVector = column.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (column.ItemType is not (NumberDataViewType or BooleanDataViewType))
            throw Columns.Mismatch("label", name, "a key, Boolean or number, or a vector of them",
                column.ItemType.ToString());
        if (!column.IsKey || isVector)
            return new(name, column.ItemType is BooleanDataViewType ? LabelKind.Boolean : LabelKind.Number,
                isVector ? 2 : 1, isVector, null);
        DataViewType? values = column.Annotations.Where(a => a.Name == KeyValues.Annotation).Select(a => a.ItemType)
            .FirstOrDefault();
        return new(name, LabelKind.Key, 2, false, values is null ? null : KeyValues.Placeholder(values, 2));
    }

    /// <summary>Whether predictions learned from another label can be compared with this one.</summary>
    public bool IsOfTypeOf(LabelSchema other) => (Kind, Size, IsVector) == (other.Kind, other.Size, other.IsVector);

    /// <summary>The names of the label's values, class by class, for a label with a given number of classes.</summary>
    public IReadOnlyList<string> ValueNames(int classes) =>
        Kind == LabelKind.Boolean && !IsVector ? [ClassWeights.Name(false), ClassWeights.Name(true)]
        : Values?.Names ?? [.. Enumerable.Range(0, classes).Select(i => ClassWeights.Name(i))];
}

/// <summary>The kinds of label values.</summary>
internal enum LabelKind
{
    Number,
    Boolean,
    Key,
}
