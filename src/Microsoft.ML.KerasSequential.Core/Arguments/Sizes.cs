using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential;

/// <summary>One number for each spatial dimension, such as a kernel size: one for all of them, or a list (Keras takes
/// an integer or a tuple).</summary>
[CollectionBuilder(typeof(Sizes), nameof(Create))]
public sealed class Sizes : IEnumerable<int>
{
    readonly int[] _values;

    Sizes(int[] values) => _values = values;

    /// <summary>Makes a list (the target of collection expressions).</summary>
    /// <param name="values">The numbers.</param>
    /// <returns>The sizes.</returns>
    public static Sizes Create(ReadOnlySpan<int> values) => new(values.ToArray());

    /// <summary>The same number for all dimensions.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Sizes(int value) => new([value]);

    /// <summary>One number for each dimension; a null array gives null.</summary>
    /// <param name="values">The numbers.</param>
    [return: NotNullIfNotNull(nameof(values))]
    public static implicit operator Sizes?(int[]? values) => values is null ? null : new((int[])values.Clone());

    /// <summary>Two dimensions.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Sizes((int, int) values) => new([values.Item1, values.Item2]);

    /// <summary>Three dimensions.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator Sizes((int, int, int) values) => new([values.Item1, values.Item2, values.Item3]);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>One number for each of <paramref name="rank"/> dimensions, each 1 or more (Keras
    /// <c>normalize_tuple</c>).</summary>
    internal int[] For(int rank, string name)
    {
        int[] values = Spread(rank, name, name);
        if (values.Any(v => v < 1))
            throw new ArgumentOutOfRangeException(name,
                $"The numbers of `{name}` must be 1 or more; given {string.Join(", ", _values)}.");
        return values;
    }

    /// <summary>One number for each of <paramref name="rank"/> dimensions, without a range check.</summary>
    internal int[] Spread(int rank, string name, string parameter)
    {
        int[] values = _values.Length == 1 ? [.. Enumerable.Repeat(_values[0], rank)] : (int[])_values.Clone();
        if (values.Length != rank)
            throw new ArgumentException(
                $"The `{name}` argument must be {rank} numbers, or one for all; given {string.Join(", ", _values)}.",
                parameter);
        return values;
    }
}
