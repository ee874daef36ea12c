using System.Collections;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.KerasSequential;

/// <summary>
/// The sizes of a tensor's dimensions, batch first; <see langword="null"/> is a size that is unknown until data arrives
/// (Keras' <c>None</c>). Collection expressions convert: <c>Shape s = [null, 28, 28];</c>.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape : IReadOnlyList<int?>, IEquatable<Shape>
{
    readonly int?[] _dims;

    /// <summary>Makes a shape of the given sizes.</summary>
    /// <param name="dims">The sizes; <see langword="null"/> for a variable one.</param>
    public Shape(params int?[] dims)
    {
        ArgumentNullException.ThrowIfNull(dims);
        _dims = (int?[])dims.Clone();
    }

    /// <summary>Makes a shape of the given sizes (the target of collection expressions).</summary>
    /// <param name="dims">The sizes; <see langword="null"/> for a variable one.</param>
    /// <returns>The shape.</returns>
    public static Shape Create(ReadOnlySpan<int?> dims) => new(dims.ToArray());

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dims.Length;

    /// <inheritdoc/>
    public int Count => _dims.Length;

    /// <summary>The size of a dimension; negative indices count from the end.</summary>
    /// <param name="index">The dimension.</param>
    /// <returns>Its size, or <see langword="null"/> if it is variable.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The dimension does not exist.</exception>
    public int? this[int index]
    {
        get
        {
            int at = index < 0 ? index + _dims.Length : index;
            return (uint)at < (uint)_dims.Length ? _dims[at]
                : throw new ArgumentOutOfRangeException(nameof(index), $"The shape {this} has no dimension {index}.");
        }
    }

    /// <summary>This shape with a variable batch dimension before it.</summary>
    /// <returns>The longer shape.</returns>
    public Shape WithBatch() => new([null, .. _dims]);

    /// <summary>This shape without its first dimension, the batch.</summary>
    /// <returns>The shorter shape.</returns>
    /// <exception cref="InvalidOperationException">The shape has no dimensions.</exception>
    public Shape WithoutBatch() =>
        Rank > 0 ? new(_dims[1..]) : throw new InvalidOperationException("A shape without dimensions has no batch.");

    /// <summary>Converts sizes that are all known.</summary>
    /// <param name="dims">The sizes.</param>
    public static implicit operator Shape(int[] dims)
    {
        ArgumentNullException.ThrowIfNull(dims);
        return new([.. dims]);
    }

    /// <summary>Converts sizes, some of which may be variable.</summary>
    /// <param name="dims">The sizes.</param>
    public static implicit operator Shape(int?[] dims) => new(dims);

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _dims.AsSpan().SequenceEqual(other._dims);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (int? dim in _dims) hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<int?> GetEnumerator() => ((IEnumerable<int?>)_dims).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The shape as Keras prints it: <c>(None, 28, 28)</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Format(_dims);

    internal static string Format(IEnumerable<int?> dims)
    {
        string[] parts = [
            .. dims.Select(d => d?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "None")];
        return parts.Length == 1 ? $"({parts[0]},)" : $"({string.Join(", ", parts)})";
    }

    internal static string Format(ReadOnlySpan<int> dims) => Format(dims.ToArray().Select(d => (int?)d));
}
