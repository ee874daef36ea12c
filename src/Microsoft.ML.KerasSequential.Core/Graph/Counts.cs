using System.Globalization;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Arithmetic on sizes that come from users, data and files: a count that does not fit 32 bits is an error that names
/// the sizes.
/// </summary>
internal static class Counts
{
    /// <summary>
    /// The maximum number of values in a tensor: kernels count in 32 bits and need headroom for a last chunk or grid
    /// past the end.
    /// </summary>
    public const int Largest = int.MaxValue - (1 << 24);

    /// <summary>
    /// The number of batches in a number of rows; a batch size above the number of rows is reduced to it.
    /// </summary>
    public static int Batches(int rows, int batchSize) => rows == 0 ? 0 : (rows - 1) / batchSize + 1;

    /// <inheritdoc cref="Batches(int, int)"/>
    public static long Batches(long rows, long batchSize) => rows == 0 ? 0 : (rows - 1) / batchSize + 1;

    /// <summary>The number of values in an array of a shape.</summary>
    /// <exception cref="ArgumentException">
    /// A size is negative, or there are more values than an array can hold.
    /// </exception>
    public static int Values(ReadOnlySpan<int> shape, string parameter = "shape")
    {
        foreach (int size in shape)
            if (size < 0) throw new ArgumentException($"A size cannot be negative: {Shape.Format(shape)}.", parameter);
        if (shape.Contains(0)) return 0;
        long product = 1;
        foreach (int size in shape)
        {
            product *= size;
            if (product > Array.MaxLength)
                throw new ArgumentException(
                    $"An array cannot have the shape {Shape.Format(shape)}: it would hold more than " +
                    $"{Array.MaxLength} values.", parameter);
        }
        return (int)product;
    }

    /// <summary>Returns a count that was computed in 64 bits, if it fits 32.</summary>
    /// <param name="count">The count.</param>
    /// <param name="what">What is counted, and the sizes it is made of.</param>
    /// <param name="parameter">The argument that causes it.</param>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static int Fits(long count, string what, string? parameter = null)
    {
        if (count is >= int.MinValue and <= int.MaxValue) return (int)count;
        string given = count.ToString(CultureInfo.InvariantCulture);
        throw new ArgumentException($"{what} would be {given}; the limit is {int.MaxValue}.", parameter);
    }
}
