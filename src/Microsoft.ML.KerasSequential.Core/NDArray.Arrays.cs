namespace Microsoft.ML.KerasSequential;

// Conversions from .NET arrays of other element types, to the nearest float32 as in NumPy's `astype("float32")`.
public sealed partial class NDArray
{
    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(bool[] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(bool[,] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(bool[,,] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(bool[,,,] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(bool[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(byte[] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(byte[,] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(byte[,,] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(byte[,,,] values) => FromArray<byte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(byte[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(sbyte[] values) => FromArray<sbyte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(sbyte[,] values) => FromArray<sbyte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(sbyte[,,] values) => FromArray<sbyte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(sbyte[,,,] values) => FromArray<sbyte>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(sbyte[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(short[] values) => FromArray<short>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(short[,] values) => FromArray<short>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(short[,,] values) => FromArray<short>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(short[,,,] values) => FromArray<short>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(short[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(ushort[] values) => FromArray<ushort>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(ushort[,] values) => FromArray<ushort>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(ushort[,,] values) => FromArray<ushort>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(ushort[,,,] values) => FromArray<ushort>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(ushort[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(uint[] values) => FromArray<uint>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(uint[,] values) => FromArray<uint>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(uint[,,] values) => FromArray<uint>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(uint[,,,] values) => FromArray<uint>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(uint[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(long[] values) => FromArray<long>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(long[,] values) => FromArray<long>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(long[,,] values) => FromArray<long>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(long[,,,] values) => FromArray<long>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(long[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(ulong[] values) => FromArray<ulong>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(ulong[,] values) => FromArray<ulong>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(ulong[,,] values) => FromArray<ulong>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(ulong[,,,] values) => FromArray<ulong>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(ulong[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(Half[] values) => FromArray<Half>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(Half[,] values) => FromArray<Half>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(Half[,,] values) => FromArray<Half>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(Half[,,,] values) => FromArray<Half>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(Half[][] values) => FromRows(values);

    /// <inheritdoc cref="implicit operator NDArray(double[])"/>
    public static implicit operator NDArray(decimal[] values) => FromArray<decimal>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,])"/>
    public static implicit operator NDArray(decimal[,] values) => FromArray<decimal>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,])"/>
    public static implicit operator NDArray(decimal[,,] values) => FromArray<decimal>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[,,,])"/>
    public static implicit operator NDArray(decimal[,,,] values) => FromArray<decimal>(values);

    /// <inheritdoc cref="implicit operator NDArray(double[][])"/>
    public static implicit operator NDArray(decimal[][] values) => FromRows(values);
}
