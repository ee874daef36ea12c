using System.Globalization;
using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>The key values of a column: text, numbers or Booleans, from the annotation <c>KeyValues</c>.</summary>
/// <param name="ItemType">The type of the values.</param>
/// <param name="Names">The values as round-trippable text.</param>
internal sealed record KeyValues(PrimitiveDataViewType ItemType, IReadOnlyList<string> Names)
{
    public const string Annotation = "KeyValues";

    static readonly PrimitiveDataViewType[] s_types =
    [
        TextDataViewType.Instance, BooleanDataViewType.Instance, NumberDataViewType.Single, NumberDataViewType.Double,
        NumberDataViewType.SByte, NumberDataViewType.Byte,
        NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32, NumberDataViewType.UInt32,
        NumberDataViewType.Int64, NumberDataViewType.UInt64,
    ];

    /// <summary>A column's key values, or null if it has none, or their type is not supported (such as
    /// dates).</summary>
    public static KeyValues? Of(DataViewSchema.Column column)
    {
        if (column.Annotations.Schema.GetColumnOrNull(Annotation)?.Type is not VectorDataViewType { ItemType: { } item }
            || !s_types.Contains(item))
            return null;
        return new(item, item.RawType switch
        {
            Type t when t == typeof(ReadOnlyMemory<char>) => Read<ReadOnlyMemory<char>>(column),
            Type t when t == typeof(bool) => Read<bool>(column),
            Type t when t == typeof(float) => Read<float>(column),
            Type t when t == typeof(double) => Read<double>(column),
            Type t when t == typeof(sbyte) => Read<sbyte>(column),
            Type t when t == typeof(byte) => Read<byte>(column),
            Type t when t == typeof(short) => Read<short>(column),
            Type t when t == typeof(ushort) => Read<ushort>(column),
            Type t when t == typeof(int) => Read<int>(column),
            Type t when t == typeof(uint) => Read<uint>(column),
            Type t when t == typeof(long) => Read<long>(column),
            _ => Read<ulong>(column),
        });
    }

    /// <summary>Placeholder values of a type.</summary>
    public static KeyValues? Placeholder(DataViewType type, int count) =>
        type is PrimitiveDataViewType item && s_types.Contains(item)
        ? new(item,
            [.. Enumerable.Repeat(type is TextDataViewType ? "" : type is BooleanDataViewType ? "False" : "0", count)])
            : null;

    /// <summary>Gets a type by its name in files.</summary>
    /// <exception cref="InvalidDataException">The type is unknown.</exception>
    public static PrimitiveDataViewType TypeNamed(string name) =>
        Array.Find(s_types, t => t.ToString() == name)
        ?? throw new InvalidDataException($"the key values have an unknown type, \"{name}\"");

    /// <summary>Adds the values under a name to a column's annotations.</summary>
    public void AddTo(DataViewSchema.Annotations.Builder annotations, string name)
    {
        var type = new VectorDataViewType(ItemType, Names.Count);
        annotations.Add(name, type, ItemType.RawType switch
        {
            Type t when t == typeof(ReadOnlyMemory<char>) => Getter(n => n.AsMemory()),
            Type t when t == typeof(bool) => Getter(bool.Parse),
            Type t when t == typeof(float) => Numbers<float>(),
            Type t when t == typeof(double) => Numbers<double>(),
            Type t when t == typeof(sbyte) => Numbers<sbyte>(),
            Type t when t == typeof(byte) => Numbers<byte>(),
            Type t when t == typeof(short) => Numbers<short>(),
            Type t when t == typeof(ushort) => Numbers<ushort>(),
            Type t when t == typeof(int) => Numbers<int>(),
            Type t when t == typeof(uint) => Numbers<uint>(),
            Type t when t == typeof(long) => Numbers<long>(),
            _ => Numbers<ulong>(),
        });
    }

    static string[] Read<T>(DataViewSchema.Column column)
    {
        VBuffer<T> values = default;
        column.Annotations.GetValue(Annotation, ref values);
        return [.. values.DenseValues()
            .Select(v => v is ReadOnlyMemory<char> text ? text.ToString() : ClassWeights.Name(v!))];
    }

    Delegate Numbers<T>() where T : IParsable<T> => Getter(n => T.Parse(n, CultureInfo.InvariantCulture));

    Delegate Getter<T>(Func<string, T> parse)
    {
        T[] values = [.. Names.Select(parse)];
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) =>
        {
            VBufferEditor<T> editor = VBufferEditor.Create(ref destination, values.Length);
            values.CopyTo(editor.Values);
            destination = editor.Commit();
        });
    }
}
