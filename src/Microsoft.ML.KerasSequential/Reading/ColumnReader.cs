using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Reading;

/// <summary>Reads numbers from one column of a row, as float32. Booleans are 0 and 1; keys are their values from 1, and
/// 0 if missing.</summary>
internal abstract class ColumnReader
{
    /// <summary>Reads the value of the cursor's current row; a sparse vector's missing entries are 0.</summary>
    /// <param name="destination">A span with as many elements as the column has values.</param>
    /// <exception cref="InvalidOperationException">A vector of variable size has a different size in this
    /// row.</exception>
    public abstract void Read(Span<float> destination);

    /// <summary>The number of values for this type, or null if it varies from row to row.</summary>
    public static int? SizeOf(DataViewType type) =>
        type is VectorDataViewType vector ? vector.IsKnownSize ? vector.Size : null : 1;

    /// <summary>Whether a type can be read.</summary>
    public static bool CanRead(DataViewType type) =>
        (type.ItemType() is NumberDataViewType or BooleanDataViewType or KeyDataViewType)
        && IsNumber(type.ItemType().RawType);

    /// <summary>Creates a reader for a column of a row or cursor.</summary>
    /// <exception cref="ArgumentException">The column is not numeric.</exception>
    public static ColumnReader Of(DataViewRow row, DataViewSchema.Column column)
    {
        Type item = column.Type.ItemType().RawType;
        return column.Type.ItemType().RawType switch
        {
            Type t when t == typeof(float) =>
                column.Type is VectorDataViewType ? new FloatVector(row, column)
                : new Scalar<float>(row, column, v => v),
            Type t when t == typeof(double) => New<double>(row, column, v => (float)v),
            Type t when t == typeof(bool) => New<bool>(row, column, v => v ? 1 : 0),
            Type t when t == typeof(byte) => New<byte>(row, column, v => v),
            Type t when t == typeof(sbyte) => New<sbyte>(row, column, v => v),
            Type t when t == typeof(short) => New<short>(row, column, v => v),
            Type t when t == typeof(ushort) => New<ushort>(row, column, v => v),
            Type t when t == typeof(int) => New<int>(row, column, v => v),
            Type t when t == typeof(uint) => New<uint>(row, column, v => v),
            Type t when t == typeof(long) => New<long>(row, column, v => v),
            Type t when t == typeof(ulong) => New<ulong>(row, column, v => v),
            _ => throw new ArgumentException(
                $"The column \"{column.Name}\" contains {item.Name}, not numbers, Booleans or keys."),
        };
    }

    static bool IsNumber(Type type) =>
        Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.Double or TypeCode.Boolean;

    static ColumnReader New<T>(DataViewRow row, DataViewSchema.Column column, Func<T, float> convert) where T
        : unmanaged =>
        column.Type is VectorDataViewType ? new Vector<T>(row, column, convert) : new Scalar<T>(row, column, convert);

    static void CheckLength(string name, int length, int expected, DataViewRow row)
    {
        if (length != expected)
            throw new InvalidOperationException(
                $"The column \"{name}\" has {length} values in row {row.Position}; the network expects {expected}.");
    }

    /// <summary>The common case, without a conversion.</summary>
    sealed class FloatVector(DataViewRow row, DataViewSchema.Column column) : ColumnReader
    {
        readonly ValueGetter<VBuffer<float>> _getter = row.GetGetter<VBuffer<float>>(column);
        VBuffer<float> _value;

        public override void Read(Span<float> destination)
        {
            _getter(ref _value);
            CheckLength(column.Name, _value.Length, destination.Length, row);
            _value.CopyTo(destination);
        }
    }

    sealed class Vector<T>(DataViewRow row, DataViewSchema.Column column, Func<T, float> convert) : ColumnReader where T
        : unmanaged
    {
        readonly ValueGetter<VBuffer<T>> _getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> _value;

        public override void Read(Span<float> destination)
        {
            _getter(ref _value);
            CheckLength(column.Name, _value.Length, destination.Length, row);
            ReadOnlySpan<T> values = _value.GetValues();
            if (_value.IsDense)
            {
                for (int i = 0; i < values.Length; i++) destination[i] = convert(values[i]);
                return;
            }
            destination.Fill(convert(default));
            ReadOnlySpan<int> indices = _value.GetIndices();
            for (int i = 0; i < values.Length; i++) destination[indices[i]] = convert(values[i]);
        }
    }

    sealed class Scalar<T>(DataViewRow row, DataViewSchema.Column column, Func<T, float> convert) : ColumnReader where T
        : unmanaged
    {
        readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        T _value;

        public override void Read(Span<float> destination)
        {
            _getter(ref _value);
            destination[0] = convert(_value);
        }
    }
}
