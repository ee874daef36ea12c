using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.KerasSequential.Tests;

/// <summary>Runs a file on ONNX Runtime over the rows of a data view, whatever the types of its inputs.</summary>
internal sealed class OnnxFileView : IDisposable
{
    readonly InferenceSession _session;
    readonly List<IDisposableReadOnlyCollection<DisposableNamedOnnxValue>> _results = [];

    public OnnxFileView(string file, IDataView data, int batch)
    {
        _session = new(file);
        Dictionary<string, Array[]> rows = _session.InputMetadata.Keys.ToDictionary(name => name,
            name => Read(data, data.Schema[name]));
        for (int start = 0; start < rows.First().Value.Length; start += batch)
            _results.Add(
                _session.Run([.. rows.Select(input => Input(input.Key, input.Value[start..(start + batch)]))]));
    }

    /// <summary>The names of the inputs.</summary>
    public IEnumerable<string> Inputs => _session.InputMetadata.Keys;

    /// <summary>The names of the outputs.</summary>
    public IEnumerable<string> Outputs => _session.OutputMetadata.Keys;

    /// <summary>An output, row by row.</summary>
    public Array[] Values(string output) =>
        [.. _results.SelectMany(batch => batch.Single(r => r.Name == output).Value switch
    {
        Tensor<float> t => Split(t),
        Tensor<double> t => Split(t),
        Tensor<sbyte> t => Split(t),
        Tensor<byte> t => Split(t),
        Tensor<short> t => Split(t),
        Tensor<ushort> t => Split(t),
        Tensor<int> t => Split(t),
        Tensor<ulong> t => Split(t),
        Tensor<uint> t => Split(t),
        Tensor<long> t => Split(t),
        Tensor<bool> t => Split(t),
        Tensor<string> t => Split(t),
        var other => throw new NotSupportedException(other.GetType().ToString()),
    })];

    /// <summary>The shape of an output in the first run.</summary>
    public int[] SizesOf(string output) => _results[0].Single(r => r.Name == output).Value switch
    {
        Tensor<float> t => t.Dimensions.ToArray(),
        var other => throw new NotSupportedException(other.GetType().ToString()),
    };

    /// <summary>A column, row by row; text as strings.</summary>
    public static Array[] Read(IDataView data, DataViewSchema.Column column)
    {
        Type type = (column.Type as VectorDataViewType)?.ItemType.RawType ?? column.Type.RawType;
        return (Array[])typeof(OnnxFileView)
            .GetMethod(nameof(ReadAs),
                System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!.MakeGenericMethod(
                    type).Invoke(null, [data, column])!;
    }

    public void Dispose()
    {
        foreach (IDisposable batch in _results) batch.Dispose();
        _session.Dispose();
    }

    static Array[] ReadAs<T>(IDataView data, DataViewSchema.Column column)
    {
        var rows = new List<Array>();
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<T>> vector = cursor.GetGetter<VBuffer<T>>(column);
            VBuffer<T> values = default;
            while (cursor.MoveNext())
            {
                vector(ref values);
                rows.Add(Plain(values.DenseValues().ToArray()));
            }
            return [.. rows];
        }
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        T value = default!;
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add(Plain([value]));
        }
        return [.. rows];
    }

    static Array Plain<T>(T[] values) =>
        values is ReadOnlyMemory<char>[] texts ? Array.ConvertAll(texts, t => t.ToString()) : values;

    static Array[] Split<T>(Tensor<T> tensor) =>
        [.. tensor.ToArray().Chunk((int)(tensor.Length / tensor.Dimensions[0]))];

    NamedOnnxValue Input(string name, Array[] rows)
    {
        int[] sizes = [rows.Length, .. _session.InputMetadata[name].Dimensions.Skip(1)];
        // By element types: an array of bytes passes for one of signed bytes.
        return Type.GetTypeCode(rows[0].GetType().GetElementType()) switch
        {
            TypeCode.Single => Of<float>(),
            TypeCode.Double => Of<double>(),
            TypeCode.SByte => Of<sbyte>(),
            TypeCode.Byte => Of<byte>(),
            TypeCode.Int16 => Of<short>(),
            TypeCode.UInt16 => Of<ushort>(),
            TypeCode.Int32 => Of<int>(),
            TypeCode.UInt32 => Of<uint>(),
            TypeCode.Int64 => Of<long>(),
            TypeCode.UInt64 => Of<ulong>(),
            TypeCode.Boolean => Of<bool>(),
            TypeCode.String => Of<string>(),
            var other => throw new NotSupportedException(other.ToString()),
        };

        NamedOnnxValue Of<T>() =>
            NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(rows.SelectMany(r => (T[])r).ToArray(), sizes));
    }
}
