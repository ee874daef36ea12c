using System.Collections.Concurrent;
using Microsoft.ML.KerasSequential.Graphs;
using Microsoft.ML.KerasSequential.Ops;
using Microsoft.ML.KerasSequential.Saving;

namespace Microsoft.ML.KerasSequential;

// Sizes, types and names.
public static partial class K
{
    static readonly ConcurrentDictionary<string, int> s_uids = new(StringComparer.Ordinal);

    /// <summary>The shape of a tensor as a vector, computed at run time (Keras <c>K.shape</c>).
    /// <see cref="Tensor.Shape"/> has the sizes known beforehand.</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>A vector with a number for each dimension.</returns>
    public static Tensor Shape(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Dims.All(d => d.Constant is not null))
            return Constant(new NDArray([.. x.Dims.Select(d => (float)d.Constant!.Value)], x.Rank));
        return Concatenate([.. x.Dims.Select(d => new Tensor(new Reshape(new(1)), SizeTensor(d)))], axis: 0);
    }

    /// <summary>The shape of a tensor, null for a variable size: the same as <see cref="Tensor.Shape"/> (Keras
    /// <c>K.int_shape</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>The shape.</returns>
    public static Shape IntShape(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Shape;
    }

    /// <summary>The number of dimensions: the same as <see cref="Tensor.Rank"/> (Keras <c>K.ndim</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>The number.</returns>
    public static int Ndim(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Rank;
    }

    /// <summary>The number of elements as a tensor without dimensions, computed at run time (Keras
    /// <c>K.size</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>The number.</returns>
    public static Tensor Size(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return SizeTensor(x.Dims.Size);
    }

    /// <summary>The type of a tensor's elements, always <c>float32</c> (Keras <c>K.dtype</c>).</summary>
    /// <param name="x">A tensor.</param>
    /// <returns>The name.</returns>
    public static string Dtype(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Floatx();
    }

    /// <summary>The type of all elements, <c>float32</c> (Keras <c>K.floatx</c>).</summary>
    /// <returns>The name.</returns>
    public static string Floatx() => "float32";

    /// <summary>
    /// Gets the policy of layers and models that are created without one (Keras <c>keras.config.dtype_policy</c>).
    /// </summary>
    /// <returns>The policy; <c>float32</c> unless <see cref="SetDtypePolicy"/> was called.</returns>
    public static DTypePolicy DtypePolicy() => DTypePolicy.Global;

    /// <summary>
    /// Sets the policy of layers and models that are created from now on without one (Keras
    /// <c>keras.config.set_dtype_policy</c>). It applies to all threads.
    /// </summary>
    /// <param name="policy">The policy, by name or as an object.</param>
    public static void SetDtypePolicy(DTypePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        DTypePolicy.Global = policy;
    }

    /// <summary>The array itself, since all arrays are float32 (Keras <c>K.cast_to_floatx</c>).</summary>
    /// <param name="x">An array, or what converts to one.</param>
    /// <returns>The array.</returns>
    public static NDArray CastToFloatx(NDArray x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x;
    }

    /// <summary>
    /// The values that elements have after a conversion to another type, as float32 (Keras <c>K.cast</c>). For an
    /// integer type, fractions are truncated toward 0; for <c>bool</c>, all values except 0 become 1. For
    /// floating-point types, elements are unchanged.
    /// </summary>
    /// <param name="x">A tensor.</param>
    /// <param name="dtype"><c>bool</c>, <c>int8</c> to <c>int64</c>, <c>uint8</c> to <c>uint64</c>, <c>float16</c> to
    /// <c>float64</c>.</param>
    /// <returns>A tensor of the same shape; only floating-point types pass a gradient on.</returns>
    /// <exception cref="ArgumentException">The type is unknown.</exception>
    public static Tensor Cast(Tensor x, string dtype)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(dtype);
        return dtype switch
        {
            "float16" or "float32" or "float64" => x,
            "int8" or "int16" or "int32" or "int64" or "uint8" or "uint16" or "uint32" or "uint64" =>
                StopGradient(Sign(x) * Floor(Abs(x))),
            "bool" => NotEqual(x, 0),
            _ => throw new ArgumentException(
                $"Cast: unknown type \"{dtype}\"; expected bool, int8 to int64, uint8 to uint64 and float16 to " +
                "float64.", nameof(dtype)),
        };
    }

    /// <summary>The default data format of functions and layers:
    /// <c>channels_last</c> (Keras <c>K.image_data_format</c>).</summary>
    /// <returns>The name.</returns>
    public static string ImageDataFormat() => DataFormat.Name(false);

    /// <summary>Checks the name of a data format (Keras <c>K.normalize_data_format</c>).</summary>
    /// <param name="value"><c>channels_last</c>, <c>channels_first</c>, or null for
    /// <see cref="ImageDataFormat"/>.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static string NormalizeDataFormat(string? value) => DataFormat.Name(DataFormat.IsChannelsFirst(value));

    /// <summary>Prefixes the names of tensors created until it is disposed (Keras
    /// <c>K.name_scope</c>).</summary>
    /// <param name="name">The name.</param>
    /// <returns>An object that ends the scope.</returns>
    public static IDisposable NameScope(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return TraceScope.Name(name);
    }

    /// <summary>The next number for a prefix, from 1 (Keras <c>K.get_uid</c>). Layers do not use it: they are numbered
    /// per model.</summary>
    /// <param name="prefix">The name.</param>
    /// <returns>The number.</returns>
    public static int GetUid(string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return s_uids.AddOrUpdate(prefix, 1, (_, last) => last + 1);
    }

    /// <summary>Resets all numbers of <see cref="GetUid"/> (Keras <c>K.reset_uids</c>).</summary>
    public static void ResetUids() => s_uids.Clear();

    static Tensor SizeTensor(Dim size) => size.Constant is int constant ? Scalar(constant) : new(new SizeOf(size));
}
