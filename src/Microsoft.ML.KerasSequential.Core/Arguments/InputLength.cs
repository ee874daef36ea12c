using System.Collections;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential;

/// <summary>The input length of an <see cref="Layers.Embedding"/>: one number of steps, or one size for each dimension
/// after the batch.</summary>
[CollectionBuilder(typeof(InputLength), nameof(Create))]
public sealed class InputLength : IEnumerable<int?>
{
    InputLength(int?[] values) => Values = values;

    internal int?[] Values { get; }

    /// <summary>Makes a list (the target of collection expressions).</summary>
    /// <param name="values">The sizes; null for one that can vary.</param>
    /// <returns>The lengths.</returns>
    public static InputLength Create(ReadOnlySpan<int?> values) => new(values.ToArray());

    /// <summary>One number of steps; null if it can vary.</summary>
    /// <param name="value">The number of steps.</param>
    public static implicit operator InputLength?(int? value) => value is null ? null : new([value]);

    /// <summary>One size for each dimension.</summary>
    /// <param name="values">The sizes.</param>
    public static implicit operator InputLength(int[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new([.. values]);
    }

    /// <summary>One size for each dimension, some of which can vary.</summary>
    /// <param name="values">The sizes; null for one that can vary.</param>
    public static implicit operator InputLength(int?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new([.. values]);
    }

    /// <summary>Two dimensions.</summary>
    /// <param name="values">The sizes.</param>
    public static implicit operator InputLength((int?, int?) values) => new([values.Item1, values.Item2]);

    /// <summary>Three dimensions.</summary>
    /// <param name="values">The sizes.</param>
    public static implicit operator InputLength((int?, int?, int?) values) =>
        new([values.Item1, values.Item2, values.Item3]);

    /// <inheritdoc/>
    public IEnumerator<int?> GetEnumerator() => ((IEnumerable<int?>)Values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
