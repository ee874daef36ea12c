using System.Globalization;

namespace Microsoft.ML.KerasSequential.Graphs;

/// <summary>
/// Arithmetic on sizes that users, data and files give: what 32 bits cannot count is an error that names the sizes.
/// </summary>
internal static class Counts
{
    /// <summary>
    /// The values that a tensor may have: kernels count in 32 bits, and need room for a last chunk or grid behind the end.
    /// </summary>
    public const int Largest = int.MaxValue - (1 << 24);

    /// <summary>How many batches there are of some rows; a batch larger than the rows is the rows.</summary>
    public static int Batches(int rows, int batchSize) => rows == 0 ? 0 : (rows - 1) / batchSize + 1;

    /// <inheritdoc cref="Batches(int, int)"/>
    public static long Batches(long rows, long batchSize) => rows == 0 ? 0 : (rows - 1) / batchSize + 1;

    /// <summary>The values that an array of some shape has.</summary>
    /// <exception cref="ArgumentException">A size is negative, or there are more values than an array can hold.</exception>
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
                    $"An array cannot have the shape {Shape.Format(shape)}: it would hold more than {Array.MaxLength} values.", parameter);
        }
        return (int)product;
    }

    /// <summary>A count that was computed in 64 bits, if 32 can hold it.</summary>
    /// <param name="count">The count.</param>
    /// <param name="what">What is counted, and of which sizes it is made.</param>
    /// <param name="parameter">The argument that asks for it.</param>
    /// <exception cref="ArgumentException">They cannot.</exception>
    public static int Fits(long count, string what, string? parameter = null)
    {
        if (count is >= int.MinValue and <= int.MaxValue) return (int)count;
        string given = count.ToString(CultureInfo.InvariantCulture);
        throw new ArgumentException($"{what} would be {given}; the limit is {int.MaxValue}.", parameter);
    }
}
