using System.Collections;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential;

/// <summary>How long the inputs of an <see cref="Layers.Embedding"/> are: one number of steps, or a number for each dimension behind the batch.</summary>
[CollectionBuilder(typeof(InputLength), nameof(Create))]
public sealed class InputLength : IEnumerable<int?>
{
    InputLength(int?[] values) => Values = values;

    internal int?[] Values { get; }

    /// <summary>Makes a list (the target of collection expressions).</summary>
    /// <param name="values">The numbers; null for one that is free.</param>
    /// <returns>The lengths.</returns>
    public static InputLength Create(ReadOnlySpan<int?> values) => new(values.ToArray());

    /// <summary>One number of steps; null for none that is fixed.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator InputLength?(int? value) => value is null ? null : new([value]);

    /// <summary>A number for each dimension.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator InputLength(int[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new([.. values]);
    }

    /// <summary>A number for each dimension, of which some may be free.</summary>
    /// <param name="values">The numbers; null for one that is free.</param>
    public static implicit operator InputLength(int?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new([.. values]);
    }

    /// <summary>Two dimensions.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator InputLength((int?, int?) values) => new([values.Item1, values.Item2]);

    /// <summary>Three dimensions.</summary>
    /// <param name="values">The numbers.</param>
    public static implicit operator InputLength((int?, int?, int?) values) => new([values.Item1, values.Item2, values.Item3]);

    /// <inheritdoc/>
    public IEnumerator<int?> GetEnumerator() => ((IEnumerable<int?>)Values).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
