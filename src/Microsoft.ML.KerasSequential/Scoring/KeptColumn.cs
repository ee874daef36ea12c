using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.KerasSequential.Scoring;

/// <summary>The values of a column of the input for the rows of a block.</summary>
internal abstract class KeptColumn
{
    static readonly MethodInfo s_value = Definition(Value<int>), s_vector = Definition(Vector<int>);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the value of the current row.</summary>
    public abstract Delegate Getter { get; }

    /// <summary>Makes space for blocks of a given size.</summary>
    public abstract void Grow(int rows);

    /// <summary>Keeps the value of the input's current row.</summary>
    public abstract void Keep(int row);

    /// <param name="input">The input.</param>
    /// <param name="column">The column.</param>
    /// <param name="current">The current row in the block.</param>
    public static KeptColumn Of(DataViewRow input, DataViewSchema.Column column, Func<int> current) =>
        (KeptColumn)(column.Type is VectorDataViewType vector ? s_vector.MakeGenericMethod(vector.ItemType.RawType)
            : s_value.MakeGenericMethod(column.Type.RawType))
            .Invoke(null, [input, column, current])!;

    static MethodInfo Definition(Func<DataViewRow, DataViewSchema.Column, Func<int>, KeptColumn> make) =>
        make.Method.GetGenericMethodDefinition();

    static KeptColumn Value<T>(DataViewRow input, DataViewSchema.Column column, Func<int> current) =>
        new Values<T>(input, column, current);

    static KeptColumn Vector<T>(DataViewRow input, DataViewSchema.Column column, Func<int> current) =>
        new Vectors<T>(input, column, current);

    sealed class Values<T>(DataViewRow input, DataViewSchema.Column column, Func<int> current) : KeptColumn
    {
        // A getter fills the buffer that it is given, so each row has its own; vectors keep their arrays from block to
        // block.
        readonly ValueGetter<T> _getter = input.GetGetter<T>(column);
        T[] _values = [];

        public override Delegate Getter => (ValueGetter<T>)((ref T value) => value = _values[current()]);

        public override void Grow(int rows) => Array.Resize(ref _values, rows);

        public override void Keep(int row) => _getter(ref _values[row]);
    }

    /// <summary>A vector is copied to the caller's buffer, because the kept one is reused.</summary>
    sealed class Vectors<T>(DataViewRow input, DataViewSchema.Column column, Func<int> current) : KeptColumn
    {
        readonly ValueGetter<VBuffer<T>> _getter = input.GetGetter<VBuffer<T>>(column);
        VBuffer<T>[] _values = [];

        public override Delegate Getter =>
            (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[current()].CopyTo(ref value));

        public override void Grow(int rows) => Array.Resize(ref _values, rows);

        public override void Keep(int row) => _getter(ref _values[row]);
    }
}
